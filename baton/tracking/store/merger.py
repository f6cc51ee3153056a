"""Merging: many small files of a month become one, sorted anew; the old ones stay for their grace time.

Files of the last days are merged day by day: what happened today is asked for again and again, and must not lie among a
month of others.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from datetime import datetime, timedelta

from baton.tracking.errors import MovedMeanwhile
from baton.tracking.store import parquet
from baton.tracking.store.hold import is_held
from baton.tracking.store.models import EventFile
from baton.tracking.store.rewriting import ROWS_OF_A_FILE, replace_files

MERGE_FROM = 8
AT_ONCE = 64
LATELY = timedelta(days=3)


def merge(*, now: datetime, at_least: int = MERGE_FROM) -> int:
    """Merge each month, and each of the last days, that has `at_least` small files; gives how many were replaced."""
    if is_held():
        return 0
    alike: dict[str, list[EventFile]] = defaultdict(list)
    for file in EventFile.objects.filter(replaced_at=None, rows__lt=ROWS_OF_A_FILE).order_by("pk"):
        is_late = file.first_at > now - LATELY
        alike[f"{file.month} {file.first_at:%d}" if is_late else file.month].append(file)
    return sum(_merge(files[:AT_ONCE], now) for files in alike.values() if len(files) >= at_least)


def copy_missing() -> int:
    """Write the copies of files without (parquet.py): older than these, or of a restored backup; gives how many."""
    paths = EventFile.objects.filter(replaced_at=None).values_list("path", flat=True)
    bare = [path for path in paths if not parquet.has_copies(path)]
    for path in bare:
        with contextlib.suppress(FileNotFoundError):  # replaced and swept by another process meanwhile
            parquet.write_named(parquet.read_file(path), path)
    return len(bare)


def _merge(files: list[EventFile], now: datetime) -> int:
    import pyarrow as pa

    try:
        tables = [parquet.read_file(file.path) for file in files]
    except FileNotFoundError:  # merged and swept by another process while this one slept
        return 0
    entry = parquet.write_file(pa.concat_tables(tables), files[0].month)
    try:
        replace_files(files, [entry], now)
    except MovedMeanwhile:
        parquet.remove(entry["path"])
        return 0
    return len(files)
