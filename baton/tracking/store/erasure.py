"""Erasing a person's events: hidden at once, rewritten out of tail and files at night for all requests together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from django.db import connections, transaction

from baton.platform.db import write_turn
from baton.tracking.identity.models import VisitorClaim
from baton.tracking.store.columns import COLUMNS
from baton.tracking.store.engines import engine
from baton.tracking.store.engines.files import Files
from baton.tracking.store.hold import is_held
from baton.tracking.store.models import EventErasure, EventTail
from baton.tracking.store.rewriting import rewrite_without

_VISITOR, _CONTACT = list(COLUMNS).index("visitor"), list(COLUMNS).index("contact")


def erase_events(contact_id: int, *, now: datetime, visitors: Iterable[str] = ()) -> EventErasure:
    """Ask that a contact's events go, with those of every visitor the contact was held to be.

    No question sees them from now on. Call it before the contact itself is deleted: its claims are read here.
    """
    held = VisitorClaim.objects.filter(contact_id=contact_id, holds=True).values_list("visitor", flat=True)
    return EventErasure.objects.create(contact=contact_id, visitors=sorted({*held, *visitors} - {""}), asked_at=now)


def erase_pending(*, now: datetime) -> int:
    """Rewrite tail and files without what was asked to go; gives how many requests are done.

    Replaced files still hold the events until the sweeper's grace time is over.
    """
    asked = list(EventErasure.objects.filter(done_at=None))
    if not asked or is_held():
        return 0
    contacts = {request.contact for request in asked if request.contact is not None}
    visitors = {visitor for request in asked for visitor in request.visitors}
    if not _erase_everywhere(sorted(contacts), sorted(visitors)):
        return 0  # a merger was at work: the next night tries again, the events stay hidden
    with write_turn(), transaction.atomic(using="events"):
        _erase_tail(contacts, visitors)
        EventErasure.objects.filter(pk__in=[request.pk for request in asked]).update(done_at=now, visitors=[])
    if connections["events"].vendor == "sqlite" and not connections["events"].in_atomic_block:
        with connections["events"].cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(asked)


def _erase_everywhere(contacts: list[int], visitors: list[str]) -> bool:
    """In the engine, and in files that were left when the events went to another one."""
    if not engine().erase(contacts, visitors):
        return False
    return isinstance(engine(), Files) or rewrite_without(contacts, visitors)


def _erase_tail(contacts: set[int], visitors: set[str]) -> None:
    gone = []
    for pk, text in EventTail.objects.values_list("pk", "row").iterator():
        row = json.loads(text)
        if row[_CONTACT] in contacts or row[_VISITOR] in visitors:
            gone.append(pk)
    for start in range(0, len(gone), 500):
        EventTail.objects.filter(pk__in=gone[start : start + 500]).delete()
