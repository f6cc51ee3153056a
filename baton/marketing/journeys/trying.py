"""What the simulator's page shows: one contact's way, or how many of the segment would come by each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from pyroaring import BitMap64

from baton.marketing.email.audience import sample_of
from baton.marketing.journeys import reads, rules
from baton.marketing.journeys.models import Journey
from baton.marketing.journeys.simulate import Imagined, simulate
from baton.marketing.journeys.words import WAY_WORDS, say
from baton.marketing.segments.leaves.look import ids_of
from baton.marketing.segments.models import SegmentMember
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User

MANY = 500
OFFERED = 6


@dataclass(frozen=True)
class TriedStep:
    """A step of an imagined way. `other` is the address of the page on which it goes the other way."""

    said: str
    kind: str
    email: int | None
    arrived_at: datetime
    passed_at: datetime
    way: str
    because: str
    other: str
    is_supposed: bool


def tried(journey: Journey, asked: Mapping[str, str], user: User, *, now: datetime) -> dict[str, Any]:
    """What the page is drawn from; `asked` is its query: who, everyone, and what is supposed of steps."""
    plan = rules.plan_of(journey.steps)
    supposed = {pk: asked[f"is-{pk}"] for pk in plan.order if asked.get(f"is-{pk}") in ("yes", "no")}
    visible = Contact.objects.visible_to(user)
    members = SegmentMember.objects.filter(segment=journey.segment_id, left_at=None, contact__in=visible)
    context: dict[str, Any] = {
        "who": asked.get("who", "").strip().lower(), "contact": None, "everyone": False, "supposed": supposed,
        "offered": [one.contact for one in members.select_related("contact").order_by("pk")[:OFFERED]],
    }  # fmt: skip
    if asked.get("everyone"):
        return context | _of_many(journey, plan, ids_of(members, "contact_id"), now)
    contact = visible.holding(email=[context["who"]]).first() if context["who"] else None
    if contact is None:
        return context
    (way,) = simulate(plan, [contact.pk], now=now, supposed=supposed)
    return context | {"contact": contact, "way": way, "steps": _told(journey, plan, way, context["who"], supposed)}


def _told(journey: Journey, plan: rules.Plan, way: Imagined, who: str, supposed: dict[str, str]) -> list[TriedStep]:
    words, told = reads.called(journey), []
    for it in way.passages:
        step = plan.steps[it.step]
        asks = step["kind"] in (rules.IF, rules.AWAIT)
        turned = supposed | {it.step: "no" if it.way == "yes" else "yes"}
        query = urlencode({"who": who} | {f"is-{pk}": answer for pk, answer in turned.items()})
        told.append(TriedStep(
            say(step, words), step["kind"], step.get("email"), it.arrived_at, it.passed_at, it.way, it.because,
            f"?{query}" if asks else "", it.step in supposed,
        ))  # fmt: skip
    return told


def _of_many(journey: Journey, plan: rules.Plan, members: BitMap64, now: datetime) -> dict[str, Any]:
    """How many come by each step and by which way; of more than 500, of 500 spread over them."""
    chosen, _times = sample_of(members, MANY)
    ways = simulate(plan, chosen, now=now)
    passed = Counter((it.step, it.way) for way in ways for it in way.passages)
    ends = [max((it.passed_at for it in way.passages), default=now) for way in ways]
    words = reads.called(journey)
    rows = [
        (say(step, words), step["kind"], depth, {way: passed[step["id"], way] for way in _ways_of(step["id"], passed)})
        for step, depth in rules.walk(journey.steps)
    ]
    return {"everyone": True, "tried": len(chosen), "members": len(members), "rows": rows,
            "last_at": max(ends, default=now)}  # fmt: skip


def _ways_of(step: str, passed: Counter[tuple[str, str]]) -> list[str]:
    """The ways out of a step that somebody took: yes before no, sent before left out."""
    return sorted((way for pk, way in passed if pk == step), key=["", *WAY_WORDS].index)
