"""Appending: events become rows of the tail in one transaction; an event told twice is stored once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from baton.people.contacts.models import Contact
from baton.tracking.errors import BadEvent
from baton.tracking.store.columns import Event

_SPACE = uuid.UUID("5b0a9f9e-6a0e-5cf5-8f35-3d8c2f1ab7c4")  # names of this installation's own events
_TAIL = "tracking_eventtail"
_ONE = (  # SQLite has one writer: nothing can move between the two halves of this statement
    f"INSERT INTO {_TAIL} (event, row, consumed, block) SELECT %s, %s, %s, ''"  # noqa: S608
    " WHERE NOT EXISTS (SELECT 1 FROM tracking_eventseen WHERE event = %s) ON CONFLICT (event) DO NOTHING"
)
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Stored:
    """What became of a batch: rows written, and events that were there already."""

    written: int
    repeated: int


def append(events: Iterable[Event], *, consumed: bool = False) -> Stored:
    """Put events into the tail; durable when this returns. Repeats, also of moved events, are left out.

    `consumed` skips the projector: for history that is loaded in bulk and has its timeline already.
    """
    rows = [tail_row(event) for event in events]
    with transaction.atomic(using="events"), connections["events"].cursor() as cursor:
        return insert_rows(cursor, rows, vendor=connections["events"].vendor, consumed=consumed)


def tail_row(event: Event) -> tuple[str, str]:
    """What the tail keeps of an event: its id, and every column as a JSON array."""
    return event.id, _dumps(event.row())


def insert_rows(
    cursor: Any, rows: Sequence[tuple[str, str]], *, vendor: str, consumed: bool = False, mark: str = "%s"
) -> Stored:
    """Write tail rows inside the caller's transaction.

    The ids are looked up among the moved ones *after* the insert: on PostgreSQL an insert may have waited for the
    mover to delete the same id, and only a later statement sees what the mover wrote to `seen`.
    """
    written = 0
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        if len(part) == 1 and vendor == "sqlite":
            cursor.execute(_ONE.replace("%s", mark), (*part[0], consumed, part[0][0]))
            written += cursor.rowcount
            continue
        written += _insert(cursor, part, vendor, consumed, mark)
        ids = [event for event, _row in part]
        marks = ",".join([mark] * len(ids))
        cursor.execute(f"SELECT event FROM tracking_eventseen WHERE event IN ({marks})", ids)  # noqa: S608
        if seen := [found[0] for found in cursor.fetchall()]:
            marks = ",".join([mark] * len(seen))
            cursor.execute(f"DELETE FROM {_TAIL} WHERE event IN ({marks})", seen)  # noqa: S608
            written -= len(seen)
    return Stored(written=written, repeated=len(rows) - written)


def _insert(cursor: Any, part: Sequence[tuple[str, str]], vendor: str, consumed: bool, mark: str) -> int:
    if vendor == "postgresql":
        cursor.execute(
            f"INSERT INTO {_TAIL} (event, row, consumed, block)"  # noqa: S608
            " SELECT event, row, %s, '' FROM unnest(%s::text[], %s::text[]) AS new(event, row)"
            " ON CONFLICT (event) DO NOTHING",
            [consumed, [event for event, _row in part], [row for _event, row in part]],
        )
        return cursor.rowcount
    cursor.executemany(
        f"INSERT INTO {_TAIL} (event, row, consumed, block) VALUES ({mark}, {mark}, {int(consumed)}, '')"  # noqa: S608
        " ON CONFLICT (event) DO NOTHING",
        part,
    )
    return cursor.rowcount


def record_event(
    name: str,
    *,
    at: datetime,
    contact: Contact | int | None = None,
    visitor: str = "",
    site: str = "",
    props: dict[str, Any] | None = None,
    id: str | None = None,
    **columns: Any,
) -> str:
    """Tell the store what happened on the server (a form sent, a mail clicked); gives the event's id.

    Call it after the main database has committed. `id` is a UUID or what the event tells of ("submission:12"); without
    one it is made of everything told. Either way a repeat is harmless. `columns` are further columns of Event, such as
    campaign or value_minor. Raises BadEvent when it is about nobody.
    """
    if contact is None and not visitor:
        raise BadEvent("An event is about a contact or a visitor; this one names neither.")
    if at.tzinfo is None:
        raise BadEvent("An event's time needs a zone.")
    told = json.dumps(props or {}, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)
    micros = to_micros(at)
    contact_id = contact.pk if isinstance(contact, Contact) else contact
    tells = id or _dumps([name, micros, contact_id, visitor, site, told])
    event = Event(
        id=id_of(tells),
        at=micros,
        name=name,
        contact=contact_id,
        visitor=visitor,
        site=site,
        props=told,
        received=to_micros(timezone.now()),
        **columns,
    )
    append([event])
    return event.id


def id_of(tells: str) -> str:
    """The id of an event that tells of this: a UUID as it is, one made of any other text."""
    try:
        return uuid.UUID(tells).hex
    except ValueError:
        return uuid.uuid5(_SPACE, tells).hex


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC, exact."""
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + moment.microsecond
