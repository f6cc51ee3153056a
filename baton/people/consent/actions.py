"""Giving and withdrawing consent; each leaves evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact
from baton.platform import journal
from baton.platform.accounts.models import User


@dataclass(frozen=True)
class Evidence:
    """How consent came about: `how` is the door ("form demo-request v3"), `wording` what the person read."""

    how: str
    wording: str = ""
    basis: str = "consent"
    ip: str | None = None
    proof: dict[str, Any] = field(default_factory=dict)


def give_consent(
    contact: Contact,
    topic: ConsentTopic,
    *,
    evidence: Evidence,
    now: datetime,
    actor: User | None = None,
    channel: str = "email",
    expires_at: datetime | None = None,
) -> Consent:
    """Record that the contact agreed. A repeat adds evidence and moves `since` only when the state changes."""
    return _decide(contact, topic, Consent.State.GIVEN, evidence, now, actor, channel, expires_at)


def withdraw_consent(
    contact: Contact,
    topic: ConsentTopic,
    *,
    evidence: Evidence,
    now: datetime,
    actor: User | None = None,
    channel: str = "email",
) -> Consent:
    """Record that the contact no longer agrees; takes effect for every message not yet handed over."""
    return _decide(contact, topic, Consent.State.WITHDRAWN, evidence, now, actor, channel, None)


@transaction.atomic
def _decide(
    contact: Contact,
    topic: ConsentTopic,
    state: str,
    evidence: Evidence,
    now: datetime,
    actor: User | None,
    channel: str,
    expires_at: datetime | None,
) -> Consent:
    ConsentEvidence.objects.create(
        contact=contact,
        topic=topic,
        channel=channel,
        state=state,
        at=now,
        actor=actor,
        basis=evidence.basis,
        wording=evidence.wording,
        how=evidence.how[:120],
        ip=evidence.ip,
        proof=evidence.proof,
    )
    consent, made = Consent.objects.get_or_create(
        contact=contact, topic=topic, channel=channel, defaults={"state": state, "since": now, "expires_at": expires_at}
    )
    if not made and (consent.state != state or consent.expires_at != expires_at):
        consent.since = now if consent.state != state else consent.since
        consent.state, consent.expires_at = state, expires_at
        consent.save()
    journal.record(f"consent.{state}", contact, actor=actor, topic=topic.key, channel=channel, how=evidence.how)
    return consent
