"""Visits of days that are not kept: worked out for who asks first, then anew for those visitors who did something."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Protocol

from baton.tracking.store import walk_files
from baton.tracking.store.acts import ACTS
from baton.tracking.store.duck import Shown, bring
from baton.tracking.store.visit_rows import joined

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from baton.tracking.store.snapshot import Snapshot

SPANS_HELD = 6
TALLIES = """
SELECT visitor, count(*) AS events, bit_xor(hash(id)) AS mark
FROM events
WHERE host <> '' AND machine = '' AND visitor <> ''
  AND happened_at >= $since - INTERVAL 1 DAY AND happened_at < $until + INTERVAL 1 DAY
GROUP BY visitor
"""
DIFFERING = """
SELECT DISTINCT visitor
FROM ((FROM before EXCEPT FROM now) UNION ALL (FROM now EXCEPT FROM before))
"""


class Works(Protocol):
    """What works visits out from events: the file engine. Days are of UTC."""

    def connect(self) -> duckdb.DuckDBPyConnection:
        """This process's DuckDB, to take cursors of."""
        ...

    def near(
        self, first: date, last: date, snapshot: Snapshot
    ) -> AbstractContextManager[tuple[duckdb.DuckDBPyConnection, datetime, datetime]]:
        """A connection with the view `events` of all that may make visits of these days, and the span of the days."""
        ...

    def visits(self, first: date, last: date, snapshot: Snapshot, visitors: pa.Array | None = None) -> pa.Table:
        """Visits that begin on these days, of all visitors or of some."""
        ...


@dataclass(frozen=True, eq=False)
class Fresh:
    """Visits that begin in a span of days, in the order of walks, what was done in them as in a file of walks, and what
    they were worked out from. `shown()` are the rows as a table of DuckDB's, made for who asks first.
    """

    rows: pa.Table
    walked: pa.Table
    shown: Callable[[], Shown]
    tallies: pa.Table
    snapshot: Snapshot

    def is_of(self, snapshot: Snapshot) -> bool:
        """Whether a snapshot knows the same events, and the same channels."""
        own = self.snapshot
        return own.tail is snapshot.tail and [*own.files] == [*snapshot.files] and own.channels == snapshot.channels


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
    tallies = _tallies(works, snapshot, first, last)
    rows = joined([])
    visitors = None
    if before and before.snapshot.channels == snapshot.channels:
        visitors = _differing(works, before.tallies, tallies)
        if not len(visitors):
            return replace(before, snapshot=snapshot)
        rows = _without(before.rows, visitors)
    rows = walk_files.in_order(joined([rows, works.visits(first, last, snapshot, visitors)]))
    shown = cache(lambda: Shown(works.connect(), rows.drop_columns([ACTS])))  # few questions are asked of DuckDB
    return Fresh(rows, walk_files.walked(rows), shown, tallies, snapshot)


def _tallies(works: Works, snapshot: Snapshot, first: date, last: date) -> pa.Table:
    """The visitors whose events make visits of these days, with how many these are and a mark of their ids."""
    with works.near(first, last, snapshot) as (database, since, until):
        return database.execute(TALLIES, {"since": since, "until": until}).to_arrow_table()


def _differing(works: Works, before: pa.Table, now: pa.Table) -> pa.Array:
    """Visitors of whom two tallies do not tell the same."""
    with works.connect().cursor() as database:
        bring(database, "before", before)
        bring(database, "now", now)
        return database.execute(DIFFERING).to_arrow_table()["visitor"].combine_chunks()


def _without(rows: pa.Table, visitors: pa.Array) -> pa.Table:
    import pyarrow.compute as pc

    return rows.filter(pc.invert(pc.is_in(rows["visitor"], value_set=visitors)))
