"""Saying that something changed of which conditions may ask, so that the follower looks at those contacts again.

Aspects: contact (attributes, stage, company), event, message, consent, lead, list, sales; new is all of them. The own
attributes of a contact need no word: the follower sees by `changed_at` who was changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from baton.marketing.segments.leaves.moments import EVERYONE
from baton.marketing.segments.models import TouchedContact
from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.platform.journal.models import JournalEntry

EVERYTHING = "new"
BATCH = 2_000


def touch(contacts: Iterable[int], aspect: str) -> None:
    """Have these contacts looked at in one aspect; 0 is everyone. In the caller's transaction; repetition is borne."""
    rows = (TouchedContact(contact_id=pk, aspect=aspect) for pk in contacts)
    TouchedContact.objects.bulk_create(rows, batch_size=BATCH)


def on_events(contacts: set[int], now: datetime) -> None:
    """Listener of the projector: these contacts did something."""
    touch(sorted(contacts), "event")


def on_contact(entry: JournalEntry) -> None:
    """Listener: a contact went into the bin or came back, or became another's company's."""
    touch([entry.thing_id], EVERYTHING)


def on_contact_changed(entry: JournalEntry) -> None:
    """Listener: who left a company changes what holds for the people there; others are seen by changed_at."""
    touch([entry.thing_id], "contact")
    before = entry.facts.get("before") or {}
    after = entry.facts.get("after") or {}
    companies = [pk for pk in (before.get("company"), after.get("company")) if pk]
    if companies:
        touch(_people_of(companies), "contact")


def on_consent(entry: JournalEntry) -> None:
    """Listener: a contact agreed or withdrew."""
    touch([entry.thing_id], "consent")


def on_company(entry: JournalEntry) -> None:
    """Listener: what is known of a company is known of its people."""
    if entry.thing == Company._meta.label_lower:
        touch(_people_of([entry.thing_id]), "contact")


def on_lead(entry: JournalEntry) -> None:
    """Listener: a contact's lead changed."""
    if contact := entry.facts.get("contact"):
        touch([contact], "lead")


def on_emails(entry: JournalEntry) -> None:
    """Listener: an email is under way or through."""
    touch([EVERYONE], "message")


def on_everything(entry: JournalEntry) -> None:
    """Listener: the organisation's days or the contacts as a whole changed."""
    touch([EVERYONE], EVERYTHING)


def _people_of(companies: list[int]) -> list[int]:
    return list(Contact.objects.filter(company__in=companies).order_by().values_list("pk", flat=True))
