"""Keeping visits as rows: what a day's visits are is worked out once it is over, and again when late events change it.

A file holds rows of exactly those days that point at it, all of one month. So a day that shares its file is written
anew with the others.
"""

from __future__ import annotations

import contextlib
import secrets
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from baton.platform.db import write_turn
from baton.tracking.channels.reads import channel_table
from baton.tracking.errors import MovedMeanwhile
from baton.tracking.store import parquet, walk_files
from baton.tracking.store.acts import ACTS
from baton.tracking.store.columns import table_of
from baton.tracking.store.engines import engine
from baton.tracking.store.engines.files import Files
from baton.tracking.store.models import EventFile, VisitDay
from baton.tracking.store.snapshot import look
from baton.tracking.store.visit_days import ONE_DAY
from baton.tracking.store.visit_rows import SMALL_NUMBERS, joined

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "visits"
EVENTS_AT_ONCE = 500_000
AGAIN_AFTER = timedelta(minutes=10)
FILES_A_MONTH = 8  # of one that goes on; of one that is over there is one
SETTLED = timedelta(days=3)  # an event that comes late comes sooner, mostly
JOINED_AT_ONCE = 64 * 2**20  # bytes of a month that goes on: half a million visits, for which a worker takes 600 MB


def keep_visits(*, now: datetime) -> int:
    """Keep the visits of days that are over and not kept yet, or not as they are now; gives how many days.

    Nothing to do where the engine works visits out whenever it is asked.
    """
    works = engine()
    if not isinstance(works, Files):
        return 0
    waiting = _waiting(now)
    for days in _portions(waiting):
        _keep(works, days, now)
    _gather(now)
    return len(waiting)


def _waiting(now: datetime) -> list[date]:
    lately = Q(made_at__gt=now - AGAIN_AFTER)
    found = VisitDay.objects.filter(Q(is_stale=True) | ~Q(rules=channel_table().kept_as) | ~Q(building="")).exclude(
        lately
    )
    days = set(found.filter(day__lt=now.date()).values_list("day", flat=True))
    return sorted(days | _lost())


def _lost() -> set[date]:
    """Days whose file is not there: a restored backup holds none that was made later."""
    paths = VisitDay.objects.exclude(path="").order_by().values_list("path", flat=True).distinct()
    gone = [path for path in paths if not walk_files.are_there(path)]
    return set(VisitDay.objects.filter(path__in=gone).values_list("day", flat=True)) if gone else set()


def _portions(days: list[date]) -> list[list[date]]:
    """Days of a month that follow one another, of few enough events to be worked out together."""
    counts = _events_of(days)
    portions: list[list[date]] = []
    size = 0
    for day in days:
        size += counts[day]
        follows = portions and day - portions[-1][-1] == ONE_DAY and day.day > 1
        if not follows or size > EVENTS_AT_ONCE:
            portions.append([])
            size = counts[day]
        portions[-1].append(day)
    return portions


def _events_of(days: list[date]) -> Counter[date]:
    """How many events happened on each of these days, near enough: a file's are taken as evenly spread."""
    counts: Counter[date] = Counter()
    if len(days) < 2:
        return counts
    for file in EventFile.objects.filter(replaced_at=None, last_at__date__gte=days[0], first_at__date__lte=days[-1]):
        length = (file.last_at.date() - file.first_at.date()).days + 1
        for n in range(length):
            counts[file.first_at.date() + timedelta(days=n)] += file.rows // length
    return counts


def _keep(works: Files, days: list[date], now: datetime) -> None:
    """Work out the visits of days that follow one another and let their rows be read."""
    token = secrets.token_hex(16)
    with write_turn(), transaction.atomic(using="events"):
        mine = VisitDay.objects.filter(day__in=days)
        old = set(mine.order_by().values_list("path", flat=True)) - {""}
        mine.update(building=token, is_stale=False)
    seen = look()
    in_files = replace(seen, tail=table_of([]))  # what waits in the tail marks its days when it is moved
    fresh = joined([works.visits(days[0], days[-1], in_files)])
    beside = {day: path for day, path in _pointing_at(old).items() if day not in days}
    rows = joined([fresh, *_rows_of(beside)])
    path = _write(rows) if rows.num_rows else ""
    try:
        with write_turn(), transaction.atomic(using="events"):
            _point(beside, path)
            _record(days, token, path, fresh, seen.channels.kept_as, now)
    except MovedMeanwhile:
        if path:
            walk_files.remove(path)
        return
    _touch(old)


def _record(days: list[date], token: str, path: str, rows: pa.Table, rules: int, now: datetime) -> None:
    """Point the days at their rows; a day marked meanwhile stays stale and is worked out again."""
    reaches: dict[date, datetime] = {}
    for started, ended in zip(rows["started"].to_pylist(), rows["ended"].to_pylist(), strict=True):
        reaches[started.date()] = max(ended, reaches.get(started.date(), ended))
    for day in days:
        last = reaches.get(day)
        changed = VisitDay.objects.filter(day=day, building=token).update(
            path=path if last else "",
            reaches=last.replace(tzinfo=now.tzinfo) if last else None,
            rules=rules,
            building="",
            made_at=now,
        )
        if not changed:
            raise MovedMeanwhile(f"Another process keeps the visits of {day}.")


def _gather(now: datetime) -> None:
    """Join the files of a month's days where there are many, without working anything out. Of one file a question reads
    what lies in it as it lies there; of several, it must put visitors together.
    """
    months: dict[tuple[int, int], set[str]] = defaultdict(set)
    last = now.date() - SETTLED
    kept = VisitDay.objects.filter(building="", rules=channel_table().kept_as, day__lt=last).exclude(path="")
    for day, path in kept.values_list("day", "path"):
        months[day.year, day.month].add(path)
    for month, paths in months.items():
        is_over = month < (last.year, last.month)
        together = paths if is_over else _smallest(paths)
        if len(together) >= (2 if is_over else FILES_A_MONTH):
            _join(together)


def _smallest(paths: set[str]) -> set[str]:
    """As many of these files, the smallest first, as may be joined at once."""
    sizes = sorted(((parquet.folder() / path).stat().st_size, path) for path in paths if walk_files.are_there(path))
    together = accumulate(size for size, _path in sizes)
    return {path for (_size, path), size in zip(sizes, together, strict=True) if size <= JOINED_AT_ONCE}


def _join(paths: set[str]) -> None:
    days = _pointing_at(paths)
    path = _write(joined(_rows_of(days)))
    try:
        with write_turn(), transaction.atomic(using="events"):
            _point(days, path)
    except MovedMeanwhile:
        walk_files.remove(path)
        return
    _touch(set(days.values()))


def _write(rows: pa.Table) -> str:
    """Rows are read from end to end, unlike events: large groups, and nothing to unpack in what figures are made of."""
    rows = walk_files.numbered(rows).sort_by("started")
    path = parquet.write_durably(
        rows.drop_columns([ACTS]),
        FOLDER,
        compression=dict.fromkeys(("id", "visitor"), "zstd"),
        row_group=parquet.LARGE_GROUP,
        small_numbers=SMALL_NUMBERS,
    )
    walk_files.write(rows, path)
    return path


def _pointing_at(paths: set[str]) -> dict[date, str]:
    """Days whose rows in these files are by today's rules: all others are worked out anew, and may lack a column."""
    days = VisitDay.objects.filter(path__in=paths, rules=channel_table().kept_as)
    return dict(days.values_list("day", "path"))


def _rows_of(days: dict[date, str]) -> list[pa.Table]:
    """The kept rows of some days."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    tables = []
    for path in sorted(set(days.values())):
        if walk_files.are_there(path):
            table = pq.read_table(parquet.folder() / path)
            table = table.append_column(ACTS, walk_files.acts_of(path, table[walk_files.ROW]))
            theirs = pa.array([day for day, where in days.items() if where == path], pa.date32())
            tables.append(table.filter(pc.is_in(table["started"].cast(pa.date32()), value_set=theirs)))
    return tables


def _point(days: dict[date, str], path: str) -> None:
    """Let days point at another file. Raises MovedMeanwhile where one no longer points where it did."""
    changed = sum(
        VisitDay.objects.filter(day__in=[day for day, where in days.items() if where == old], path=old).update(
            path=path
        )
        for old in set(days.values())
    )
    if changed != len(days):
        raise MovedMeanwhile(f"{len(days)} days were read, {changed} were still where they were.")


def _touch(paths: set[str]) -> None:
    """Begin the grace time of files that nothing points at any more (store/sweeper.py)."""
    for path in [*paths, *map(walk_files.path_of, paths)]:
        with contextlib.suppress(FileNotFoundError):
            (parquet.folder() / path).touch()
