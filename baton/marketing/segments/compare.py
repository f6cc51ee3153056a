"""One value against one comparison: what answers for texts and custom fields. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from baton.marketing.segments.calendar import anniversary_comes, is_day, midnight, span
from baton.marketing.segments.vocabulary import DATE, FLAG, NUMBER, TEXT
from baton.platform.dates import today_in
from baton.platform.search.folding import fold


@dataclass(frozen=True)
class Clock:
    """The moment a rule is answered for, and whose days it speaks of."""

    now: datetime
    zone: str = "UTC"
    year_starts: int = 1


def matcher(kind: str, operator: str, wanted: Any, clock: Clock) -> Callable[[Any], bool]:
    """A function that says whether a value satisfies the comparison. An unknown value satisfies only "unknown"."""
    if operator == "unknown":
        return _is_unknown
    if operator == "known":
        return lambda value: not _is_unknown(value)
    holds = {TEXT: _text, NUMBER: _number, DATE: _date, FLAG: _flag}[kind](operator, wanted, clock)
    return lambda value: not _is_unknown(value) and holds(value)


def _is_unknown(value: Any) -> bool:
    return value is None or value == ""


def _text(operator: str, wanted: Any, clock: Clock) -> Callable[[Any], bool]:
    folded = [fold(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
    first = folded[0] if folded else ""
    return {
        "is": lambda value: fold(str(value)) == first,
        "is_not": lambda value: fold(str(value)) != first,
        "in": lambda value: fold(str(value)) in folded,
        "not_in": lambda value: fold(str(value)) not in folded,
        "contains": lambda value: first in fold(str(value)),
        "not_contains": lambda value: first not in fold(str(value)),
        "starts_with": lambda value: fold(str(value)).startswith(first),
        "ends_with": lambda value: fold(str(value)).endswith(first),
    }[operator]


def _number(operator: str, wanted: Any, clock: Clock) -> Callable[[Any], bool]:
    test: Callable[[float], bool] = {
        "at_least": lambda value: value >= wanted,
        "at_most": lambda value: value <= wanted,
        "more_than": lambda value: value > wanted,
        "less_than": lambda value: value < wanted,
        "between": lambda value: wanted[0] <= value <= wanted[1],
        "is": lambda value: value == wanted,
        "is_not": lambda value: value != wanted,
    }[operator]
    return lambda value: isinstance(value, int | float) and test(value)


def _date(operator: str, wanted: Any, clock: Clock) -> Callable[[Any], bool]:
    """Values are moments, or days as text: such a day counts from its midnight in the zone."""
    if operator == "anniversary_in_days":
        today = today_in(clock.zone, clock.now)
        return lambda value: anniversary_comes(_day(value, clock.zone), today=today, days=int(wanted))
    since, until = span(operator, wanted, now=clock.now, zone=clock.zone, year_starts=clock.year_starts)

    def holds(value: Any) -> bool:
        if not isinstance(value, datetime) and not is_day(value):
            return False
        moment = value if isinstance(value, datetime) else midnight(date.fromisoformat(value), clock.zone)
        return (since is None or moment >= since) and (until is None or moment < until)

    return holds


def _day(value: Any, zone: str) -> date:
    return value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else date.fromisoformat(value)


def _flag(operator: str, wanted: Any, clock: Clock) -> Callable[[Any], bool]:
    return lambda value: value is (operator == "yes")
