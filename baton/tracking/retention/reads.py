"""How many visitors come again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from baton.platform.dates import Period, today_in
from baton.tracking.retention.rules import MOST_AFTER, week_of
from baton.tracking.store import ask_recent
from baton.tracking.website.looks import Look

MOST_COHORTS = 53


@dataclass
class Cohort:
    """Visitors whose first visit of all was in a week from `monday`, and how many came again 1, 2 ... weeks after.

    There is one number for every week that has begun; the last is not over while `is_open`.
    """

    monday: date
    visitors: int = 0
    again: list[int] = field(default_factory=list)
    is_open: bool = False

    def share(self, after: int) -> float:
        """The part (0 to 1) that came so many weeks after."""
        return self.again[after - 1] / self.visitors if self.visitors else 0.0


def cohorts(look: Look, now: datetime) -> list[Cohort]:
    """One for each week that the period touches, the earliest first; at most the last MOST_COHORTS."""
    this_week = _monday(today_in(look.period.zone, now))
    last = min(_monday(look.last_day), this_week)
    first = max(_monday(look.period.first), last - timedelta(weeks=MOST_COHORTS - 1))
    span = Period(first, last + timedelta(weeks=1), look.period.zone)
    rows = ask_recent(
        "retention", first_from=span.since, first_until=span.end, zone=look.period.zone, until=now,
        site=look.site, **look.chosen,
    )  # fmt: skip
    told = {(row["week"], row["after"]): row["visitors"] for row in rows}
    found = []
    for n in range((last - first).days // 7 + 1):
        monday = first + timedelta(weeks=n)
        week = week_of(monday)
        begun = min((this_week - monday).days // 7, MOST_AFTER)
        again = [told.get((week, after), 0) for after in range(1, begun + 1)]
        is_open = begun > 0 and monday + timedelta(weeks=begun) == this_week
        found.append(Cohort(monday, told.get((week, 0), 0), again, is_open))
    return found


def together(found: list[Cohort]) -> list[float | None]:
    """For each number of weeks after: the part that came again, of all cohorts whose week is over. None for none."""
    shares: list[float | None] = []
    for after in range(1, MOST_AFTER + 1):
        over = [one for one in found if len(one.again) > after or (len(one.again) == after and not one.is_open)]
        visitors = sum(one.visitors for one in over)
        shares.append(sum(one.again[after - 1] for one in over) / visitors if visitors else None)
    return shares


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
