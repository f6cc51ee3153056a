"""The pages of campaigns."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.marketing.campaigns import actions
from baton.marketing.campaigns.models import Campaign
from baton.marketing.campaigns.rules import tagged
from baton.marketing.email.models import Broadcast
from baton.marketing.segments.models import Segment
from baton.marketing.segments.reads import in_any_of
from baton.people.leads.models import Lead
from baton.people.panels import drawn
from baton.platform import wiring
from baton.platform.accounts.access import Request, may
from baton.platform.forms import number_of
from baton.platform.money import decimals
from baton.platform.organisation import organisation

BIGGEST_MINOR = 10**15


class CampaignForm(forms.ModelForm):
    """What a person types of a campaign; the budget in the major unit."""

    budget = forms.DecimalField(required=False, min_value=0, max_value=10**12)

    class Meta:
        model = Campaign
        fields = ["name", "code", "objective", "channel", "description", "starts_on", "ends_on", "owner"]
        widgets = {
            "starts_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["budget"].label = Campaign._meta.get_field("budget_minor").verbose_name
        if self.instance.pk and self.instance.budget_minor is not None:
            self.fields["budget"].initial = Decimal(self.instance.budget_minor) / 10 ** decimals(self.instance.currency)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It ends before it starts."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Field values for the action."""
        currency = self.instance.currency or organisation().currency
        budget = self.cleaned_data["budget"]
        minor = None if budget is None else int(budget * 10 ** decimals(currency))
        return {name: self.cleaned_data[name] for name in self.Meta.fields} | {
            "budget_minor": minor,
            "currency": currency,
        }


@may("marketing.view")
def campaign_list(request: Request) -> HttpResponse:
    """Every campaign, the newest first, with leads and what is spent."""
    found = Campaign.objects.live().select_related("owner").annotate(spent=Sum("costs__amount_minor"))
    leads = dict(Lead.objects.live().order_by().values_list("campaign_code").annotate(Count("pk")))
    return render(request, "marketing/campaigns/list.html", {"campaigns": found, "leads": leads})


@may("marketing.view")
def campaign(request: Request, campaign_id: int) -> HttpResponse:
    """One campaign: its figures on both horizons, budget, costs, parts."""
    found = get_object_or_404(Campaign.objects.live().select_related("owner"), pk=campaign_id)
    return render(
        request,
        "marketing/campaigns/campaign.html",
        {
            "campaign": found,
            "figures": drawn(getattr(wiring.page(), "CAMPAIGN_PANELS", []), request, found),
            "spent": found.costs.aggregate(all=Sum("amount_minor", default=0))["all"],
            "costs": list(found.costs.order_by("-on", "-pk")[:12]),
            "emails": list(Broadcast.objects.live().filter(campaign=found).order_by("-pk")[:12]),
            "forms": list(found.forms.filter(deleted_at=None).annotate(sent=Count("submissions"))),
            "audience": list(found.segments.live()),
            "people": len(in_any_of(found.segments.live())),
            "today": timezone.localdate(),
            "link": _link(request, found),
        },
    )


def _link(request: Request, found: Campaign) -> dict[str, str]:
    """What was typed into the link builder, and the link it makes."""
    typed = {name: request.GET.get(name, "").strip()[:300] for name in ("to", "source", "medium", "content")}
    website = organisation().website
    values = {"source": typed["source"], "medium": typed["medium"], "campaign": found.code, "content": typed["content"]}
    return {**typed, "to": typed["to"] or website, "made": tagged(typed["to"] or website, **values)}


@may("marketing.change")
def new_campaign(request: Request) -> HttpResponse:
    """A form for a new campaign."""
    return _edit(request, Campaign(owner=request.user))


@may("marketing.change")
def edit_campaign(request: Request, campaign_id: int) -> HttpResponse:
    """The campaign's form."""
    return _edit(request, get_object_or_404(Campaign.objects.live(), pk=campaign_id))


@require_POST
@may("marketing.change")
def add_segment_to_campaign(request: Request, segment_id: int) -> HttpResponse:
    """POST from a segment: make it part of whom a campaign is for."""
    segment = get_object_or_404(Segment.objects.live(), pk=segment_id)
    found = Campaign.objects.live().filter(pk=number_of(request.POST.get("campaign")) or 0).first()
    if found is None:
        messages.warning(request, _("Choose a campaign."))
        return redirect(segment)
    actions.add_segment(found, segment, actor=request.user)
    said = _("%(campaign)s is for %(segment)s, too.") % {"campaign": found, "segment": segment}
    undo = reverse("remove_segment_from_campaign", kwargs={"campaign_id": found.pk, "segment_id": segment.pk})
    messages.success(request, said, extra_tags=f"undo={undo}")
    return redirect(segment)


@require_POST
@may("marketing.change")
def remove_segment_from_campaign(request: Request, campaign_id: int, segment_id: int) -> HttpResponse:
    """POST: the campaign is no longer for a segment."""
    found = get_object_or_404(Campaign.objects.live(), pk=campaign_id)
    actions.remove_segment(found, get_object_or_404(Segment, pk=segment_id), actor=request.user)
    return redirect(found)


@require_POST
@may("marketing.change")
def add_cost(request: Request, campaign_id: int) -> HttpResponse:
    """POST: money spent on a day."""
    found = get_object_or_404(Campaign.objects.live(), pk=campaign_id)
    on = parse_date(request.POST.get("on", ""))
    try:
        amount = Decimal(request.POST.get("amount", "").replace(" ", "").replace(",", "."))
        minor = int((amount * 10 ** decimals(found.currency)).to_integral_value())
    except (InvalidOperation, ValueError, OverflowError):
        minor = BIGGEST_MINOR
    if on is None or abs(minor) >= BIGGEST_MINOR or minor == 0:
        messages.error(request, _("Give a day and an amount such as 1250.00. Nothing was recorded."))
        return redirect(found)
    note = request.POST.get("note", "").strip()[:200]
    actions.add_cost(found, on=on, amount_minor=minor, note=note, actor=request.user)
    messages.success(request, _("Cost recorded."))
    return redirect(found)


def _edit(request: Request, found: Campaign) -> HttpResponse:
    form = CampaignForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        stored = Campaign.objects.get(pk=found.pk) if found.pk else Campaign()
        saved = actions.save_campaign(stored, form.values(), actor=request.user, now=timezone.now())
        messages.success(request, _("%(campaign)s is saved.") % {"campaign": saved})
        return redirect(saved)
    context = {"form": form, "campaign": found if found.pk else None}
    return render(request, "marketing/campaigns/edit.html", context, status=422 if form.errors else 200)
