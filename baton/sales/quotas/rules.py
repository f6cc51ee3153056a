"""Periods, workdays and pace. Pure: days in, days and shares out. A period is half-open: its end is the next start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MONTH, QUARTER = "month", "quarter"


@dataclass(frozen=True)
class Span:
    """A period from `start` up to, not including, `end`."""

    period: str
    start: date
    end: date

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)


def span_of(period: str, day: date, *, fiscal_year_starts: int = 1) -> Span:
    """The month or fiscal quarter `day` lies in; `fiscal_year_starts` is the month a fiscal year begins with."""
    if period == MONTH:
        start = day.replace(day=1)
        return Span(MONTH, start, months_after(start, 1))
    into_quarter = (day.month - fiscal_year_starts) % 3
    start = months_after(day.replace(day=1), -into_quarter)
    return Span(QUARTER, start, months_after(start, 3))


def months_after(first: date, months: int) -> date:
    """The first of the month `months` after the month that begins on `first`; negative goes back."""
    counted = first.year * 12 + first.month - 1 + months
    return date(counted // 12, counted % 12 + 1, 1)


def workdays(start: date, end: date) -> int:
    """Mondays to Fridays from `start` up to, not including, `end`. Public holidays count as workdays."""
    if end <= start:
        return 0
    weeks, rest = divmod((end - start).days, 7)
    return weeks * 5 + sum((start + timedelta(days=weeks * 7 + i)).weekday() < 5 for i in range(rest))


def elapsed_share(span: Span, today: date) -> float:
    """Share (0 to 1) of the period's workdays that are over; today counts as over once it has ended."""
    whole = workdays(span.start, span.end)
    gone = workdays(span.start, min(max(today, span.start), span.end))
    return gone / whole if whole else 1.0


def attainment(won_minor: int, quota_minor: int | None) -> float | None:
    """Won as a share of the quota, 1.0 being all of it; None without a quota."""
    return won_minor / quota_minor if quota_minor else None


def standing(won_minor: int, quota_minor: int | None, elapsed: float) -> str:
    """ahead, on_pace (within a tenth of the quota), behind, or none without a quota."""
    reached = attainment(won_minor, quota_minor)
    if reached is None:
        return "none"
    if reached >= elapsed:
        return "ahead"
    return "on_pace" if reached >= elapsed - 0.1 else "behind"
