"""Moving: consumed rows of the tail become a block, the engine keeps the block, one transaction deletes the rows.

A block is fixed before it is written, so an attempt that is killed is repeated with exactly the same rows: files that
nothing recorded are swept, and ClickHouse knows a repeated block by its token. Two movers on one block never both win:
the one whose DELETE counts other rows than it wrote is undone.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction

from baton.platform.db import write_turn
from baton.tracking.errors import MovedMeanwhile
from baton.tracking.store.engines import engine
from baton.tracking.store.hold import is_held
from baton.tracking.store.models import EventFile, EventSeen, EventTail
from baton.tracking.store.visit_days import days_of_rows, mark

BLOCK_ROWS = 20_480
WORTH_A_MOVE = 5_000
SEEN_FOR = timedelta(hours=48)  # of ids made in a browser, which tell their time
TOLD_FOR = timedelta(days=30)  # of ids made of what they tell, which do not

_TAIL = "tracking_eventtail"


def move(*, now: datetime, at_least: int = 1) -> int:
    """Move what is consumed; gives how many events. Below `at_least` only blocks left open by a kill are finished."""
    moved = finish_open(now=now)
    while _waiting(at_least):
        with write_turn():
            block = _claim()
        if not block:
            break
        moved += _finish(block, now)
    return moved


def finish_open(*, now: datetime) -> int:
    """Finish blocks left open by a kill; gives how many events were moved."""
    return sum(_finish(block, now) for block in _open_blocks())


def _waiting(at_least: int) -> bool:
    found = EventTail.objects.filter(consumed=True, block="").order_by()[:at_least].values_list("pk")
    return len(found) >= at_least


def _open_blocks() -> list[str]:
    return sorted(set(EventTail.objects.exclude(block="").order_by().values_list("block", flat=True)))


def _claim() -> str:
    """Give the oldest consumed rows a new block; empty when there are none, or they must stay where they are."""
    block = secrets.token_hex(16)
    skip = "" if connections["events"].vendor == "sqlite" else " FOR UPDATE SKIP LOCKED"
    with transaction.atomic(using="events"), connections["events"].cursor() as cursor:
        if is_held():
            return ""
        cursor.execute(
            f"UPDATE {_TAIL} SET block = %s WHERE id IN (SELECT id FROM {_TAIL}"  # noqa: S608
            f" WHERE consumed AND block = '' ORDER BY id LIMIT {BLOCK_ROWS}{skip})",
            [block],
        )
        return block if cursor.rowcount else ""


def _finish(block: str, now: datetime) -> int:
    rows: list[list[Any]] = [
        json.loads(row) for row in EventTail.objects.filter(block=block).order_by("pk").values_list("row", flat=True)
    ]
    if not rows:
        return 0
    entries = engine().take(block, rows)
    try:
        with write_turn(), transaction.atomic(using="events"):
            _record(block, rows, entries, now)
    except MovedMeanwhile:
        engine().forget(entries)
        return 0
    return len(rows)


def _record(block: str, rows: list[list[Any]], entries: list[dict[str, Any]], now: datetime) -> None:
    """Delete the rows, remember their ids and name the files, inside the caller's transaction."""
    deleted = EventTail.objects.filter(block=block)._raw_delete("events")
    if deleted != len(rows):
        raise MovedMeanwhile(f"{len(rows)} events were written, {deleted} were still there.")
    EventFile.objects.bulk_create(EventFile(**entry) for entry in entries)
    mark(days_of_rows(rows))
    seen = [EventSeen(event=row[0], until=now + (SEEN_FOR if row[0][12] == "7" else TOLD_FOR)) for row in rows]
    EventSeen.objects.bulk_create(seen, ignore_conflicts=True, batch_size=400)
