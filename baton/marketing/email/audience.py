"""Whom an email goes to: the members of its segments, and how many of them the gate lets through now.

An email of a journey has no audience; who may come to read it is who is where the journey begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from pyroaring import BitMap64

from baton.marketing.email.models import Broadcast
from baton.marketing.email.writing import Person
from baton.marketing.segments.models import Segment
from baton.marketing.segments.reads import in_any_of
from baton.marketing.trials.models import trial_of
from baton.marketing.trials.rules import HELD, lot, part_of
from baton.people.contacts.models import Contact
from baton.people.deliveries.gate import REASONS, may_mail, not_before
from baton.platform.db import among

COUNT_AT_MOST = 20_000
_OF_PERSON = [*Person._fields[:-2], "company__name"]


def audience_ids(broadcast: Broadcast) -> BitMap64:
    """Contact ids of everyone who is in one of its segments now, in order."""
    return in_any_of(broadcast.segments.all())


def segments_of_readers(broadcast: Broadcast) -> QuerySet[Segment]:
    """Where its readers come from: the segments of its audience, or the one that its journey begins with."""
    journey = broadcast.journey
    return Segment.objects.filter(pk=journey.segment_id) if journey else broadcast.segments.all()


def possible_readers(broadcast: Broadcast) -> BitMap64:
    """Contact ids of everyone who may come to read it, in order."""
    return in_any_of(segments_of_readers(broadcast))


def people_of(contacts: Iterable[int]) -> dict[int, Person]:
    """What an email may tell of each of these contacts, by id."""
    rows = Contact.objects.filter(pk__in=among(contacts)).values_list(*_OF_PERSON)
    return {row[0]: Person(*row) for row in rows}


def sample_of(contacts: BitMap64, at_most: int | None = None) -> tuple[list[int], float]:
    """At most so many of them (COUNT_AT_MOST), spread evenly over their ids, and how many each of these stands for."""
    times = max(1.0, len(contacts) / (at_most or COUNT_AT_MOST))
    return [contacts[int(place * times)] for place in range(round(len(contacts) / times))], times


def not_held_out(broadcast: Broadcast, contacts: list[int]) -> list[int]:
    """Those whom the email's A/B test does not hold out: by the same lots as when it is sent."""
    trial = trial_of(broadcast)
    if trial is None or not trial.held_percent:
        return contacts
    plan = trial.plan
    return [pk for pk in contacts if part_of(plan, lot(trial.salt, pk)) != HELD]


def audience_counts(broadcast: Broadcast, now: datetime) -> dict[str, object]:
    """{"all", "mailable", "held", "quiet", "skipped": [(reason in words, how many)], "is_about"}.

    `held` are let through and held out by the A/B test, `quiet` those of the mailable whose quiet hours it is now. The
    gate is asked of each person, but in a large audience only of a sample; then all but `all` are reckoned from it.
    """
    ids = audience_ids(broadcast)
    asked, times = sample_of(ids)
    if broadcast.topic is None:
        return {"all": len(ids), "mailable": 0, "held": 0, "quiet": 0, "skipped": [], "is_about": False}
    answers = may_mail(asked, broadcast.topic, now)
    allowed = [pk for pk, reason in answers.items() if reason is None]
    mailable = not_held_out(broadcast, allowed)
    skipped = Counter(reason for reason in answers.values() if reason)
    return {
        "all": len(ids),
        "mailable": round(len(mailable) * times),
        "held": round((len(allowed) - len(mailable)) * times),
        "quiet": round(len(not_before(mailable, now)) * times),
        "skipped": [(REASONS[reason], round(number * times)) for reason, number in skipped.most_common()],
        "is_about": times > 1,
    }
