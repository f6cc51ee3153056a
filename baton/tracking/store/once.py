"""Events of any age, told once or oftener: what is kept already is left out, however long ago it was told.

The ids of moved events are remembered for thirty days (mover.TOLD_FOR). An event that happened lately was told lately,
so its repeat is known by them; only for older ones the store itself is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from baton.platform.db import among
from baton.tracking.store.append import append, to_micros
from baton.tracking.store.ask import ask
from baton.tracking.store.columns import Event
from baton.tracking.store.models import EventSeen, EventTail
from baton.tracking.store.mover import TOLD_FOR

LATELY = TOLD_FOR - timedelta(days=1)
_MICRO = timedelta(microseconds=1)


def append_once(events: Sequence[Event], *, now: datetime) -> set[str]:
    """Put events into the tail, durable when this returns; gives the ids that were kept already.

    A repeat told at the very same moment by another process is left out too, without being among them.
    """
    there = kept_already(events, now=now)
    if fresh := [event for event in events if event.id not in there]:
        append(fresh)
    return there


def kept_already(events: Sequence[Event], *, now: datetime) -> set[str]:
    """Ids of those events that are in the store."""
    ids = [event.id for event in events]
    there = set(EventTail.objects.filter(event__in=among(ids, "text")).values_list("event", flat=True))
    there |= set(EventSeen.objects.filter(event__in=among(ids, "text")).values_list("event", flat=True))
    lately = to_micros(now - LATELY)
    if old := [event for event in events if event.at < lately and event.id not in there]:
        since, until = (_moment(edge(event.at for event in old)) for edge in (min, max))
        rows = ask("events_kept", ids=[event.id for event in old], since=since, until=until + _MICRO)
        there |= {row["id"] for row in rows}
    return there


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros // 1_000_000, UTC) + timedelta(microseconds=micros % 1_000_000)
