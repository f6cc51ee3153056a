"""Taking all events to another engine while collecting goes on: copied month by month, compared row by row.

From the beginning of the copy until the other engine is in use nothing leaves the tail, so what was copied stays as it
was. A copy that was stopped or killed goes on with the first month that is not done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections, transaction

from baton.platform.db import write_turn
from baton.tracking.errors import CannotCopy
from baton.tracking.store.engines import engine, engine_at
from baton.tracking.store.engines.base import Engine
from baton.tracking.store.hold import digest_of
from baton.tracking.store.models import EventErasure, StoreMove
from baton.tracking.store.mover import finish_open


@dataclass
class Digest:
    """How many events, and the sum of their rows' hashes: equal for the same rows in any order."""

    events: int = 0
    rows: int = 0

    def over(self, batches: Iterable[Any]) -> Iterator[Any]:
        """The same batches, counted and summed as they pass."""
        import duckdb

        with duckdb.connect(":memory:") as database:
            for batch in batches:
                database.register("batch", batch)
                names = ", ".join(batch.column_names)
                sql = f"SELECT count(*), coalesce(sum(hash({names})::HUGEINT), 0) FROM batch"  # noqa: S608
                [(events, rows)] = database.execute(sql).fetchall()
                self.events, self.rows = self.events + events, self.rows + rows
                yield batch


def copy_events(address: str, *, now: datetime, told: Callable[[str, int], None] = lambda month, events: None) -> int:
    """Copy all moved events to the engine at `address`; gives how many. They are in use there once EVENTS_URL says so.

    `told(month, events)` is called after each month. Raises CannotCopy, and StoreAway when an engine does not answer;
    the copy goes on when it is asked for again, or `stay` gives it up.
    """
    source, target = engine(), engine_at(address)
    under_way = _begun(address, target, now)
    finish_open(now=now)
    months = source.months()
    for month in months:
        if month not in under_way.months:
            under_way.months[month] = _copied(month, source, target)
            under_way.save(update_fields=["months"])
        told(month, under_way.months[month])
    _check(under_way, months, target)
    under_way.ready_at = now
    under_way.save(update_fields=["ready_at"])
    return sum(under_way.months.values())


def stay() -> str:
    """Give a copy up: events are moved to the engine in use again. Gives the other one's address."""
    under_way = StoreMove.objects.first()
    if under_way is None:
        raise CannotCopy("No events are being copied.")
    under_way.delete()
    return under_way.shown


def clear_events(address: str) -> int:
    """Remove all events of an engine that is not in use; gives how many there were."""
    digest = digest_of(address)
    if digest == digest_of(settings.EVENTS_URL):
        raise CannotCopy("This engine is in use. Nothing was removed.")
    if StoreMove.objects.filter(target=digest).exists():
        raise CannotCopy("Events are being copied there. Give that up first: baton events stay.")
    found = engine_at(address).count()
    engine_at(address).clear()
    return found


def shown(address: str) -> str:
    """An address without its user and password."""
    parts = urlsplit(address)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path}" if parts.scheme else address


def _begun(address: str, target: Engine, now: datetime) -> StoreMove:
    """The copy under way, begun now if there is none; from here on nothing leaves the tail."""
    digest = digest_of(address)
    if digest == digest_of(settings.EVENTS_URL):
        raise CannotCopy(f"The events are at {shown(address)} already.")
    under_way = StoreMove.objects.first()
    if under_way is None:
        if there := target.count():
            raise CannotCopy(
                f"{shown(address)} holds {there:,} events already. If they are not needed, remove them: "
                "baton events clear ADDRESS."
            )
        with write_turn():
            under_way = StoreMove.objects.create(target=digest, shown=shown(address), started_at=now)
        _wait_for_writers()
    if under_way.target != digest:
        raise CannotCopy(f"Events are being copied to {under_way.shown}. Give that up first: baton events stay.")
    return under_way


def _wait_for_writers() -> None:
    """Let every mover end that did not see the copy begin. SQLite's writers have ended, for they take turns."""
    if connections["events"].vendor != "sqlite":
        with transaction.atomic(using="events"), connections["events"].cursor() as cursor:
            cursor.execute("LOCK TABLE tracking_eventtail, tracking_eventfile IN SHARE MODE")


def _copied(month: str, source: Engine, target: Engine) -> int:
    """Copy a month and read it back; gives its events."""
    here, there = Digest(), Digest()
    target.keep_month(month, here.over(source.batches(month)))
    for _batch in there.over(target.batches(month)):
        pass
    if here != there:
        raise CannotCopy(
            f"{month} has {here.events:,} events here and {there.events:,} there, or other ones. The events in use are "
            "as they were; try again, or give it up: baton events stay."
        )
    return here.events


def _check(under_way: StoreMove, months: list[str], target: Engine) -> None:
    """Refuse what changed meanwhile."""
    if EventErasure.objects.filter(done_at__gte=under_way.started_at).exists():
        under_way.delete()
        raise CannotCopy("Somebody's events were erased meanwhile. Clear the copy and begin again.")
    if set(under_way.months) != set(months) or target.count() != sum(under_way.months.values()):
        raise CannotCopy("The events have changed since the copy began. Give it up: baton events stay.")
