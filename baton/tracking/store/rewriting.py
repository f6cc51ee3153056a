"""Replacing Parquet files by others in one transaction, and rewriting them without erased people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from baton.platform.db import write_turn
from baton.tracking.errors import MovedMeanwhile
from baton.tracking.store import parquet
from baton.tracking.store.models import EventFile
from baton.tracking.store.visit_days import days_of_table, mark

ROWS_OF_A_FILE = 1_000_000


def in_files(batches: Iterable[Any]) -> Iterator[Any]:
    """Arrow tables of any size put together to tables as large as a file should be; empty ones are left out."""
    import pyarrow as pa

    waiting: list[Any] = []
    for batch in batches:
        waiting += [batch] if batch.num_rows else []
        if sum(one.num_rows for one in waiting) >= ROWS_OF_A_FILE:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def replace_files(
    old: list[EventFile], entries: list[dict[str, Any]], now: datetime, changed: dict[date, datetime] | None = None
) -> None:
    """Let new files stand for old ones, in one transaction; `changed` are days of which events are gone.

    Raises MovedMeanwhile when one of the old is out of use.
    """
    with write_turn(), transaction.atomic(using="events"):
        in_use = EventFile.objects.filter(pk__in=[file.pk for file in old], replaced_at=None)
        replaced = in_use.update(replaced_at=now)
        if replaced != len(old):
            raise MovedMeanwhile(f"{len(old)} files were read, {replaced} were still in use.")
        EventFile.objects.bulk_create(EventFile(**entry) for entry in entries)
        mark(changed or {})


def rewrite_without(contacts: Sequence[int], visitors: Sequence[str]) -> bool:
    """Rewrite every file that holds these people's events; False when another process replaced one meanwhile."""
    return all(_rewrite(file, contacts, visitors) for file in EventFile.objects.filter(replaced_at=None))


def _rewrite(file: EventFile, contacts: Sequence[int], visitors: Sequence[str]) -> bool:
    import pyarrow.compute as pc

    table = parquet.read_file(file.path)
    stays = _stays(table, contacts, visitors)
    kept, gone = table.filter(stays), table.filter(pc.invert(stays))
    if kept.num_rows == table.num_rows:
        return True
    entries = [parquet.write_file(kept, file.month)] if kept.num_rows else []
    try:
        replace_files([file], entries, timezone.now(), days_of_table(gone))
    except MovedMeanwhile:
        for entry in entries:
            parquet.remove(entry["path"])
        return False
    return True


def _stays(table: Any, contacts: Sequence[int], visitors: Sequence[str]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    theirs = pc.or_(
        pc.is_in(table["contact"], value_set=pa.array(contacts, pa.int64())),
        pc.is_in(table["visitor"], value_set=pa.array(visitors, pa.string())),
    )
    return pc.invert(theirs)
