"""Giving, asking for and withdrawing consent; each leaves evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.consent.rules import CONSENT, is_weaker
from baton.people.contacts.models import Contact
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal

State = Consent.State


class WithdrewLater(Refusal):
    """What is to be recorded is older than the person's own withdrawal; nothing was recorded."""


@dataclass(frozen=True)
class Evidence:
    """How consent came about: `how` is the door ("form demo-request v3"), `wording` what the person read.

    `told_at` is when they said so, where that was before it is written down.
    """

    how: str
    wording: str = ""
    basis: str = CONSENT
    ip: str | None = None
    proof: dict[str, Any] = field(default_factory=dict)
    told_at: datetime | None = None


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
    """Record that the contact agreed. A repeat adds evidence and moves `since` only when the state changes.

    A weaker basis never takes the place of an express consent that stands; it is kept as evidence.
    """
    return _decide(contact, topic, State.GIVEN, evidence, now, actor, channel, expires_at)[0]


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
    return _decide(contact, topic, State.WITHDRAWN, evidence, now, actor, channel, None)[0]


def await_consent(contact: Contact, topic: ConsentTopic, *, evidence: Evidence, now: datetime) -> ConsentEvidence:
    """Record that someone asked in the contact's name and a confirmation is awaited; gives the evidence of that."""
    return _decide(contact, topic, State.PENDING, evidence, now, None, "email", None)[1]


def let_go(consent: Consent, *, now: datetime) -> Consent:
    """Record that nobody confirmed in time."""
    evidence = Evidence(how="not confirmed in time")
    return _decide(consent.contact, consent.topic, State.LAPSED, evidence, now, None, consent.channel, None)[0]


@transaction.atomic
def record_by_hand(
    contact: Contact,
    topic: ConsentTopic,
    state: str,
    *,
    evidence: Evidence,
    actor: User,
    now: datetime,
    expires_at: datetime | None = None,
) -> Consent:
    """Record what a person told someone of the house. Raises WithdrewLater for a yes older than their own no."""
    if state != State.GIVEN:
        return withdraw_consent(contact, topic, evidence=evidence, now=now, actor=actor)
    left_at = left_since(contact.consents.filter(topic=topic, channel="email")).get((contact.pk, topic.pk))
    if left_at and evidence.told_at and evidence.told_at < left_at:
        raise WithdrewLater(_("They withdrew on %(day)s, after that. Nothing was recorded.") % {"day": left_at.date()})
    return give_consent(contact, topic, evidence=evidence, now=now, actor=actor, expires_at=expires_at)


def left_since(consents: Iterable[Consent]) -> dict[tuple[int, int], datetime]:
    """When those of these consents that are not given were withdrawn, by contact and topic.

    What waits for confirmation, or did so in vain, may be what a stranger typed: the withdrawal before it counts on.
    """
    found = {(one.contact_id, one.topic_id): one.since for one in consents if one.state == State.WITHDRAWN}
    unproven = {(one.contact_id, one.topic_id) for one in consents if one.state in (State.PENDING, State.LAPSED)}
    if unproven:
        lines = ConsentEvidence.objects.filter(state=State.WITHDRAWN, contact__in={pk for pk, _topic in unproven})
        last = lines.order_by().values_list("contact", "topic").annotate(at=Max("at"))
        found |= {(contact, topic): at for contact, topic, at in last if (contact, topic) in unproven}
    return found


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
) -> tuple[Consent, ConsentEvidence]:
    told_on = {"told_on": evidence.told_at.date().isoformat()} if evidence.told_at else {}
    ends_on = {"ends_on": expires_at.date().isoformat()} if expires_at else {}
    line = ConsentEvidence.objects.create(
        contact=contact,
        topic=topic,
        topic_version=topic.version,
        channel=channel,
        state=state,
        at=now,
        actor=actor,
        basis=evidence.basis,
        wording=evidence.wording,
        how=evidence.how[:120],
        ip=evidence.ip,
        proof=evidence.proof | told_on | ends_on,
    )
    now_stands = {"state": state, "basis": evidence.basis, "expires_at": expires_at}
    consent, made = Consent.objects.get_or_create(
        contact=contact,
        topic=topic,
        channel=channel,
        defaults={**now_stands, "since": evidence.told_at or now},
    )
    if not made and not _is_held(consent, state, evidence.basis, now):
        if consent.state != state:
            consent.since = evidence.told_at or now
        consent.state, consent.basis, consent.expires_at = state, evidence.basis, expires_at
        consent.save()
    journal.record(f"consent.{state}", contact, actor=actor, topic=topic.key, channel=channel, how=evidence.how)
    return consent, line


def _is_held(consent: Consent, state: str, basis: str, now: datetime) -> bool:
    """Whether an express consent stands that the new basis would only weaken."""
    stands = consent.state == State.GIVEN and (consent.expires_at is None or consent.expires_at > now)
    return state == State.GIVEN and stands and is_weaker(basis, consent.basis)
