"""The slow, obvious evaluator: one contact at a time over plain Python values, sharing nothing with the fast one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from baton.platform.search.folding import fold


@dataclass
class Person:
    """All that a rule may ask of one contact."""

    pk: int
    attributes: dict[str, Any]
    events: list[tuple[str, datetime, str, dict[str, Any]]] = field(default_factory=list)
    consents: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    reached: list[tuple[str, datetime]] = field(default_factory=list)
    is_suppressed: bool = False


def satisfies(rule: dict[str, Any], person: Person, *, now: datetime, zone: str) -> bool:
    """Whether the person is in, by the words at the head of rules.py."""
    if "all" in rule:
        return all(satisfies(part, person, now=now, zone=zone) for part in rule["all"])
    if "any" in rule:
        return any(satisfies(part, person, now=now, zone=zone) for part in rule["any"])
    if "none" in rule:
        return not any(satisfies(part, person, now=now, zone=zone) for part in rule["none"])
    if "attribute" in rule:
        return _attribute(rule, person.attributes[rule["attribute"]], now, zone)
    if "event" in rule:
        return _event(rule, person, now)
    if "consent" in rule:
        return _consent(rule, person, now)
    days = rule.get("days")
    return any(
        stage == rule["reached"] and at < now and (days is None or at >= now - timedelta(days=days))
        for stage, at in person.reached
    )


def _event(rule: dict[str, Any], person: Person, now: datetime) -> bool:
    times, days = 0, rule.get("days", 30)
    for name, at, path, props in person.events:
        if name != rule["event"] or at >= now or (days is not None and at < now - timedelta(days=days)):
            continue
        if rule.get("path", "") in path and ("prop" not in rule or props.get(rule["prop"], "") == rule.get("is", "")):
            times += 1
    least = rule.get("at_least", 1 if "at_most" not in rule else 0)
    return least <= times <= rule.get("at_most", 10**9)


def _consent(rule: dict[str, Any], person: Person, now: datetime) -> bool:
    state, expires = person.consents.get(rule["consent"], ("", None))
    wanted = rule.get("state", "given")
    if wanted in ("given", "reachable"):
        stands = state == "given" and (expires is None or expires > now)
        return stands and (wanted == "given" or (bool(person.attributes["email"]) and not person.is_suppressed))
    return state == wanted


def _attribute(rule: dict[str, Any], value: Any, now: datetime, zone: str) -> bool:
    operator, wanted = rule["op"], rule.get("value")
    if value is None or value == "":
        return operator == "unknown"
    if operator in ("known", "unknown"):
        return operator == "known"
    if isinstance(value, bool):
        return value == (operator == "yes")
    if isinstance(value, int | float):
        return _number(operator, value, wanted)
    if isinstance(value, datetime) or rule["attribute"] == "custom.date":
        return _date(operator, value, wanted, now, zone)
    return _text(operator, fold(value), wanted)


def _text(operator: str, text: str, wanted: Any) -> bool:
    if operator in ("in", "not_in"):
        return (text in [fold(one) for one in wanted]) == (operator == "in")
    needle = fold(wanted)
    if operator in ("is", "is_not"):
        return (text == needle) == (operator == "is")
    if operator == "starts_with":
        return text[: len(needle)] == needle
    if operator == "ends_with":
        return text[len(text) - len(needle) :] == needle if len(needle) <= len(text) else False
    return (text.find(needle) >= 0) == (operator == "contains")


def _number(operator: str, value: float, wanted: Any) -> bool:
    if operator == "between":
        return wanted[0] <= value <= wanted[1]
    return {
        "at_least": value >= wanted, "at_most": value <= wanted, "more_than": value > wanted,
        "less_than": value < wanted, "is": value == wanted, "is_not": value != wanted,
    }[operator]  # fmt: skip


def _date(operator: str, value: Any, wanted: Any, now: datetime, zone: str) -> bool:
    here = ZoneInfo(zone)
    if isinstance(value, str):
        moment, day = datetime.combine(date.fromisoformat(value), datetime.min.time(), here), date.fromisoformat(value)
    else:
        moment, day = value, value.astimezone(here).date()
    today = now.astimezone(here).date()
    if operator == "in_last_days":
        return now - timedelta(days=wanted) <= moment < now
    if operator == "before_last_days":
        return moment < now - timedelta(days=wanted)
    if operator == "in_next_days":
        return now <= moment < now + timedelta(days=wanted)
    if operator == "between":
        return date.fromisoformat(wanted[0]) <= day <= date.fromisoformat(wanted[1])
    if operator == "this":
        return _same(wanted, day, today)
    if operator == "anniversary_in_days":
        return any(_returns(day, today + timedelta(days=n)) for n in range(wanted))
    on = date.fromisoformat(wanted)
    return {"on": day == on, "before": day < on, "after": day > on}[operator]


def _same(span: str, day: date, today: date) -> bool:
    if span == "week":
        return day.isocalendar()[:2] == today.isocalendar()[:2]
    if span == "quarter":
        return (day.year, (day.month - 1) // 3) == (today.year, (today.month - 1) // 3)
    return (
        day.timetuple()[: {"year": 1, "month": 2, "day": 3}[span]]
        == today.timetuple()[: {"year": 1, "month": 2, "day": 3}[span]]
    )


def _returns(first: date, day: date) -> bool:
    if day.year <= first.year:
        return False
    short = (first.month, first.day) == (2, 29) and day.year % 4 != 0
    return (day.month, day.day) == ((2, 28) if short else (first.month, first.day))
