"""The verbs on a lead; the list is in listing.py."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.people.contacts.models import Contact
from baton.people.leads import actions
from baton.people.leads.models import Lead
from baton.people.leads.rules import INBOUND, ORIGIN_CHOICES, STATUS_CHOICES
from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal


@require_POST
@may("people.change")
def open_lead(request: Request, contact_id: int) -> HttpResponse:
    """POST: a lead that sales found itself, owned by who found it."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact_id)
    origin = request.POST.get("origin", "")
    if origin not in dict(ORIGIN_CHOICES) or origin == INBOUND:
        messages.error(request, _("Say where the lead comes from; nothing was opened."))
        return redirect(contact)
    _lead, is_new = actions.open_lead(
        contact,
        actor=request.user,
        now=timezone.now(),
        origin=origin,
        source={"outbound": "prospecting", "referral": "referral", "expansion": "customer"}[origin],
        owner=request.user,
    )
    if is_new:
        messages.success(request, _("A lead is open and yours."))
    else:
        messages.warning(request, _("This contact has an open lead already."))
    return redirect(contact)


@require_POST
@may("people.change")
def move_lead(request: Request, lead_id: int) -> HttpResponse:
    """POST: to another status; qualified makes or joins a deal."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user).select_related("contact"), pk=lead_id)
    status = request.POST.get("status", "")
    if status not in dict(STATUS_CHOICES):
        messages.error(request, _("Choose a status; nothing was changed."))
        return redirect(lead)
    reason = request.POST.get("reason", "").strip()[:120]
    try:
        actions.move_lead(lead, status, actor=request.user, now=timezone.now(), reason=reason)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The lead is %(status)s.") % {"status": dict(STATUS_CHOICES)[status]})
    return redirect(lead)
