"""Claiming that a visitor is a contact."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from baton.people.contacts.models import Contact
from baton.tracking.identity.models import VisitorClaim

TYPED = VisitorClaim.Strength.TYPED
MEDIUM = VisitorClaim.Strength.MEDIUM
STRONG = VisitorClaim.Strength.STRONG


@transaction.atomic
def claim_visitor(visitor: str, contact: Contact | int, strength: int, *, now: datetime) -> bool:
    """Say that `visitor` is `contact`; True when that holds now, False when somebody else keeps the visitor.

    The visitor's events, also the earlier ones, count as the contact's from now on: they are joined when asked and put
    on the timeline by the projector. A claim replaces another person's only when it is stronger, so an address typed on
    a borrowed computer takes nothing over. Every claim is kept as evidence; a repeat changes nothing.
    """
    contact_id = contact if isinstance(contact, int) else contact.pk
    visitor = visitor[:64]
    if not visitor:
        return False
    claims = VisitorClaim.objects.select_for_update().filter(visitor=visitor)
    holder = claims.filter(holds=True).first()
    claim, made = VisitorClaim.objects.get_or_create(
        visitor=visitor, contact_id=contact_id, strength=strength, defaults={"claimed_at": now}
    )
    if holder is None or (holder.contact_id != contact_id and made and strength > holder.strength):
        claims.filter(holds=True).update(holds=False)
        VisitorClaim.objects.filter(pk=claim.pk).update(holds=True)
        return True
    if made and holder.contact_id == contact_id and strength > holder.strength:
        claims.filter(holds=True).update(holds=False)
        VisitorClaim.objects.filter(pk=claim.pk).update(holds=True, shown=holder.shown)
    elif made:
        VisitorClaim.objects.filter(pk=claim.pk).update(shown=True)
    return holder.contact_id == contact_id
