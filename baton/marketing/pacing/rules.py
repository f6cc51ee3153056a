"""Pure rules of pacing: lanes, a day's limit, how a number spreads over days, when a lane is held."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

LANES = ("gmail", "outlook", "yahoo", "others")
SLOTS_AN_HOUR = 12  # an hour's number goes out in twelve parts of five minutes, not all in its first minute
MOST_DAYS = 366
LEAST_DEFERRED = 5  # one greylisting server never holds a lane
HELD_SHARE = 0.2
HELD_FOR = timedelta(hours=1)
HELD_FOR_COMPLAINTS = timedelta(hours=24)

Day = tuple[date, int]
Limit = Callable[[str, date], int | None]


@dataclass(frozen=True)
class Plan:
    """A warm-up: the first day's number for each lane (0: no limit), growth as a share, and where limits end."""

    starts_on: date
    growth: float
    first: Mapping[str, int]
    full: int

    def limit(self, lane: str, day: date) -> int | None:
        """How many mails may go to a lane on a day; None without a limit. Before the first day, as on it."""
        first = self.first.get(lane, 0)
        if not first:
            return None
        days = min(max(0, (day - self.starts_on).days), MOST_DAYS)
        grown = first * (1 + self.growth) ** days
        return None if grown >= self.full else int(grown)

    def last_day(self) -> date:
        """The last day on which any lane has a limit."""
        day = self.starts_on
        while any(self.limit(lane, day) is not None for lane in LANES) and (day - self.starts_on).days < MOST_DAYS:
            day += timedelta(days=1)
        return day - timedelta(days=1)


def lane_of(provider: str) -> str:
    """The lane of a provider (returns/providers.py)."""
    return provider if provider in LANES else "others"


def days_of(number: int, lane: str, limit: Limit, taken: Mapping[date, int], today: date) -> list[Day]:
    """How `number` mails to one lane spread over days from `today`, where others have `taken` part of each day."""
    days: list[Day] = []
    day = today
    while number > 0:
        most = limit(lane, day)
        room = number if most is None or len(days) >= MOST_DAYS else max(0, most - taken.get(day, 0))
        if part := min(number, room):
            days.append((day, part))
            number -= part
        day += timedelta(days=1)
        if (day - today).days > MOST_DAYS:
            limit = _no_limit
    return days


def _no_limit(lane: str, day: date) -> None:
    return None


def room_of(per_hour: int, *, in_hour: int, in_slot: int) -> int:
    """How many may go out now when so many went out in the last hour, and in the last five minutes."""
    slot = math.ceil(per_hour / SLOTS_AN_HOUR)
    return max(0, min(per_hour - in_hour, slot - in_slot))


def ends_at(number: int, per_hour: int, now: datetime) -> datetime:
    """When the last of them goes out, to the slot."""
    slot = math.ceil(per_hour / SLOTS_AN_HOUR)
    hours, rest = divmod(max(0, number - 1), per_hour)
    return now + timedelta(hours=hours, minutes=60 / SLOTS_AN_HOUR * (rest // slot))


def is_put_off(deferred: int, tried: int) -> bool:
    """Whether a lane puts us off: a fifth of what was tried, and more than a few."""
    return deferred >= LEAST_DEFERRED and deferred >= tried * HELD_SHARE
