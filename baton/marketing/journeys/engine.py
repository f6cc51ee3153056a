"""The engine: takes sets of people through the steps of a plan, as far as they get at one moment.

It knows no clock and writes nothing. What it asks and does goes through a World: the real one (world.py) reads the
database and collects what is to be written, the simulator's (simulate.py) has a virtual clock and does nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Protocol
from zoneinfo import ZoneInfo

from baton.marketing.journeys import rules
from baton.marketing.journeys.rules import Plan, Step
from baton.marketing.trials.rules import lot


@dataclass(frozen=True)
class Traveller:
    """Someone at a step. `number` is which of their ways through this journey it is, `passed` how many steps lie behind
    them.
    """

    run: int
    contact: int
    number: int
    step: str
    passed: int
    arrived_at: datetime


@dataclass(frozen=True)
class Pass:
    """They go on: by which way out, and why."""

    way: str = ""
    because: str = ""


@dataclass(frozen=True)
class Stand:
    """They stay until a moment, or until what the step waits for has happened."""

    until: datetime | None


Answer = Pass | Stand


@dataclass(frozen=True)
class Passage:
    """A step that was passed."""

    step: str
    arrived_at: datetime
    passed_at: datetime
    way: str
    because: str


@dataclass
class Course:
    """What became of a traveller: the steps passed, and where they stand then; at "" they are through."""

    who: Traveller
    step: str
    arrived_at: datetime
    passages: list[Passage] = field(default_factory=list)
    due_at: datetime | None = None

    @property
    def place(self) -> int:
        """How many steps lie behind them."""
        return self.who.passed + len(self.passages)


class World(Protocol):
    """What the engine asks and does."""

    now: datetime

    def zones(self, contacts: Iterable[int]) -> dict[int, ZoneInfo]:
        """The zone of each contact's clock."""

    def holding(self, rule: dict, contacts: set[int], step: str) -> set[int]:
        """Those of the contacts for whom a rule holds now; `step` is who asks."""

    def said(self, rule: dict) -> str:
        """A rule in words."""

    def mail(self, step: Step, people: Sequence[Course]) -> dict[int, Answer]:
        """Send an email to these who have arrived; an answer for each run. Asked again it sends nothing twice."""

    def act(self, step: Step, people: Sequence[Course]) -> None:
        """Do what a list, notify or hand-over step does for these, once."""


def advance(plan: Plan, travellers: Iterable[Traveller], world: World) -> list[Course]:
    """Take everyone as far as they get now. Each step is asked once, for all who are at it."""
    courses = [Course(who, who.step, who.arrived_at) for who in travellers]
    standing: dict[str, list[Course]] = {}
    for course in courses:
        standing.setdefault(course.step, []).append(course)
    for pk in plan.order:
        people = standing.pop(pk, [])
        if not people:
            continue
        for course, answer in zip(people, _answers(plan.steps[pk], people, world), strict=True):
            if isinstance(answer, Stand):
                course.due_at = answer.until
                continue
            course.passages.append(Passage(pk, course.arrived_at, world.now, answer.way, answer.because))
            course.step, course.arrived_at = plan.after(pk, _way_out(plan.steps[pk], answer.way)), world.now
            standing.setdefault(course.step, []).append(course)
    return courses


def _way_out(step: Step, way: str) -> str:
    """A mail that was skipped goes on as one that was sent: only steps with ways part people."""
    return way if step["kind"] in rules.WAYS else ""


def _answers(step: Step, people: list[Course], world: World) -> list[Answer]:
    kind = step["kind"]
    if kind == rules.EMAIL:
        mailed = world.mail(step, people)
        return [mailed[course.who.run] for course in people]
    if kind == rules.WAIT:
        return _waited(step, people, world)
    if kind in (rules.IF, rules.AWAIT):
        return _asked(step, people, world)
    if kind == rules.SPLIT:
        return [_drawn(step, course.who.contact) for course in people]
    if kind != rules.END:
        world.act(step, people)
    return [Pass() for _course in people]


def _waited(step: Step, people: list[Course], world: World) -> list[Answer]:
    zones = world.zones(course.who.contact for course in people)
    end_of = cache(partial(rules.wait_ends, step))  # most came at the same moment and live in a few zones
    ends = [end_of(course.arrived_at, zones[course.who.contact]) for course in people]
    return [Pass() if end <= world.now else Stand(end) for end in ends]


def _asked(step: Step, people: list[Course], world: World) -> list[Answer]:
    contacts = {course.who.contact for course in people}
    yes, said = world.holding(step["rule"], contacts, step["id"]), world.said(step["rule"])
    answers: list[Answer] = []
    for course in people:
        limit = rules.limit_of(step, course.arrived_at) if step["kind"] == rules.AWAIT else world.now
        if course.who.contact in yes:
            answers.append(Pass("yes", said))
        else:
            answers.append(Pass("no", said) if limit <= world.now else Stand(limit))
    return answers


def _drawn(step: Step, contact: int) -> Answer:
    """Always the same for the same person and step."""
    return Pass("a" if lot(step["id"], contact) * 100 < step["percent"] else "b")
