"""Queries about consent: where a contact stands, which topics there are and how many agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact

EVIDENCE_SHOWN = 50
State = Consent.State


@dataclass(frozen=True)
class Standing:
    """Where a contact stands on a topic: never asked where `consent` is None."""

    topic: ConsentTopic
    consent: Consent | None
    has_ended: bool

    @property
    def is_given(self) -> bool:
        return bool(self.consent and self.consent.state == State.GIVEN and not self.has_ended)

    @property
    def is_pending(self) -> bool:
        return bool(self.consent and self.consent.state == State.PENDING)


def standings(contact: Contact, topics: QuerySet[ConsentTopic], now: datetime) -> list[Standing]:
    """Where the contact stands on each of these topics by mail."""
    consents = {consent.topic_id: consent for consent in contact.consents.filter(channel="email")}
    return [_standing(topic, consents.get(topic.pk), now) for topic in topics]


def _standing(topic: ConsentTopic, consent: Consent | None, now: datetime) -> Standing:
    ends = consent.expires_at if consent else None
    return Standing(topic, consent, has_ended=ends is not None and ends <= now)


def evidence_of(contact: Contact) -> list[ConsentEvidence]:
    """What was kept of a contact's consents, the newest first, at most fifty."""
    found = contact.consent_evidence.select_related("topic", "actor").order_by("-at", "-pk")
    return list(found[:EVIDENCE_SHOWN])


def topics_with_counts() -> list[dict[str, Any]]:
    """Every topic with how many have agreed, wait and have withdrawn: [{"topic", "given", "pending", "withdrawn"}].

    A consent that has ended is none.
    """
    has_ended = Q(consents__state=State.GIVEN, consents__expires_at__lte=timezone.now())
    counts = {
        state.value: Count("consents", filter=Q(consents__state=state, consents__channel="email") & ~has_ended)
        for state in (State.GIVEN, State.PENDING, State.WITHDRAWN)
    }
    found = ConsentTopic.objects.order_by("purpose", "label").annotate(**counts)
    return [{"topic": topic, **{name: getattr(topic, name) for name in counts}} for topic in found]
