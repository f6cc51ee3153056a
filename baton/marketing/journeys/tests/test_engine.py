"""The engine takes sets of people as one would take each person alone, whatever the steps and the hours are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from baton.marketing.journeys import rules
from baton.marketing.journeys.engine import Answer, Course, Pass, Stand, Traveller, advance
from baton.marketing.trials.rules import lot

START = datetime(2026, 3, 27, 16, 0, tzinfo=UTC)  # a Friday, two days before summer time
ZONES = [ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")]


class Made:
    """A world in which a rule {"from": hours, "of": remainder} comes true for some contacts so many hours after the
    start, and a mail to a contact is settled as many hours after it was asked for as their id says.
    """

    def __init__(self) -> None:
        self.now = START
        self.asked: dict[tuple[int, int], datetime] = {}
        self.done: list[tuple[str, int]] = []

    def zones(self, contacts: Iterable[int]) -> dict[int, ZoneInfo]:
        return {pk: ZONES[pk % 3] for pk in contacts}

    def holding(self, rule: dict, contacts: set[int], step: str) -> set[int]:
        return {pk for pk in contacts if holds(rule, pk, self.now)}

    def said(self, rule: dict) -> str:
        return "so"

    def mail(self, step: rules.Step, people: Sequence[Course]) -> dict[int, Answer]:
        told: dict[int, Answer] = {}
        for course in people:
            since = self.asked.setdefault((step["email"], course.who.contact), self.now)
            ready = since + timedelta(hours=course.who.contact % 4)
            told[course.who.run] = Pass("sent") if ready <= self.now else Stand(None)
        return told

    def act(self, step: rules.Step, people: Sequence[Course]) -> str:
        self.done += [(step["id"], course.who.contact) for course in people]
        return ""


def holds(rule: dict, contact: int, now: datetime) -> bool:
    return contact % 3 == rule["of"] and now >= START + timedelta(hours=rule["from"])


def alone(steps: list[dict], contact: int, hours: int) -> list[tuple[str, str, int]]:
    """The plain way: one person, hour by hour, step by step; gives step, way and the hour it was passed."""
    passed: list[tuple[str, str, int]] = []
    row, hour = list(steps), 0
    since, mailed = START, None
    while row and hour <= hours:
        step, now = row[0], START + timedelta(hours=hour)
        kind, way = step["kind"], ""
        if kind == "wait" and rules.wait_ends(step, since, ZONES[contact % 3]) > now:
            way = "stay"
        elif kind == "email":
            mailed = now if mailed is None else mailed
            way = "sent" if mailed + timedelta(hours=contact % 4) <= now else "stay"
        elif kind in ("if", "await"):
            is_over = kind == "if" or rules.limit_of(step, since) <= now
            way = "yes" if holds(step["rule"], contact, now) else "no" if is_over else "stay"
        elif kind == "split":
            way = "a" if lot(step["id"], contact) * 100 < step["percent"] else "b"
        if way == "stay":
            hour += 1
            continue
        passed.append((step["id"], way, hour))
        row, since, mailed = ([] if kind == "end" else [*step.get(way, []), *row[1:]]), now, None
    return passed


def together(steps: list[dict], contacts: range, hours: int) -> dict[int, list[tuple[str, str, int]]]:
    """All of them by the engine, asked anew every hour for those who stand."""
    plan, world = rules.plan_of(steps), Made()
    people = [Traveller(pk, pk, 0, plan.first, 0, START) for pk in contacts if plan.first]
    passed: dict[int, list[tuple[str, str, int]]] = {pk: [] for pk in contacts}
    for hour in range(hours + 1):
        world.now = START + timedelta(hours=hour)
        courses = advance(plan, people, world)
        for course in courses:
            passed[course.who.contact] += [(it.step, it.way, hour) for it in course.passages]
        people = [
            Traveller(one.who.run, one.who.contact, 0, one.step, one.place, one.arrived_at)
            for one in courses
            if one.step
        ]
    return passed


def steps_of(depth: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    rule = st.fixed_dictionaries({"of": st.integers(0, 2), "from": st.integers(0, 60)})
    amount = {"amount": st.integers(1, 30), "unit": st.sampled_from(["hours", "days"])}
    plain = [
        st.fixed_dictionaries({"kind": st.just("email")}),
        st.fixed_dictionaries({"kind": st.just("wait"), **amount, "at": st.sampled_from(["", "09:00"]),
                               "workdays": st.booleans()}),
        st.fixed_dictionaries({"kind": st.just("list")}),
        st.fixed_dictionaries({"kind": st.just("end")}),
    ]  # fmt: skip
    if not depth:
        return st.lists(st.one_of(plain), max_size=3)
    ways = steps_of(depth - 1)
    parting = [
        st.fixed_dictionaries({"kind": st.just("if"), "rule": rule, "yes": ways, "no": ways}),
        st.fixed_dictionaries({"kind": st.just("await"), "rule": rule, **amount, "yes": ways, "no": ways}),
        st.fixed_dictionaries({"kind": st.just("split"), "percent": st.integers(1, 99), "a": ways, "b": ways}),
    ]
    return st.lists(st.one_of([*plain, *parting]), max_size=4)


def numbered(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for n, (step, _depth) in enumerate(rules.walk(steps)):
        step["id"] = f"s{n}"
        if step["kind"] == "email":
            step["email"] = n
    return steps


@settings(max_examples=150, deadline=None)
@given(steps_of(2).map(numbered))
def test_together_they_go_as_each_would_alone(steps: list[dict[str, Any]]) -> None:
    went = together(steps, range(1, 10), 120)
    for contact in range(1, 10):
        assert went[contact] == alone(steps, contact, 120)


def test_what_a_step_does_it_does_once_for_each() -> None:
    steps = numbered([{"kind": "list"}, {"kind": "wait", "amount": 1, "unit": "hours"}, {"kind": "list"}])
    plan, world = rules.plan_of(steps), Made()
    advance(plan, [Traveller(pk, pk, 0, "s0", 0, START) for pk in (1, 2)], world)
    assert world.done == [("s0", 1), ("s0", 2)]
