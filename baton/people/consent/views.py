"""Giving and withdrawing consent by hand, with the reason kept as evidence."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.people.consent.actions import Evidence, give_consent, withdraw_consent
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.platform.accounts.access import Request, may


@require_POST
@may("people.change")
def set_consent(request: Request, contact_id: int, topic_id: int) -> HttpResponse:
    """POST: record what a contact told us; without saying how, nothing is recorded."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact_id)
    topic = get_object_or_404(ConsentTopic, pk=topic_id)
    how = request.POST.get("how", "").strip()
    if not how:
        messages.error(request, _("Say how the contact told you; nothing was recorded."))
        return redirect(contact)
    decide = give_consent if request.POST.get("state") == "given" else withdraw_consent
    decide(contact, topic, evidence=Evidence(how=how), now=timezone.now(), actor=request.user)
    messages.success(request, _("Recorded with you as the witness."))
    return redirect(contact)
