"""Projecting: events go onto their contacts' timelines, listeners learn whose events came, rows are marked.

The main database commits first, the mark in the event database follows: after a kill in between the same rows come
again, and a visit's line knows the ids of the events it holds.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils import timezone

from baton.people.contacts.models import Contact
from baton.platform import wiring
from baton.platform.db import write_turn
from baton.tracking.identity.actions import STRONG, claim_visitor
from baton.tracking.identity.models import VisitorClaim
from baton.tracking.store.append import to_micros
from baton.tracking.store.ask import ask
from baton.tracking.store.columns import Event, event_of
from baton.tracking.store.models import EventTail
from baton.tracking.store.visit_lines import write_visits

AT_ONCE = 2_000
CLAIMS_AT_ONCE = 50
ROUNDS = 5
PROJECTORS = 0x6261746F6E01  # the advisory lock of all projectors on one database


def project(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Consume waiting events in the order they came; gives how many. Quick when there are none.

    Safe in several workers at once: both may write the same line, neither writes it twice.
    """
    _show_claims(now)
    waiting = list(EventTail.objects.filter(consumed=False).order_by("pk").values_list("pk", "row")[:limit])
    if not waiting:
        return 0
    events = [event_of(json.loads(row)) for _pk, row in waiting]
    with write_turn(), transaction.atomic():
        _take_turns()
        _claim_by_link(events)
        changed = _write_lines(events)
        _tell(changed, now)
    with write_turn(), transaction.atomic(using="events"):
        pks = [pk for pk, _row in waiting]
        for start in range(0, len(pks), 500):
            EventTail.objects.filter(pk__in=pks[start : start + 500]).update(consumed=True)
    return len(waiting)


def project_some() -> None:
    """Tick: consume what waits, a few batches at most, so that other work gets its turn."""
    for _round in range(ROUNDS):
        if project(now=timezone.now()) < AT_ONCE:
            return


def _take_turns() -> None:
    """One projector at a time reads lines and writes them; on SQLite the write turn sees to that."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PROJECTORS])


def _claim_by_link(events: list[Event]) -> None:
    """A page opened by a signed link carries its contact: that visitor is the contact, as strongly as can be."""
    pairs = {
        (event.visitor, event.contact): event.at
        for event in events
        if event.contact and event.visitor and event.host and not event.machine
    }
    there = _existing({contact for _visitor, contact in pairs})
    for (visitor, contact), at in pairs.items():
        if contact in there:
            claim_visitor(visitor, contact, STRONG, now=datetime.fromtimestamp(at / 1_000_000, UTC))


def _write_lines(events: list[Event]) -> set[int]:
    """Put events on their contacts' timelines; gives the contacts that have any new event."""
    visitors = {event.visitor for event in events if event.visitor and event.contact is None}
    held = VisitorClaim.objects.filter(visitor__in=visitors, holds=True).values_list("visitor", "contact_id")
    known = dict(held)
    of_contact: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        contact = event.contact or known.get(event.visitor)
        if contact and not event.machine:
            of_contact[contact].append(event)
    there = _existing(set(of_contact))
    write_visits({contact: of_contact[contact] for contact in there})
    return there


def _show_claims(now: datetime) -> None:
    """Bring the visits from before a claim onto the contact's timeline."""
    fresh = list(VisitorClaim.objects.filter(shown=False).order_by("pk")[:CLAIMS_AT_ONCE])
    for claim in fresh:
        rows = ask("events_of_visitor", visitor=claim.visitor) if claim.holds else []
        events = [
            Event(
                id=row["id"],
                at=to_micros(row["happened_at"]),
                name=row["name"],
                visitor=claim.visitor,
                site=row["site"],
                host=row["host"],
                path=row["path"],
                source=row["source"],
                medium=row["medium"],
                campaign=row["campaign"],
                click_kind=row["click_kind"],
                referrer_host=row["referrer_host"],
            )
            for row in rows
        ]
        with write_turn(), transaction.atomic():
            _take_turns()
            write_visits({claim.contact_id: events})
            if events:
                held_before = VisitorClaim.objects.filter(visitor=claim.visitor, holds=False)
                _tell({claim.contact_id, *held_before.values_list("contact_id", flat=True)}, now)
            VisitorClaim.objects.filter(pk=claim.pk).update(shown=True)


def _existing(contacts: set[int]) -> set[int]:
    return set(Contact.objects.filter(pk__in=contacts, deleted_at=None).values_list("pk", flat=True))


def _tell(contacts: set[int], now: datetime) -> None:
    """Tell wiring's EVENT_LISTENERS, functions(contact ids, now), in the lines' transaction; they enqueue jobs."""
    if contacts:
        for listener in getattr(wiring.page(), "EVENT_LISTENERS", []):
            listener(contacts, now)
