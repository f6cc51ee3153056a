"""What is ready, and how long is long enough. Pure: no Django, no clock; `now` is handed in.

Time runs in business hours of one zone. Working time is summed by interval, never second by second, and in UTC, so
that a clock change adds or takes no hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_LOOKED_AHEAD = 400


@dataclass(frozen=True)
class BusinessHours:
    """When sales works: per weekday (0 Monday) the opening and closing time in `zone`, without `holidays`."""

    zone: str = "UTC"
    days: dict[int, tuple[time, time]] = field(
        default_factory=lambda: {weekday: (time(9), time(17)) for weekday in range(5)}
    )
    holidays: frozenset[date] = frozenset()

    def spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working spans in UTC that end after `start`, in order, for about a year."""
        zone, start = ZoneInfo(self.zone), start.astimezone(UTC)
        first = start.astimezone(zone).date()
        for offset in range(DAYS_LOOKED_AHEAD):
            day = first + timedelta(days=offset)
            if day in self.holidays or day.weekday() not in self.days:
                continue
            opens, closes = self.days[day.weekday()]
            begin = datetime.combine(day, opens, zone).astimezone(UTC)
            end = datetime.combine(day, closes, zone).astimezone(UTC)
            if end > start:
                yield max(begin, start), end


def due_after(start: datetime, minutes: float, hours: BusinessHours) -> datetime:
    """The moment when `minutes` of working time have passed since `start`, in UTC.

    With no working time within a year the clock runs without pause, so that a deadline always exists.
    """
    left = timedelta(minutes=minutes)
    for begin, end in hours.spans(start):
        if end - begin >= left:
            return begin + left
        left -= end - begin
    return (start + timedelta(minutes=minutes)).astimezone(UTC)


def working_minutes(start: datetime, end: datetime, hours: BusinessHours) -> float:
    """Minutes of working time between two moments; 0 when `end` is not after `start`."""
    total, end = timedelta(), end.astimezone(UTC)  # two times of one zone subtract as if clocks never changed
    for begin, finish in hours.spans(start):
        if begin >= end:
            break
        total += min(finish, end) - begin
    return total.total_seconds() / 60


@dataclass(frozen=True)
class Terms:
    """What makes a lead ready: both scores reached, or engagement alone where sales asked for the eager ones."""

    fit_at_least: int
    engagement_at_least: int
    excluded_stages: frozenset[str] = frozenset()
    needs_email_or_phone: bool = True


@dataclass(frozen=True)
class Readiness:
    """`missing` names what is not reached yet, as (what, have, need); empty means ready."""

    missing: tuple[tuple[str, float, float], ...] = ()
    barred: str = ""

    @property
    def is_ready(self) -> bool:
        return not self.missing and not self.barred


def readiness(*, fit: float, engagement: float, stage: str, is_reachable: bool, terms: Terms) -> Readiness:
    """Whether a contact with these scores is ready for sales under `terms`, and if not, why."""
    if stage in terms.excluded_stages:
        return Readiness(barred=stage)
    if terms.needs_email_or_phone and not is_reachable:
        return Readiness(barred="unreachable")
    missing = []
    if fit < terms.fit_at_least:
        missing.append(("fit", fit, terms.fit_at_least))
    if engagement < terms.engagement_at_least:
        missing.append(("engagement", engagement, terms.engagement_at_least))
    return Readiness(missing=tuple(missing))
