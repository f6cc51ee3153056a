"""The slow, obvious evaluator: one contact at a time over plain Python values, sharing nothing with the fast one."""

from __future__ import annotations

import hashlib
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
    messages: list[dict[str, Any]] = field(default_factory=list)
    lists: dict[int, datetime] = field(default_factory=dict)
    changes: list[tuple[str, datetime, str, str]] = field(default_factory=list)
    created: datetime | None = None
    leads: list[dict[str, Any]] = field(default_factory=list)
    colleagues: list[dict[str, Any]] = field(default_factory=list)


def satisfies(rule: dict[str, Any], person: Person, *, now: datetime, zone: str) -> bool:
    """Whether the person is in, by the words at the head of rules.py."""
    if "all" in rule:
        return all(satisfies(part, person, now=now, zone=zone) for part in rule["all"])
    if "any" in rule:
        return any(satisfies(part, person, now=now, zone=zone) for part in rule["any"])
    if "none" in rule:
        return not any(satisfies(part, person, now=now, zone=zone) for part in rule["none"])
    if "attribute" in rule:
        value = person.attributes[rule["attribute"]]
        return _attribute(rule, value, now, zone) or bool(rule.get("or_unknown") and value in (None, ""))
    for kind, answer in _ANSWERS.items():
        if kind in rule:
            return answer(rule, person, now, zone)
    days = rule.get("days")
    return any(
        stage == rule["reached"] and at < now and (days is None or at >= now - timedelta(days=days))
        for stage, at in person.reached
    )


def _matching(rule: dict[str, Any], person: Person, name: str, path: str, *, is_then: bool = False) -> list[Any]:
    found = []
    for event in person.events:
        prop = event[3].get(rule["prop"], "") if "prop" in rule and not is_then else ""
        if event[0] == name and path in event[2] and ("prop" not in rule or is_then or prop == rule.get("is", "")):
            found.append(event)
    return found


def _in_window(rule: dict[str, Any], at: datetime, now: datetime, zone: str) -> bool:
    if at >= now:
        return False
    if "since" in rule or "until" in rule:
        day = at.astimezone(ZoneInfo(zone)).date().isoformat()
        return rule.get("since", "0") <= day <= rule.get("until", "9")
    days = rule.get("days", 30)
    return days is None or at >= now - timedelta(days=days)


def _event(rule: dict[str, Any], person: Person, now: datetime, zone: str) -> bool:
    did = _matching(rule, person, rule["event"], rule.get("path", ""))
    inside = [event for event in did if _in_window(rule, event[1], now, zone)]
    if "then" in rule:
        later = _matching(rule, person, rule["then"], rule.get("then_path", ""), is_then=True)
        width = timedelta(minutes=rule["within_minutes"])
        return any(
            first[1] < second[1] <= first[1] + width
            for first in inside for second in later if _in_window(rule, second[1], now, zone)
        )  # fmt: skip
    if "occurrence" in rule:
        past = sorted(event[1] for event in did if event[1] < now)
        return bool(past) and _in_window(rule, past[0 if rule["occurrence"] == "first" else -1], now, zone)
    least = rule.get("at_least", 1 if "at_most" not in rule else 0)
    return least <= len(inside) <= rule.get("at_most", 10**9)


def _aggregate(rule: dict[str, Any], person: Person, now: datetime, zone: str) -> bool:
    numbers = []
    for event in _matching(rule, person, rule["event"], rule.get("path", "")):
        number = event[3].get("n" if rule.get("of", "value") == "value" else rule["of"])
        if _in_window(rule, event[1], now, zone) and isinstance(number, int | float):
            numbers.append(number)
    if not numbers and rule["aggregate"] != "sum":
        return False
    function = {"sum": sum, "average": lambda n: sum(n) / len(n), "least": min, "most": max}[rule["aggregate"]]
    wanted = [rule["value"], rule["upto"]] if "upto" in rule else rule["value"]
    return _number(rule["op"], function(numbers), wanted)


def _message(rule: dict[str, Any], person: Person, now: datetime, zone: str) -> bool:
    times = 0
    for message in person.messages:
        at = message.get(rule["message"])
        if at is None or at >= now or (rule.get("days") and at < now - timedelta(days=rule["days"])):
            continue
        other = message.get(rule["without"]) if "without" in rule else None
        times += other is None or other >= now
    return times >= rule.get("at_least", 1)


def _list(rule: dict[str, Any], person: Person, now: datetime, zone: str) -> bool:
    at = person.lists.get(rule["list"])
    return at is not None and at < now and (not rule.get("days") or at >= now - timedelta(days=rule["days"]))


def _changed(rule: dict[str, Any], person: Person, now: datetime, zone: str) -> bool:
    return any(
        name == rule["changed"] and at < now and (not rule.get("days") or at >= now - timedelta(days=rule["days"]))
        and fold(rule.get("from") or was) == fold(was) and fold(rule.get("to") or became) == fold(became)
        for name, at, was, became in person.changes
    )  # fmt: skip


def _has_been(rule: dict[str, Any], person: Person, now: datetime, zone: str) -> bool:
    if fold(person.attributes[rule["has_been"]] or "") != fold(rule["value"]):
        return False
    start = now - timedelta(days=rule["days"])
    lately = person.created is not None and person.created > start
    for name, at, was, _became in person.changes:
        if name == rule["has_been"] and start < at < now and fold(was) != fold(rule["value"]):
            lately = True
    return lately == (rule.get("how") == "less_than")


def _related(rule: dict[str, Any], person: Person, now: datetime, zone: str) -> bool:
    records = person.leads if rule["related"] == "leads" else person.colleagues
    fitting = [
        record for record in records
        if all(_attribute({"attribute": "", **one}, record[one["field"]], now, zone) for one in rule.get("where", []))
    ]  # fmt: skip
    return {
        "any": len(fitting) > 0, "none": not fitting, "all": bool(records) and len(fitting) == len(records),
        "at_least": len(fitting) >= rule.get("times", 0), "at_most": len(fitting) <= rule.get("times", 0),
    }[rule.get("which", "any")]  # fmt: skip


def _bucket(rule: dict[str, Any], person: Person, now: datetime, zone: str) -> bool:
    mask = 2**64 - 1
    mixed = person.pk * 0x9E3779B97F4A7C15 + int(hashlib.sha256(rule["bucket"].encode()).hexdigest()[:16], 16) & mask
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & mask
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & mask
    return rule["from"] <= (mixed ^ mixed >> 31) % 10**6 / 10**4 < rule["to"]


def _consent(rule: dict[str, Any], person: Person, now: datetime, zone: str) -> bool:
    state, expires = person.consents.get(rule["consent"], ("", None))
    wanted = rule.get("state", "given")
    if wanted == "expires":
        return state == "given" and expires is not None and now < expires <= now + timedelta(days=rule["days"])
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
    if operator in ("this", "last", "next"):
        return _same(wanted, day, _moved(operator, wanted, today))
    if operator == "anniversary_in_days":
        return any(_returns(day, today + timedelta(days=n)) for n in range(wanted))
    on = date.fromisoformat(wanted)
    return {"on": day == on, "before": day < on, "after": day > on}[operator]


def _moved(operator: str, span: str, today: date) -> date:
    """Some day in this span, or in the one before or after."""
    day, step = today, {"this": 0, "last": -1, "next": 1}[operator]
    while step and _same(span, day, today):
        day += timedelta(days=step)
    return day


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


def _provider(rule: dict[str, Any], person: Person, now: datetime, zone: str) -> bool:
    domain = person.attributes["email"].rpartition("@")[2]
    known = {"gmail.com": "gmail", "x.example": "others"}
    return known.get(domain) == rule["provider"]


_ANSWERS = {
    "aggregate": _aggregate, "event": _event, "consent": _consent, "message": _message, "list": _list,
    "changed": _changed, "has_been": _has_been, "related": _related, "bucket": _bucket,
    "provider": _provider,
}  # fmt: skip
