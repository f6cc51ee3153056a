"""Merging: many small files of a month become one, sorted anew; the old ones stay for their grace time."""

from __future__ import annotations

from datetime import datetime

from baton.tracking.errors import MovedMeanwhile
from baton.tracking.store import parquet
from baton.tracking.store.columns import schema
from baton.tracking.store.models import EventFile
from baton.tracking.store.rewriting import replace_files

SMALL_ROWS = 1_000_000
MERGE_FROM = 8
AT_ONCE = 64


def merge(*, now: datetime, at_least: int = MERGE_FROM) -> int:
    """Merge each month that has `at_least` small files; gives how many files were replaced."""
    small = EventFile.objects.filter(replaced_at=None, rows__lt=SMALL_ROWS)
    months = list(small.order_by("month").values_list("month", flat=True))
    replaced = 0
    for month in sorted(set(months)):
        if months.count(month) >= at_least:
            replaced += _merge(list(small.filter(month=month).order_by("pk")[:AT_ONCE]), now)
    return replaced


def _merge(files: list[EventFile], now: datetime) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        tables = [pq.read_table(parquet.folder() / file.path, schema=schema()) for file in files]
    except FileNotFoundError:  # merged and swept by another process while this one slept
        return 0
    entry = parquet.write_file(pa.concat_tables(tables), files[0].month)
    try:
        replace_files(files, [entry], now)
    except MovedMeanwhile:
        (parquet.folder() / entry["path"]).unlink(missing_ok=True)
        return 0
    return len(files)
