"""The simulator: the engine under a virtual clock, for people as they are now. It writes nothing and sends nothing.

Nobody knows what people will do: a wait for something that has not happened ends unanswered, unless one supposes that
it happens. What the clock and the gate of mail decide is decided as it will be: waits, quiet hours, consent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from baton.marketing.email.models import Broadcast
from baton.marketing.journeys.engine import Answer, Course, Pass, Passage, Stand, Traveller, advance
from baton.marketing.journeys.rules import Plan, Step
from baton.marketing.journeys.world import Live
from baton.people.deliveries.gate import REASONS, may_mail, not_before

MOST_ROUNDS = 3_000


class Virtual(Live):
    """The database as it is, at a moment that is not now; `supposed` answers steps that ask: "yes" or "no" by step."""

    def __init__(self, now: datetime, supposed: Mapping[str, str]) -> None:
        super().__init__(now)
        self._supposed = supposed

    def holding(self, rule: dict, contacts: set[int], step: str) -> set[int]:
        """As supposed, else as it is."""
        if step in self._supposed:
            return contacts if self._supposed[step] == "yes" else set()
        return super().holding(rule, contacts, step)

    def mail(self, step: Step, people: Sequence[Course]) -> dict[int, Answer]:
        """What the gate would say."""
        email = Broadcast.objects.select_related("topic").filter(pk=step["email"] or 0).first()
        contacts = [course.who.contact for course in people]
        reasons = may_mail(contacts, email.topic, self.now) if email and email.topic else {}
        waits = not_before([pk for pk in contacts if not reasons.get(pk)], self.now)
        return {course.who.run: _answered(reasons.get(course.who.contact), waits.get(course.who.contact))
                for course in people}  # fmt: skip

    def act(self, step: Step, people: Sequence[Course]) -> None:
        """Nothing."""


def _answered(reason: str | None, wait: datetime | None) -> Answer:
    if reason:
        return Pass("skipped", str(REASONS[reason]))
    return Stand(wait) if wait else Pass("sent")


@dataclass
class Imagined:
    """One person's way as it would be: the steps passed, and where and until when they stand if it never ends."""

    contact: int
    passages: list[Passage] = field(default_factory=list)
    step: str = ""

    @property
    def is_through(self) -> bool:
        return not self.step


def simulate(
    plan: Plan, contacts: Iterable[int], *, now: datetime, supposed: Mapping[str, str] | None = None
) -> list[Imagined]:
    """Take contacts through a plan, all beginning at `now`; the clock leaps from one moment to the next."""
    imagined = [Imagined(pk, step=plan.first) for pk in contacts]
    waiting = [Traveller(n, one.contact, 0, plan.first, 0, now) for n, one in enumerate(imagined)]
    due = dict.fromkeys(range(len(imagined)), now)
    world = Virtual(now, supposed or {})
    for _round in range(MOST_ROUNDS):
        if not waiting:
            break
        world.now = min(due[who.run] for who in waiting)
        ripe = [who for who in waiting if due[who.run] <= world.now]
        waiting = [who for who in waiting if due[who.run] > world.now]
        for course in advance(plan, ripe, world):
            one = imagined[course.who.run]
            one.passages += course.passages
            one.step = course.step
            if course.step:
                due[course.who.run] = course.due_at or world.now
                waiting.append(Traveller(course.who.run, one.contact, 0, course.step, course.place, course.arrived_at))
    return imagined
