"""Who takes part in a deal: adding and removing contacts with their roles."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from baton.people.contacts.models import Contact
from baton.people.lifecycle.actions import raise_lifecycle
from baton.people.lifecycle.rules import OPPORTUNITY
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.sales.deals.models import Deal, DealContact


@transaction.atomic
def add_contact(
    deal: Deal, contact: Contact, *, actor: User | None, now: datetime, role: str = "", is_primary: bool = False
) -> DealContact:
    """Give a contact a part in the deal, or change the role it has. The first one is the primary one.

    The contact of an open deal is raised to opportunity.
    """
    has_primary = deal.parts.filter(is_primary=True).exists()
    part, made = DealContact.objects.get_or_create(
        deal=deal,
        contact=contact,
        defaults={"role": role or DealContact.Role.OTHER, "is_primary": is_primary or not has_primary},
    )
    changed = made
    if not made and role and part.role != role:
        part.role, changed = role, True
        part.save(update_fields=["role"])
    if is_primary and has_primary and not (made is False and part.is_primary):
        deal.parts.update(is_primary=False)
        deal.parts.filter(pk=part.pk).update(is_primary=True)
        part.is_primary, changed = True, True
    if deal.is_open:
        raise_lifecycle(contact, OPPORTUNITY, now=now, because="deal.open", actor=actor)
    if changed:
        journal.record("deal.contact_added", deal, actor=actor, contact=contact, role=part.role)
    return part


@transaction.atomic
def remove_contact(deal: Deal, contact: Contact, *, actor: User | None, now: datetime) -> Deal:
    """Take a contact out of the deal; the next one becomes primary. The contact itself stays as it is."""
    gone = deal.parts.filter(contact=contact).first()
    if gone is None:
        return deal
    was_primary, role = gone.is_primary, gone.role
    gone.delete()
    if was_primary and (heir := deal.parts.order_by("pk").first()):
        deal.parts.filter(pk=heir.pk).update(is_primary=True)
    journal.record("deal.contact_removed", deal, actor=actor, contact=contact, role=role, at=now)
    return deal
