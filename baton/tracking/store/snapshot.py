"""One look at the event database: catalog, tail and erasures as they were at the same moment."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connections

from baton.tracking.channels.reads import channel_table
from baton.tracking.identity.reads import held_claims
from baton.tracking.sessions.channel_rules import STANDARD, ChannelTable
from baton.tracking.store.tail_table import tail_table
from baton.tracking.store.visit_days import Kept, kept_days


@dataclass(frozen=True)
class Snapshot:
    """Files in use by path, the tail and who visitors turned out to be as Arrow tables (None when not asked for), the
    days of kept visits (empty when not asked for), who is to be hidden, and the table of channels.
    """

    files: dict[str, Span]
    tail: Any
    claims: Any
    visit_days: dict[date, Kept]
    hidden_contacts: list[int]
    hidden_visitors: list[str]
    channels: ChannelTable = STANDARD


@dataclass(frozen=True)
class Span:
    """The first and the last moment of a file's events, naive in UTC."""

    first: datetime
    last: datetime

    def overlaps(self, since: datetime, until: datetime) -> bool:
        return self.first < until and self.last >= since


_lock = threading.Lock()
_lately: dict[str, tuple[float, Snapshot]] = {}


def look_lately(max_age: float) -> Snapshot:
    """The event database with tail and days as it was at most `max_age` seconds ago.

    Many questions of one page share a look; files stay for hours after they are replaced.
    """
    place = str(settings.BATON_HOME)
    found = _lately.get(place)
    if found and time.monotonic() - found[0] < max_age:
        return found[1]
    snapshot = look(with_visits=True)
    with _lock:
        _lately.clear()
        _lately[place] = (time.monotonic(), snapshot)
    return snapshot


def forget_looks() -> None:
    """Look anew; for tests and after a demo company was made."""
    _lately.clear()


def look(*, with_tail: bool = True, with_visits: bool = False) -> Snapshot:
    """The event database at one moment. Never waits for a writer and keeps none waiting."""
    claims = held_claims() if with_tail else None
    channels = channel_table() if with_tail else STANDARD
    with reading() as cursor:
        cursor.execute("SELECT path, first_at, last_at FROM tracking_eventfile WHERE replaced_at IS NULL ORDER BY id")
        files = {
            path: Span(first.replace(tzinfo=None), last.replace(tzinfo=None)) for path, first, last in cursor.fetchall()
        }
        tail = tail_table(cursor) if with_tail else None
        days = kept_days(cursor, channels) if with_visits else {}
        cursor.execute("SELECT contact, visitors FROM tracking_eventerasure WHERE done_at IS NULL")
        erased = cursor.fetchall()
    visitors = [
        visitor for _contact, told in erased for visitor in (json.loads(told) if isinstance(told, str) else told)
    ]
    contacts = [contact for contact, _visitors in erased if contact is not None]
    return Snapshot(files, tail, claims, days, contacts, visitors, channels)


@contextlib.contextmanager
def reading() -> Iterator[Any]:
    """A cursor whose statements all see one moment: DEFERRED on SQLite, REPEATABLE READ on PostgreSQL."""
    connection = connections["events"]
    with connection.cursor() as cursor:
        if connection.in_atomic_block:
            yield cursor
            return
        is_sqlite = connection.vendor == "sqlite"
        cursor.execute("BEGIN DEFERRED" if is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield cursor
        finally:
            cursor.execute("ROLLBACK")
