"""Calendar words of a rule as half-open spans of time in a zone. Pure.

A span is (since, until): `since` belongs to it, `until` does not; None is open. Days begin at midnight of the zone, so
a day has 23 or 25 hours when the clocks change. Windows of days back and forth from now are spans of 24-hour days.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from baton.platform import dates

Span = tuple[datetime | None, datetime | None]


def span(operator: str, value: Any, *, now: datetime, zone: str, year_starts: int = 1) -> Span:
    """The span in which a moment satisfies the comparison (all but anniversaries); checked values only."""
    if operator == "in_last_days":
        return now - timedelta(days=value), now
    if operator == "before_last_days":
        return None, now - timedelta(days=value)
    if operator == "in_next_days":
        return now, now + timedelta(days=value)
    if operator in ("this", "last", "next"):
        return _calendar(operator, value, dates.today_in(zone, now), zone, year_starts)
    if operator == "between":
        return midnight(_day(value[0]), zone), midnight(_day(value[1]) + timedelta(days=1), zone)
    day = _day(value)
    if operator == "on":
        return midnight(day, zone), midnight(day + timedelta(days=1), zone)
    if operator == "before":
        return None, midnight(day, zone)
    return midnight(day + timedelta(days=1), zone), None


def midnight(day: date, zone: str) -> datetime:
    """The first moment of a day in a zone."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def is_day(text: Any) -> bool:
    """Whether a text is a day such as 2026-03-31."""
    try:
        return isinstance(text, str) and len(text) == 10 and date.fromisoformat(text).year > 1
    except ValueError:
        return False


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _calendar(operator: str, span: str, today: date, zone: str, year_starts: int) -> Span:
    """This day, week, ..., or the full one before or after it."""
    period = _period(span, today, zone, year_starts)
    if operator == "last":
        period = _period(span, period.first - timedelta(days=1), zone, year_starts)
    elif operator == "next":
        period = _period(span, period.until, zone, year_starts)
    return period.since, period.end


def _period(span: str, day: date, zone: str, year_starts: int) -> dates.Period:
    if span == "day":
        return dates.Period(day, day + timedelta(days=1), zone)
    if span == "week":
        return dates.week_of(day, zone)
    if span == "month":
        return dates.month_of(day, zone)
    if span == "quarter":
        return dates.quarter_of(day, zone, year_starts=year_starts)
    return dates.year_of(day, zone, year_starts=year_starts)


def next_midnights(after: datetime, until: datetime, zone: str) -> list[datetime]:
    """The midnights of a zone in (after, until]."""
    day = dates.today_in(zone, after)
    found = []
    while (moment := midnight(day := day + timedelta(days=1), zone)) <= until:
        found.append(moment)
    return found


def anniversary_comes(first: date, *, today: date, days: int) -> bool:
    """Whether a day's yearly return falls in [today, today + days). Of 29 February it is the 28th in short years."""
    for year in (today.year, today.year + 1):
        try:
            again = first.replace(year=year)
        except ValueError:
            again = date(year, 2, 28)
        if again > first and today <= again < today + timedelta(days=days):
            return True
    return False
