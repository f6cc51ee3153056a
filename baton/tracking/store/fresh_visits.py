"""Visits of days that are not kept: worked out for who asks first, then anew for those visitors who did something."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from baton.tracking.store import walk_files
from baton.tracking.store.visit_rows import joined

if TYPE_CHECKING:
    import pyarrow as pa

    from baton.tracking.store.snapshot import Snapshot

SPANS_HELD = 6


class Shown(Protocol):
    """A table that questions can read, for as long as somebody holds this."""

    name: str


class Works(Protocol):
    """What works visits out from events, and shows them to questions: the file engine. Days are of UTC."""

    def visits(self, first: date, last: date, snapshot: Snapshot, visitors: pa.Array | None = None) -> pa.Table:
        """Visits that begin on these days, of all visitors or of some."""
        ...

    def tallies(self, first: date, last: date, snapshot: Snapshot) -> pa.Table:
        """The visitors whose events make visits of these days, with what is another when they did more, or less."""
        ...

    def differing(self, one: pa.Table, other: pa.Table) -> pa.Array:
        """Visitors of whom two tallies do not tell the same."""
        ...

    def show(self, rows: pa.Table) -> Shown:
        """Visits as a table, in their order; without what was done in them."""
        ...


@dataclass(frozen=True, eq=False)
class Fresh:
    """Visits that begin in a span of days, in the order of walks, and what they were worked out from."""

    rows: pa.Table
    shown: Shown
    tallies: pa.Table
    snapshot: Snapshot

    def is_of(self, snapshot: Snapshot) -> bool:
        """Whether a snapshot knows the same events, and the same channels."""
        own = self.snapshot
        return own.tail is snapshot.tail and [*own.files] == [*snapshot.files] and own.channels == snapshot.channels

    @cached_property
    def walked(self) -> pa.Table:
        """What was done in these visits, as in a file of walks."""
        return walk_files.walked(self.rows)


class FreshVisits:
    """Visits worked out lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # who asks meanwhile waits, rather than working out the same
        self._held: dict[tuple[date, date], Fresh] = {}

    def visits(self, works: Works, snapshot: Snapshot, first: date, last: date) -> Fresh:
        """Visits that begin on these UTC days, of the events that the snapshot knows."""
        with self._lock:
            found = self._held.get((first, last))
            if found is None or not found.is_of(snapshot):
                found = _worked_out(works, snapshot, first, last, found)
                if len(self._held) >= SPANS_HELD:
                    self._held.clear()
                self._held[first, last] = found
            return found


def _worked_out(works: Works, snapshot: Snapshot, first: date, last: date, before: Fresh | None) -> Fresh:
    """Visits of what a snapshot knows, of which those of visitors who did nothing since are as they were before."""
    tallies = works.tallies(first, last, snapshot)
    rows = joined([])
    visitors = None
    if before and before.snapshot.channels == snapshot.channels:
        visitors = works.differing(before.tallies, tallies)
        if not len(visitors):
            return replace(before, snapshot=snapshot)
        rows = _without(before.rows, visitors)
    rows = walk_files.in_order(joined([rows, works.visits(first, last, snapshot, visitors)]))
    return Fresh(rows, works.show(rows), tallies, snapshot)


def _without(rows: pa.Table, visitors: pa.Array) -> pa.Table:
    import pyarrow.compute as pc

    return rows.filter(pc.invert(pc.is_in(rows["visitor"], value_set=visitors)))
