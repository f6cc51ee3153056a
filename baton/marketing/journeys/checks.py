"""What keeps a journey from running: steps that say nothing, emails that may not go out, lists that are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from baton.marketing.email.actions import blocks_live
from baton.marketing.email.models import Broadcast
from baton.marketing.journeys import rules
from baton.marketing.journeys.models import Journey
from baton.marketing.segments.models import ContactList, Segment


@dataclass(frozen=True)
class Fault:
    """Something to be mended first; `step` is where, "" for the journey itself."""

    step: str
    what: str


def faults(journey: Journey, now: datetime) -> list[Fault]:
    """All that stands in the way; emails are asked whether they may go out, which may ask the DNS."""
    found = faults_of_steps(journey)
    if not found:
        for email in emails_of(journey):
            if email.state == Broadcast.State.DRAFT:
                for what in blocks_live(email, now):
                    step = next(one["id"] for one in _email_steps(journey) if one["email"] == email.pk)
                    found.append(Fault(step, f"{email.name}: {what}"))
    return found


def faults_of_steps(journey: Journey) -> list[Fault]:
    """What can be seen of the steps and the settings alone."""
    return list(_of_steps(journey))


def _of_steps(journey: Journey) -> Iterator[Fault]:
    if journey.segment.deleted_at:
        yield Fault("", _("The segment it begins with is put away."))
    if not journey.steps:
        yield Fault("", _("It has no step yet."))
    emails = {email.pk for email in emails_of(journey)}
    used = Counter(step["email"] for step in _email_steps(journey) if step["email"])
    lists = set(ContactList.objects.live().values_list("pk", flat=True))
    segments = set(Segment.objects.live().values_list("pk", flat=True))
    for step, _depth in rules.walk(journey.steps):
        kind, pk = step["kind"], step["id"]
        if kind == rules.EMAIL and step["email"] not in emails:
            yield Fault(pk, _("A step sends an email that is not written yet."))
        elif kind == rules.EMAIL and used[step["email"]] > 1:
            yield Fault(pk, _("Two steps send the same email; nobody would get it twice."))
        elif kind == rules.LIST and step["list"] not in lists:
            yield Fault(pk, _("A step speaks of a contact list that is put away."))
        elif rules.segments_of(step) - segments:
            yield Fault(pk, _("A step asks for a segment that is put away."))


def emails_of(journey: Journey) -> list[Broadcast]:
    """The emails that its steps send, in their order; those that are put away are not among them."""
    wanted = [step["email"] for step in _email_steps(journey) if step["email"]]
    there = Broadcast.objects.live().filter(journey=journey).in_bulk(wanted)
    return [there[pk] for pk in dict.fromkeys(wanted) if pk in there]


def _email_steps(journey: Journey) -> list[rules.Step]:
    return rules.plan_of(journey.steps).of_kind(rules.EMAIL)
