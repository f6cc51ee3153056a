"""Sweeping: what no reader can still hold goes, after a grace time longer than any question, move or backup."""

from __future__ import annotations

from datetime import datetime, timedelta

from baton.tracking.store import parquet, walk_files
from baton.tracking.store.models import EventFile, EventSalt, EventSeen, VisitDay

GRACE = timedelta(hours=2)
SALT_DAYS = 2


def sweep(*, now: datetime) -> int:
    """Remove replaced files, files nothing ever recorded, ids past their time and old salts; gives how many files."""
    EventSeen.objects.filter(until__lt=now)._raw_delete("events")
    EventSalt.objects.filter(day__lt=now.date() - timedelta(days=SALT_DAYS - 1)).delete()
    gone = 0
    for file in EventFile.objects.filter(replaced_at__lt=now - GRACE):
        parquet.remove(file.path)
        file.delete()
        gone += 1
    return gone + _sweep_unrecorded(now)


def _sweep_unrecorded(now: datetime) -> int:
    """Files of attempts that were killed. Listed before the catalog is read: a file recorded in between is kept."""
    oldest = (now - GRACE).timestamp()
    found = [path for path in parquet.folder().glob("*/*") if _written_at(path) < oldest]
    events = set(EventFile.objects.values_list("path", flat=True))
    copies = {parquet.beside(path, below) for path in events for below in (parquet.NAMED_FOLDER, parquet.PLACES_FOLDER)}
    visits = set(VisitDay.objects.exclude(path="").values_list("path", flat=True))
    known = {*events, *copies, *visits, *map(walk_files.path_of, visits)}
    unrecorded = [path for path in found if str(path.relative_to(parquet.folder())) not in known]
    for path in unrecorded:
        path.unlink(missing_ok=True)
    return len(unrecorded)


def _written_at(path: object) -> float:
    try:
        return path.stat().st_mtime  # type: ignore[attr-defined]
    except FileNotFoundError:  # another sweeper was faster
        return float("inf")
