"""Which days' visits are kept as rows and may be believed, and which have to be worked out from events.

A visit is decided by events near it alone (sessions/rules.py): one at t can change visits that begin on its own UTC
day, on the next one (its campaign is carried for a day), and on the day before where a visit was still going on at t.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Q

from baton.tracking.sessions.channel_rules import ChannelTable
from baton.tracking.sessions.rules import IDLE
from baton.tracking.store import walk_files
from baton.tracking.store.columns import COLUMNS, schema
from baton.tracking.store.models import VisitDay

ONE_DAY = timedelta(days=1)
DAYS_OF_A_CONDITION = 200  # SQLite takes no expression deeper than 1,000
_LOOKED_AT = {name: list(COLUMNS).index(name) for name in ("happened_at", "host", "visitor", "machine")}


@dataclass(frozen=True)
class Kept:
    """What is known of one day: see VisitDay."""

    path: str
    reaches: datetime | None
    is_clean: bool


def days_of_rows(rows: Sequence[Sequence[Any]]) -> dict[date, datetime]:
    """`days_of_table` of tail rows."""
    import pyarrow as pa

    columns = {name: [row[place] for row in rows] for name, place in _LOOKED_AT.items()}
    table = pa.table({name: pa.array(values, schema().field(name).type) for name, values in columns.items()})
    return days_of_table(table)


def days_of_table(table: Any) -> dict[date, datetime]:
    """The UTC days of page events of people in an Arrow table of events, each with its first moment."""
    import pyarrow as pa
    import pyarrow.compute as pc

    anyone = pc.and_(pc.not_equal(table["host"], ""), pc.not_equal(table["visitor"], ""))
    moments = table["happened_at"].filter(pc.and_(anyone, pc.equal(table["machine"], "")))
    days = pa.table({"at": moments, "day": pc.floor_temporal(moments, unit="day")})
    firsts = days.group_by("day").aggregate([("at", "min")])
    return {
        day.date(): at.replace(tzinfo=UTC)
        for day, at in zip(firsts["day"].to_pylist(), firsts["at_min"].to_pylist(), strict=True)
    }


def mark(days: dict[date, datetime]) -> None:
    """Let nobody believe what is kept of days that get further events; in the transaction that lets them be seen."""
    there = set(VisitDay.objects.filter(day__in=days).values_list("day", flat=True))
    VisitDay.objects.bulk_create([VisitDay(day=day) for day in days if day not in there], ignore_conflicts=True)
    VisitDay.objects.filter(day__in={near for day in days for near in (day, day + ONE_DAY)}).update(is_stale=True)
    ordered = sorted(days)
    for start in range(0, len(ordered), DAYS_OF_A_CONDITION):
        goes_on = Q()
        for day in ordered[start : start + DAYS_OF_A_CONDITION]:
            goes_on |= Q(day=day - ONE_DAY) & (Q(reaches__gt=days[day] - IDLE) | ~Q(building=""))
        VisitDay.objects.filter(goes_on).update(is_stale=True)


def kept_days(cursor: Any, channels: ChannelTable) -> dict[date, Kept]:
    """Every day of which events lie in files, as the cursor's snapshot has it; clean where told by `channels`."""
    cursor.execute("SELECT day, path, reaches, is_stale, building, rules FROM tracking_visitday")
    return {
        day: Kept(path, reaches and _in_utc(reaches), not stale and not building and rules == channels.kept_as)
        for day, path, reaches, stale, building, rules in cursor.fetchall()
    }


def believed(kept: dict[date, Kept], tail: dict[date, datetime]) -> tuple[dict[date, str], set[date]]:
    """The path of each day whose visits may be read as they are kept, and the days that must be worked out.

    `tail` are the days of events that lie in no file yet.
    """
    touched = {near for day in tail for near in (day, day + ONE_DAY)}
    clean: dict[date, str] = {}
    there: dict[str, bool] = {}
    for day, one in kept.items():
        follower = tail.get(day + ONE_DAY)
        goes_on = follower is not None and one.reaches is not None and one.reaches > follower - IDLE
        if one.is_clean and day not in touched and not goes_on and _is_there(one.path, there):
            clean[day] = one.path
    return clean, {*kept, *tail} - set(clean)


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days joined where they follow one another: first and last of each run."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == ONE_DAY:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _is_there(path: str, known: dict[str, bool]) -> bool:
    """Whether the file of a path exists; no path needs none. A restored backup may lack files."""
    if path and path not in known:
        known[path] = walk_files.are_there(path)
    return not path or known[path]


def _in_utc(moment: datetime) -> datetime:
    """A moment as the database's driver gives it; SQLite's comes without a zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
