"""The demo company's journeys: one that has welcomed new readers for weeks, gone by the real engine, and a draft."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Subquery

from baton.marketing.email import designs
from baton.marketing.email.models import KIND, Broadcast
from baton.marketing.journeys.jobs import tend
from baton.marketing.journeys.models import Journey, JourneyVersion
from baton.marketing.segments.models import Segment
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.deliveries.models import Delivery
from baton.web.demo.audience import READERS
from baton.web.demo.mailings import read_mails
from baton.web.demo.people import DOMAIN
from baton.web.demo.world import World

DAYS = 30
GOAL_DAYS = 4
DECIDES = {"all": [{"attribute": "seniority", "op": "in", "value": ["head", "director", "executive"]}]}
PRICES = "Looked at pricing this month, no deal yet"
WELCOME = {
    "headline": "Good to have you here",
    "text": "Once a month we write what our customers learn about their machines. To begin with, the guide most of "
    "them read first.",
    "button": "Read the guide",
    "link": f"https://{DOMAIN}/guides/maintenance",
}
PROOF = {
    "headline": "What two hundred plants measured",
    "text": "Eleven of a hundred stops announce themselves days ahead. Here is what to look for, and how long it takes "
    "to have it on a screen.",
    "button": "See the figures",
    "link": f"https://{DOMAIN}/guides/maintenance",
}


def make_journeys(world: World) -> None:
    """The journeys, and those who have come by their steps day by day."""
    readers = Segment.objects.get(name=READERS)
    since = Consent.objects.filter(contact=OuterRef("contact"), topic__key="newsletter").values("since")[:1]
    readers.members.update(entered_at=Subquery(since))
    _go(world, _welcome(world, readers))
    _pricing(world)


def _welcome(world: World, readers: Segment) -> Journey:
    begun = world.morning(DAYS)
    journey = _made(world, "Welcome new readers", readers, again_days=365)
    welcome, proof = (_email(world, journey, name, words) for name, words in (("Welcome", WELCOME), ("Proof", PROOF)))
    journey.steps = [
        {"id": "a1f3c2", "kind": "email", "email": welcome.pk},
        _wait("b7d210", 3, at="09:00", workdays=True),
        {
            "id": "c09e44", "kind": "if", "rule": DECIDES,
            "yes": [{"id": "d51b08", "kind": "notify", "user": None, "text": "decides, and has just begun to read us"}],
            "no": [{"id": "e8a7f1", "kind": "email", "email": proof.pk}],
        },
        _wait("f42c9d", 7),
    ]  # fmt: skip
    journey.state, journey.started_at, journey.looked_at = Journey.State.RUNNING, begun, begun
    journey.save()
    JourneyVersion.objects.create(
        journey=journey, number=1, steps=journey.steps, published_at=begun, published_by=journey.owner
    )
    live = {"state": Broadcast.State.LIVE, "started_at": begun, "filled_at": begun}
    journey.emails.update(**live)
    return journey


def _go(world: World, journey: Journey) -> None:
    """Day by day; each evening the mails of the day have gone out."""
    for day in range(DAYS, -1, -1):
        now = world.now - timedelta(days=day)
        if day == GOAL_DAYS:  # since then it has a goal, which some reached at once
            journey.goal = Segment.objects.get(name=PRICES)
            journey.save(update_fields=["goal"])
        tend(journey, now=now)
        queued = Delivery.objects.filter(
            message_kind=KIND, message_id__in=journey.emails.values("pk"), state=Delivery.State.QUEUED
        )
        queued.update(state=Delivery.State.HANDED, attempts=1, handing_since=now, handed_at=now)
        journey.refresh_from_db()
    for email in journey.emails.select_related("campaign"):
        handed = Delivery.objects.filter(message_kind=KIND, message_id=email.pk, state=Delivery.State.HANDED)
        read_mails(world.aside(3), email, list(handed))


def _pricing(world: World) -> None:
    """A draft for whoever comes back to the prices."""
    segment = Segment.objects.get(name=PRICES)
    journey = _made(world, "Back at the prices", segment, leaves_with_segment=True)
    keen = {"all": [{"attribute": "engagement_score", "op": "at_least", "value": 30}]}
    journey.steps = [
        {
            "id": "a90b11", "kind": "await", "rule": keen, "amount": 7, "unit": "days",
            "yes": [{"id": "b3c7d0", "kind": "hand_over"}], "no": [],
        }
    ]  # fmt: skip
    journey.save()


def _made(world: World, name: str, segment: Segment, **fields: Any) -> Journey:
    at = world.morning(DAYS + 2)
    owner = world.users["marketer"][0]
    return Journey.objects.create(name=name, segment=segment, owner=owner, created_at=at, changed_at=at, **fields)


def _email(world: World, journey: Journey, name: str, words: dict[str, str]) -> Broadcast:
    return Broadcast.objects.create(
        name=f"{journey.name}: {name.lower()}",
        subject=f'{{{{ contact.first_name | default: "Hello" }}}}: {words["headline"]}',
        journey=journey,
        campaign=world.campaigns["newsletter"],
        design="announcement",
        fields=designs.first_fields("announcement") | words,
        sender_name="Tessera Sensors",
        sender_email=f"news@{DOMAIN}",
        topic=ConsentTopic.objects.get(key="newsletter"),
        owner=journey.owner,
        created_at=journey.created_at,
        changed_at=journey.created_at,
    )


def _wait(pk: str, days: int, *, at: str = "", workdays: bool = False) -> dict[str, Any]:
    return {"id": pk, "kind": "wait", "amount": days, "unit": "days", "at": at, "workdays": workdays}
