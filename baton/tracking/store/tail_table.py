"""The tail as an Arrow table, read in part: rows never change, so only those that came since the last look are read."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baton.tracking.store.columns import table_of

if TYPE_CHECKING:
    import pyarrow as pa

MOST_PIECES = 30


@dataclass(frozen=True)
class _Kept:
    """A table and what tells that exactly its rows are still there, up to the id `upto`."""

    upto: int
    check: tuple[Any, ...]
    table: pa.Table


_lock = threading.Lock()
_kept: _Kept | None = None


def tail_table(cursor: Any) -> pa.Table:
    """Every row of the tail as the cursor's snapshot has it."""
    import pyarrow as pa

    global _kept
    with _lock:
        kept = _kept
    if kept is None or _check(cursor, kept.upto) != kept.check:
        kept = _Kept(0, _check(cursor, 0), table_of([]))
    cursor.execute("SELECT id, row FROM tracking_eventtail WHERE id > %s ORDER BY id", [kept.upto])
    fresh = cursor.fetchall()
    if not fresh:
        with _lock:
            _kept = kept
        return kept.table
    table = pa.concat_tables([kept.table, table_of([json.loads(row) for _id, row in fresh])])
    if table["id"].num_chunks > MOST_PIECES:
        table = table.combine_chunks()
    upto = fresh[-1][0]
    with _lock:
        _kept = _Kept(upto, _check(cursor, upto), table)
    return table


def _check(cursor: Any, upto: int) -> tuple[Any, ...]:
    """Changes when a row went, or when one with a smaller id came later, as PostgreSQL's commits may."""
    cursor.execute(
        "SELECT count(*), sum(id), min(event), max(event) FROM tracking_eventtail WHERE id <= %s",
        [upto],
    )
    return tuple(cursor.fetchone())
