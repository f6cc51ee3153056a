"""The real world of the engine: reads the database, and collects what is to be written when people are moved.

Nothing is written here. moving.py writes effects in the transaction that moves the people, and only for those it moves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from baton.marketing.email.models import KIND, Broadcast
from baton.marketing.journeys import rules
from baton.marketing.journeys.engine import Answer, Course, Pass, Stand
from baton.marketing.journeys.rules import Step
from baton.marketing.journeys.words import SENT_WAYS
from baton.marketing.segments.compile import Compiler
from baton.marketing.segments.reads import names
from baton.marketing.segments.words import Names, sentence
from baton.people.contacts.models import Contact
from baton.people.deliveries.gate import REASONS
from baton.people.deliveries.models import Delivery
from baton.people.deliveries.reads import UNFINISHED
from baton.platform.dates import known_zones
from baton.platform.db import among
from baton.platform.organisation import organisation

State = Delivery.State
MANY = 20_000  # of more people than this a rule is asked of everyone


@dataclass
class Effects:
    """What steps do, by run: emails for the ledger, places on lists, messages to people of the house, handovers."""

    mails: list[tuple[int, int, int, int]] = field(default_factory=list)  # run, email, contact, number
    lists: list[tuple[int, Step, int]] = field(default_factory=list)  # run, step, contact
    notices: list[tuple[int, Step, int, int]] = field(default_factory=list)  # run, step, contact, place
    handovers: list[tuple[int, int, int]] = field(default_factory=list)  # run, contact, place


class Live:
    """The database as it is at `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.effects = Effects()

    def zones(self, contacts: Iterable[int]) -> dict[int, ZoneInfo]:
        """Who lives in no zone that is known lives in the organisation's."""
        rows = Contact.objects.filter(pk__in=among(contacts)).values_list("pk", "zone")
        ours = ZoneInfo(organisation().zone)
        found = {pk: ZoneInfo(zone) if zone in known_zones() else ours for pk, zone in rows}
        return defaultdict(lambda: ours, found)

    def holding(self, rule: dict, contacts: set[int], step: str) -> set[int]:
        """Who of them satisfies a rule now."""
        only = sorted(contacts) if len(contacts) <= MANY else None
        return contacts & set(Compiler(now=self.now, only=only).members(rule))

    @cached_property
    def _names(self) -> Names:
        return names()

    def said(self, rule: dict) -> str:
        return sentence(rule, self._names)

    def mail(self, step: Step, people: Sequence[Course]) -> dict[int, Answer]:
        """Who has no row on the ledger yet gets one and stands; who has one goes on once it is settled."""
        rows = Delivery.objects.filter(
            message_kind=KIND, message_id=step["email"], contact__in=among(course.who.contact for course in people)
        ).values_list("contact_id", "occasion", "state", "reason")
        told = {(contact, occasion): (state, reason) for contact, occasion, state, reason in rows}
        is_over = any((one.who.contact, one.who.number) not in told for one in people) and _is_over(step["email"])
        answers: dict[int, Answer] = {}
        for course in people:
            who = course.who
            state, reason = told.get((who.contact, who.number), ("", ""))
            is_new = not state and not is_over
            if is_new:
                self.effects.mails.append((who.run, step["email"], who.contact, who.number))
            answers[who.run] = Stand(None) if is_new or state in UNFINISHED else _became(state, reason)
        return answers

    def act(self, step: Step, people: Sequence[Course]) -> None:
        """Collect what the step does for these."""
        for course in people:
            who = course.who
            if step["kind"] == rules.LIST:
                self.effects.lists.append((who.run, step, who.contact))
            elif step["kind"] == rules.NOTIFY:
                self.effects.notices.append((who.run, step, who.contact, course.place))
            elif step["kind"] == rules.HAND_OVER:
                self.effects.handovers.append((who.run, who.contact, course.place))


def _is_over(email: int) -> bool:
    """Whether an email sends nothing more: it is gone, or it was ended."""
    ended = [Broadcast.State.SENT, Broadcast.State.CANCELLED]
    return not Broadcast.objects.live().filter(pk=email).exclude(state__in=ended).exists()


def _became(state: str, reason: str) -> Pass:
    """How somebody goes on whose mail is settled; without a state the email had ended before it was their turn."""
    if not state:
        return Pass("skipped", _("the email is not sent any more"))
    return Pass(SENT_WAYS.get(state, "sent"), str(REASONS.get(reason, reason.replace("_", " "))))
