"""The lead SLA's page: what is in force, the draft, and its approval."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.handoff.agreement import actions
from baton.handoff.agreement.forms import LABELS, AgreementForm
from baton.handoff.agreement.models import WEEKDAYS, Agreement
from baton.handoff.agreement.reads import ready_now
from baton.handoff.agreement.reasons import ACTIONS
from baton.handoff.routing.actions import take_seat
from baton.handoff.routing.models import Seat
from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal


@may("handoff.view")
def lead_sla(request: Request) -> HttpResponse:
    """What marketing and sales agreed: the version in force, who is next, earlier versions."""
    active = actions.agreement_in_force()
    return render(
        request,
        "handoff/agreement/lead_sla.html",
        {
            "agreement": active,
            "draft": Agreement.objects.filter(state=Agreement.State.DRAFT).first(),
            "versions": Agreement.objects.filter(state=Agreement.State.RETIRED).select_related("approved_by"),
            "seats": Seat.objects.select_related("user"),
            "does": ACTIONS,
            "days": [(label, active.hours.get(day)) for day, label in zip(WEEKDAYS, LABELS, strict=True)],
            "ready": ready_now(active),
        },
    )


@require_POST
@may("handoff.agree")
def draft(request: Request) -> HttpResponse:
    """POST: start the next version from the one in force."""
    actions.draft_agreement(actor=request.user, now=timezone.now())
    return redirect("lead_sla_draft")


@may("handoff.agree")
def edit_draft(request: Request) -> HttpResponse:
    """Change the draft's terms; what they would mean for today's contacts stands beside them."""
    found = get_object_or_404(Agreement, state=Agreement.State.DRAFT)
    form = AgreementForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        actions.change_draft(found, form.changes, actor=request.user)
        messages.success(request, _("Draft saved. It changes nothing until it is approved."))
        return redirect("lead_sla_draft")
    stored = Agreement.objects.get(pk=found.pk)  # the bound form has put its values on `found`
    context = {
        "form": form,
        "draft": stored,
        "active": actions.agreement_in_force(),
        "days": list(zip(WEEKDAYS, LABELS, strict=True)),
        "ready_before": ready_now(actions.agreement_in_force()),
        "ready_after": ready_now(stored),
    }
    return render(request, "handoff/agreement/draft.html", context, status=422 if form.errors else 200)


@require_POST
@may("handoff.agree")
def approve(request: Request, agreement_id: int) -> HttpResponse:
    """POST: put the draft in force."""
    found = get_object_or_404(Agreement, pk=agreement_id)
    try:
        actions.approve_agreement(found, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Version %(version)s is in force.") % {"version": found.version})
    return redirect("lead_sla")


@require_POST
@may("handoff.agree")
def seat(request: Request, seat_id: int) -> HttpResponse:
    """POST: take a person into the round robin or out of it."""
    found = get_object_or_404(Seat, pk=seat_id)
    take_seat(found, is_taken=request.POST.get("taken") == "yes", actor=request.user)
    return redirect("lead_sla")
