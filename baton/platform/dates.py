"""Periods of the organisation: days, weeks, months, quarters and years in its zone, as half-open spans of UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


@dataclass(frozen=True)
class Period:
    """From the first moment of `first` to just before the first moment of `until`, in `zone`."""

    first: date
    until: date
    zone: str = "UTC"

    @property
    def since(self) -> datetime:
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        return _midnight(self.until, self.zone)

    def before(self) -> Period:
        """The period of the same kind before this one: last month before this month."""
        if self.first.day == 1 and self.until.day == 1:
            months = (self.until.year - self.first.year) * 12 + self.until.month - self.first.month
            return Period(add_months(self.first, -months), self.first, self.zone)
        return Period(self.first - (self.until - self.first), self.first, self.zone)


def month_of(day: date, zone: str = "UTC") -> Period:
    first = day.replace(day=1)
    return Period(first, add_months(first, 1), zone)


def quarter_of(day: date, zone: str = "UTC", *, year_starts: int = 1) -> Period:
    """The fiscal quarter a day is in, for a year that starts with month `year_starts`."""
    offset = (day.month - year_starts) % 3
    first = add_months(day.replace(day=1), -offset)
    return Period(first, add_months(first, 3), zone)


def year_of(day: date, zone: str = "UTC", *, year_starts: int = 1) -> Period:
    """The fiscal year a day is in."""
    first = add_months(day.replace(day=1), -((day.month - year_starts) % 12))
    return Period(first, add_months(first, 12), zone)


def week_of(day: date, zone: str = "UTC") -> Period:
    """Monday to Sunday (ISO 8601)."""
    first = day - timedelta(days=day.weekday())
    return Period(first, first + timedelta(days=7), zone)


def add_months(first: date, months: int) -> date:
    """The first of a month, so many months on."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def today_in(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


@cache
def known_zones() -> frozenset[str]:
    """Names of time zones, as this machine knows them."""
    return frozenset(available_timezones())


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
