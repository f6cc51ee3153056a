"""The queue of new leads and the page of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.handoff.agreement.reasons import ACTIONS
from baton.handoff.assignments import actions, reads
from baton.handoff.assignments.models import Handoff
from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal


@may("handoff.view")
def new_leads(request: Request) -> HttpResponse:
    """The queue: what waits for an answer, what waits for a first attempt, what was answered last."""
    return render(
        request,
        "handoff/assignments/new_leads.html",
        {
            "waiting": list(reads.waiting(request.user)[:100]),
            "to_attempt": list(reads.to_attempt(request.user)[:50]),
            "answered": list(reads.lately_answered(request.user)),
            "now": timezone.now(),
        },
    )


@may("handoff.view")
def new_lead(request: Request, handoff_id: int) -> HttpResponse:
    """One handoff: why this lead, its clocks, and the answer."""
    handoff = _visible(request, handoff_id)
    return render(
        request,
        "handoff/assignments/new_lead.html",
        {
            "handoff": handoff,
            "does": ACTIONS,
            "now": timezone.now(),
            "earlier": reads.handoffs_of(handoff.lead.contact).exclude(pk=handoff.pk),
        },
    )


@require_POST
@may("handoff.work")
def accept(request: Request, handoff_id: int) -> HttpResponse:
    """POST: take the lead, then go to the contact to work it."""
    handoff = _visible(request, handoff_id)
    try:
        actions.accept(handoff, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("new_leads")
    messages.success(request, _("%(contact)s is yours. The next step: reach them.") % {"contact": handoff.lead.contact})
    return redirect(handoff.lead.contact)


@require_POST
@may("handoff.work")
def reject(request: Request, handoff_id: int) -> HttpResponse:
    """POST: send the lead back with a reason, which acts at once."""
    handoff = _visible(request, handoff_id)
    try:
        actions.reject(
            handoff,
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", "").strip(),
            actor=request.user,
            now=timezone.now(),
        )
    except actions.ReasonUnknown as refusal:
        messages.error(request, str(refusal))
        return redirect(handoff)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        reason = handoff.agreement.reason(request.POST["reason"])
        does = ACTIONS[reason["action"]] if reason else ""
        messages.success(request, _("Sent back. %(what)s.") % {"what": does})
    return redirect("new_leads")


def _visible(request: Request, handoff_id: int) -> Handoff:
    found = Handoff.objects.visible_to(request.user).select_related("lead__contact__company", "owner", "agreement")
    return get_object_or_404(found, pk=handoff_id)
