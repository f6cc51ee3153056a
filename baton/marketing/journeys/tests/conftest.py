"""A journey that runs: a segment of people who agreed, and emails that may go out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.email.tests.conftest import sent_to as sent_to
from baton.marketing.journeys.models import Journey, JourneyRun, JourneyVersion
from baton.marketing.segments.models import Segment, SegmentMember
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from tests.cast import a_contact, a_user

EVERYONE = {"all": [{"attribute": "email", "op": "known"}]}


def a_segment(name: str = "Signed up") -> Segment:
    return Segment.objects.create(name=name, rule=EVERYONE)


def a_journey(*steps: dict[str, Any], **fields: Any) -> Journey:
    """A draft; give `emails=2` for so many emails of its own, whose ids the steps may name by 1, 2 ..."""
    number = fields.pop("emails", 0)
    fields = {"name": "Welcome", "segment": fields.pop("segment", None) or a_segment(), **fields}
    journey = Journey.objects.create(**fields, owner=fields.get("owner") or a_user("marketer"))
    emails = [an_email_of(journey, n + 1) for n in range(number)]
    journey.steps = [one | ({"email": emails[one["email"] - 1].pk} if one["kind"] == "email" else {}) for one in steps]
    journey.save()
    return journey


def an_email_of(journey: Journey, number: int) -> Broadcast:
    email = an_email(0, name=f"Email {number}", subject=f"Mail {number}", journey=journey, campaign=None)
    email.segments.clear()
    return email


def running(journey: Journey, at: datetime) -> Journey:
    """Started without asking the DNS."""
    JourneyVersion.objects.create(journey=journey, number=1, steps=journey.steps, published_at=at)
    journey.emails.update(state="live", started_at=at, filled_at=at)
    journey.state, journey.started_at, journey.looked_at = "running", at, at
    journey.taken_to = 0 if journey.takes_members else None
    journey.save()
    return journey


def enters(segment: Segment, contact: Contact | None = None, *, at: datetime) -> Contact:
    """Somebody who agreed enters a segment."""
    contact = contact or a_contact()
    topic, _ = ConsentTopic.objects.get_or_create(key="newsletter", defaults={"label": "Newsletter"})
    Consent.objects.get_or_create(contact=contact, topic=topic, defaults={"state": "given", "since": at})
    SegmentMember.objects.create(segment=segment, contact=contact, entered_at=at)
    return contact


def leaves(segment: Segment, contact: Contact, *, at: datetime) -> None:
    SegmentMember.objects.filter(segment=segment, contact=contact, left_at=None).update(left_at=at)


def run_of(journey: Journey, contact: Contact) -> JourneyRun:
    return JourneyRun.objects.filter(journey=journey, contact=contact).order_by("-number").first()


def settle(**fields: Any) -> int:
    """All mail on the ledger is handed over."""
    waiting = Delivery.objects.filter(state="queued")
    return waiting.update(**{"state": "handed", "handed_at": timezone.now()} | fields)


def passed(run: JourneyRun) -> list[tuple[str, str]]:
    return list(run.passages.values_list("step", "way"))


def email(pk: str, number: int) -> dict[str, Any]:
    return {"id": pk, "kind": "email", "email": number}


def wait(pk: str, amount: int = 1, unit: str = "days", **told: Any) -> dict[str, Any]:
    return {"id": pk, "kind": "wait", "amount": amount, "unit": unit, "at": "", "workdays": False, **told}


@pytest.fixture(autouse=True)
def _home(tmp_path: Any, settings: Any) -> None:
    settings.BATON_HOME = tmp_path
