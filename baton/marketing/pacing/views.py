"""Pages of pacing: the warm-up of sending domains, and the buttons that throttle an email or let a lane go."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.marketing.email.models import Broadcast
from baton.marketing.pacing import actions, reads
from baton.marketing.pacing.forms import ThrottleForm, WarmUpForm
from baton.marketing.pacing.models import LaneHold, WarmUp
from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal


@may("marketing.view")
def warm_ups(request: Request) -> HttpResponse:
    """Every domain that is warmed up, with today's limits, and the lanes that are held."""
    now = timezone.now()
    return render(request, "marketing/pacing/warm_ups.html", {"rows": reads.warm_ups(now), "holds": reads.holds(now)})


@may("marketing.send")
def new_warm_up(request: Request) -> HttpResponse:
    """Plan a domain's warm-up."""
    return _edit(request, WarmUp(domain=request.GET.get("domain", "")[:200], starts_on=timezone.localdate()))


@may("marketing.send")
def edit_warm_up(request: Request, warm_up_id: int) -> HttpResponse:
    """Change a plan."""
    return _edit(request, get_object_or_404(WarmUp, pk=warm_up_id))


def _edit(request: Request, row: WarmUp) -> HttpResponse:
    form = WarmUpForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        stored = WarmUp.objects.get(pk=row.pk) if row.pk else WarmUp()
        actions.save_warm_up(stored, form.cleaned_data, actor=request.user)
        messages.success(request, _("Saved. It holds for every mail from that domain from now on."))
        return redirect("warm_ups")
    context = {"form": form, "row": row if row.pk else None}
    return render(request, "marketing/pacing/edit.html", context, status=422 if form.errors else 200)


@require_POST
@may("marketing.send")
def end_warm_up(request: Request, warm_up_id: int) -> HttpResponse:
    """POST: no limits for this domain any more."""
    row = get_object_or_404(WarmUp, pk=warm_up_id)
    actions.end_warm_up(row, actor=request.user)
    messages.success(request, _("%(domain)s has no limits any more.") % {"domain": row.domain})
    return redirect("warm_ups")


@require_POST
@may("marketing.send")
def let_lane_go(request: Request, hold_id: int) -> HttpResponse:
    """POST: send to a provider again before its hold ends."""
    actions.let_go(get_object_or_404(LaneHold, pk=hold_id), actor=request.user, now=timezone.now())
    messages.success(request, _("Mail goes there again."))
    return redirect("warm_ups")


@require_POST
@may("marketing.send")
def throttle_email(request: Request, email_id: int) -> HttpResponse:
    """POST: at most so many an hour; empty for no limit."""
    broadcast = get_object_or_404(Broadcast.objects.live(), pk=email_id)
    form = ThrottleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give a number of mails an hour from 1 to 10,000,000, or nothing for no limit."))
        return redirect(broadcast)
    try:
        actions.set_throttle(broadcast, form.cleaned_data["per_hour"], actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(broadcast)
