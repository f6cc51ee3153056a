"""Pure rules of journeys: what steps there are, their order, when a wait ends, and how one edits them.

Steps are JSON, a list in their order. Each has an `id` and a `kind`; some have ways, lists of further steps, after
which everybody goes on with the step below:

    {"id": "a1", "kind": "email", "email": 12}
    {"id": "b2", "kind": "wait", "amount": 3, "unit": "days", "at": "09:00", "workdays": true}
    {"id": "c3", "kind": "await", "rule": {...}, "amount": 7, "unit": "days", "yes": [...], "no": [...]}
    {"id": "d4", "kind": "if", "rule": {...}, "yes": [...], "no": [...]}
    {"id": "e5", "kind": "split", "percent": 50, "a": [...], "b": [...]}
    {"id": "f6", "kind": "list", "list": 4, "is_off": false}
    {"id": "g7", "kind": "notify", "user": 3 or null for the contact's owner, "text": "..."}
    {"id": "h8", "kind": "hand_over"}
    {"id": "i9", "kind": "end"}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from baton.marketing.segments.rules import leaves

Step = dict[str, Any]
Steps = list[Step]

EMAIL, WAIT, AWAIT, IF, SPLIT, LIST, NOTIFY, HAND_OVER, END = (
    "email", "wait", "await", "if", "split", "list", "notify", "hand_over", "end"
)  # fmt: skip
KINDS = [EMAIL, WAIT, AWAIT, IF, SPLIT, LIST, NOTIFY, HAND_OVER, END]
WAYS: dict[str, tuple[str, ...]] = {AWAIT: ("yes", "no"), IF: ("yes", "no"), SPLIT: ("a", "b")}
MINUTES, HOURS, DAYS, WEEKS = "minutes", "hours", "days", "weeks"
UNITS = {MINUTES: timedelta(minutes=1), HOURS: timedelta(hours=1), DAYS: timedelta(days=1), WEEKS: timedelta(weeks=1)}
ON_CLOCK = (DAYS, WEEKS)  # of these one is as long as the clock says, whatever daylight saving does
MAX_STEPS, MAX_DEPTH, MAX_AMOUNT = 100, 5, 1000
SATURDAY = 5


@dataclass(frozen=True)
class Plan:
    """Steps as one passes them. Every next step stands later in `order` than the one before it: nothing goes round."""

    first: str
    order: list[str] = field(default_factory=list)
    steps: dict[str, Step] = field(default_factory=dict)
    _next: dict[tuple[str, str], str] = field(default_factory=dict)

    def after(self, step: str, way: str = "") -> str:
        """The step after this one, on that way out of it; "" where the journey is at its end."""
        return self._next[step, way]

    def of_kind(self, kind: str) -> list[Step]:
        return [one for one in self.steps.values() if one["kind"] == kind]


def plan_of(steps: Steps) -> Plan:
    """The plan of checked steps."""
    plan = Plan(first=steps[0]["id"] if steps else "")
    _lay(plan, steps, "")
    return plan


def _lay(plan: Plan, steps: Steps, afterwards: str) -> None:
    for step, following in zip(steps, [*(below["id"] for below in steps[1:]), afterwards], strict=False):
        pk, ways = step["id"], WAYS.get(step["kind"], ())
        plan.order.append(pk)
        plan.steps[pk] = step
        for way in ways:
            inside = step[way]
            plan._next[pk, way] = inside[0]["id"] if inside else following
            _lay(plan, inside, following)
        if not ways:
            plan._next[pk, ""] = "" if step["kind"] == END else following


def wait_ends(step: Step, since: datetime, zone: ZoneInfo) -> datetime:
    """When a wait that began at `since` is over, in UTC.

    Days and weeks are the clock's in `zone`. With `at` it is the first time after them that this clock shows that hour,
    with `workdays` on a day from Monday to Friday. An hour that the clock leaps over is as much later.
    """
    length = UNITS[step["unit"]] * step["amount"]
    if step["unit"] in ON_CLOCK:
        here = since.astimezone(zone).replace(tzinfo=None, fold=0) + length
    else:
        here = (since + length).astimezone(zone).replace(tzinfo=None)
        if not step.get("at") and not (step.get("workdays") and here.weekday() >= SATURDAY):
            return since + length
    if step.get("at"):
        hour = time.fromisoformat(step["at"])
        here = datetime.combine(here.date() + timedelta(days=here.time() > hour), hour)
    while step.get("workdays") and here.weekday() >= SATURDAY:
        here += timedelta(days=1)
    return max(here.replace(tzinfo=zone).astimezone(UTC), since)


def limit_of(step: Step, since: datetime) -> datetime:
    """When waiting for something is given up."""
    return since + UNITS[step["unit"]] * step["amount"]


def walk(steps: Steps, depth: int = 0) -> Iterator[tuple[Step, int]]:
    """Every step from top to bottom, with how deep it stands."""
    for step in steps:
        yield step, depth
        for way in WAYS.get(step["kind"], ()):
            yield from walk(step[way], depth + 1)


def found(steps: Steps, pk: str) -> Step | None:
    """The step of that id."""
    return next((step for step, _depth in walk(steps) if step["id"] == pk), None)


def alone(step: Step) -> Step:
    """A step without what stands on its ways."""
    return {key: value for key, value in step.items() if key not in WAYS.get(step["kind"], ())}


def mark_of(step: Step) -> str:
    """A few letters that are others as soon as the step says something else; its ways do not count."""
    return hashlib.sha256(json.dumps(alone(step), sort_keys=True).encode()).hexdigest()[:12]


def segments_of(step: Step) -> set[int]:
    """The segments that a step asks for."""
    return {leaf["segment"] for leaf in leaves(step["rule"]) if "segment" in leaf} if "rule" in step else set()


def new_id(steps: Steps, drawn: Callable[[], str]) -> str:
    """An id that no step has, of what `drawn` gives."""
    taken = {step["id"] for step, _depth in walk(steps)}
    while (made := drawn()) in taken:
        pass
    return made


@dataclass(frozen=True)
class Place:
    """Where a step is put: below the step `after`, first on the `way` of `inside`, or first of all."""

    after: str = ""
    inside: str = ""
    way: str = ""

    @classmethod
    def read(cls, text: str) -> Place:
        """From "after:a1", "in:c3:yes" or ""."""
        verb, _colon, rest = text.partition(":")
        if verb == "after":
            return cls(after=rest)
        inside, _colon, way = rest.partition(":")
        return cls(inside=inside, way=way) if verb == "in" else cls()

    def __str__(self) -> str:
        if self.after:
            return f"after:{self.after}"
        return f"in:{self.inside}:{self.way}" if self.inside else ""


class NoSuchStep(ValueError):
    """The steps have no such place any more: somebody has taken it away."""


def put_in(steps: Steps, step: Step, place: Place) -> Steps:
    """The steps with one more. Raises NoSuchStep."""
    made = deepcopy(steps)
    row, at = _row_of(made, place)
    row.insert(at, step)
    return made


def _row_of(steps: Steps, place: Place) -> tuple[Steps, int]:
    if place.after:
        row, at = _holding(steps, place.after)
        return row, at + 1
    if not place.inside:
        return steps, 0
    parent = found(steps, place.inside)
    if parent is None or place.way not in WAYS.get(parent["kind"], ()):
        raise NoSuchStep(place.inside)
    return parent[place.way], 0


def _holding(steps: Steps, pk: str) -> tuple[Steps, int]:
    """The list a step stands in, and its place there."""
    for at, step in enumerate(steps):
        if step["id"] == pk:
            return steps, at
        for way in WAYS.get(step["kind"], ()):
            if found(step[way], pk):
                return _holding(step[way], pk)
    raise NoSuchStep(pk)


def put_instead(steps: Steps, step: Step) -> Steps:
    """The steps with one changed; its ways stay as they are where it still has them. Raises NoSuchStep."""
    made = deepcopy(steps)
    row, at = _holding(made, step["id"])
    kept = {way: row[at].get(way, []) for way in WAYS.get(step["kind"], ())}
    row[at] = {**step, **kept}
    return made


def taken_out(steps: Steps, pk: str) -> Steps:
    """The steps without one, and without all that stands on its ways. Raises NoSuchStep."""
    made = deepcopy(steps)
    row, at = _holding(made, pk)
    del row[at]
    return made


def shifted(steps: Steps, pk: str, by: int) -> Steps:
    """The steps with one moved up or down among its neighbours; at the end of them nothing changes."""
    made = deepcopy(steps)
    row, at = _holding(made, pk)
    if 0 <= at + by < len(row):
        row.insert(at + by, row.pop(at))
    return made
