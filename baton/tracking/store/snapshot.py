"""One look at the event database: catalog, tail and erasures as they were at the same moment."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

from baton.tracking.store.tail_table import tail_table


@dataclass(frozen=True)
class Snapshot:
    """File paths in use, the tail as an Arrow table (None when not asked for), and who is to be hidden."""

    paths: list[str]
    tail: Any
    hidden_contacts: list[int]
    hidden_visitors: list[str]


def look(*, with_tail: bool = True) -> Snapshot:
    """The event database at one moment. Never waits for a writer and keeps none waiting."""
    with reading() as cursor:
        cursor.execute("SELECT path FROM tracking_eventfile WHERE replaced_at IS NULL ORDER BY id")
        paths = [row[0] for row in cursor.fetchall()]
        tail = tail_table(cursor) if with_tail else None
        cursor.execute("SELECT contact, visitors FROM tracking_eventerasure WHERE done_at IS NULL")
        erased = cursor.fetchall()
    visitors = [
        visitor for _contact, told in erased for visitor in (json.loads(told) if isinstance(told, str) else told)
    ]
    return Snapshot(paths, tail, [contact for contact, _visitors in erased if contact is not None], visitors)


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
