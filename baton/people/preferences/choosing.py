"""A person's own choice: leave a topic, mark topics, end all marketing, object, and take the last choice back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.dateparse import parse_datetime

from baton.people.consent.actions import Evidence, give_consent, withdraw_consent
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.consent.rules import CONSENT
from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import OWN_WISHES, lift_own_wish, suppress
from baton.people.deliveries.gate import listing_of
from baton.people.deliveries.models import Delivery, Suppression
from baton.platform import journal
from baton.platform.visitor import Visitor

SALT = "baton.preferences.undo"
UNDO_SECONDS = 24 * 3600
MARKETING, TRACKING = ConsentTopic.Purpose.MARKETING, ConsentTopic.Purpose.TRACKING
State = Consent.State
OWN_PAGE = "preference page"


@dataclass(frozen=True)
class Change:
    """What one saving did: topics that were given and withdrawn, whether an objection ended, and how to undo it."""

    given: list[str]
    withdrawn: list[str]
    undo: str
    has_objected: bool = False
    is_undone: bool = False

    @property
    def is_any(self) -> bool:
        return bool(self.given or self.withdrawn or self.has_objected)


@transaction.atomic
def leave(
    topic: ConsentTopic,
    people: Iterable[Contact],
    delivery_id: int,
    *,
    how: str,
    now: datetime,
    ip: str | None = None,
    proof: dict[str, Any],
) -> None:
    """Unsubscribe these contacts, who are one person, from the topic of a mail.

    Mail programs may send their one click again; what is withdrawn already needs no further evidence.
    """
    for contact in people:
        Delivery.objects.filter(pk=delivery_id, contact=contact, unsubscribed_at=None).update(unsubscribed_at=now)
        if _state(contact, topic) != State.WITHDRAWN:
            evidence = Evidence(how=how, ip=ip, proof={"delivery": delivery_id, **proof})
            withdraw_consent(contact, topic, evidence=evidence, now=now)


@transaction.atomic
def choose(
    contact: Contact, wanted: set[int], offered: Iterable[ConsentTopic], *, visitor: Visitor, now: datetime
) -> Change:
    """Take the marks of the page: `wanted` are the ids that are marked, of the topics `offered`.

    The link came to the mailbox, so a mark is a confirmed consent. Marking a marketing topic ends an own objection.
    """
    memory = _memory(contact)
    given, withdrawn = [], []
    stands = _given(contact, now)
    for topic in offered:
        if topic.pk in wanted and topic.pk not in stands:
            give_consent(contact, topic, evidence=_evidence(OWN_PAGE, topic, visitor), now=now)
            given.append(topic)
        elif topic.pk not in wanted and (topic.pk in stands or _state(contact, topic) == State.PENDING):
            withdraw_consent(contact, topic, evidence=_evidence(OWN_PAGE, topic, visitor), now=now)
            withdrawn.append(topic)
    if any(topic.purpose == MARKETING for topic in given):
        end_objection(contact)
    return Change(_labels(given), _labels(withdrawn), memory)


@transaction.atomic
def stop_marketing(contact: Contact, *, visitor: Visitor, now: datetime) -> Change:
    """Withdraw every marketing topic, also those never asked about: no import brings one in afterwards."""
    memory = _memory(contact)
    withdrawn = _withdraw(contact, [MARKETING], "preference page, all marketing off", visitor, now)
    return Change([], withdrawn, memory)


@transaction.atomic
def object_to_marketing(contact: Contact, *, visitor: Visitor, now: datetime) -> Change:
    """GDPR art. 21(2)-(3): no marketing of any kind and no profiling for it, until the person says otherwise.

    The address goes on the list of those that are never mailed, which outlives the contact; personal measurement ends
    too. What hears "contact.objected" clears the scores.
    """
    memory = _memory(contact)
    withdrawn = _withdraw(contact, [MARKETING, TRACKING], "objection to marketing and profiling", visitor, now)
    if contact.email:
        told = f"own objection on the preference page, from {visitor.ip or 'an unknown network'}"
        suppress(contact.email, Suppression.Reason.OBJECTED, evidence=told, now=now)
    journal.record("contact.objected", contact, actor=None, ip=visitor.ip)
    return Change([], withdrawn, memory, has_objected=True)


def end_objection(contact: Contact) -> None:
    """The person wants to be written to after all: what they had asked for themselves is taken off the list."""
    if lift_own_wish(contact.email):
        journal.record("contact.objection_ended", contact, actor=None)


@transaction.atomic
def take_back(contact: Contact, memory: str, *, visitor: Visitor, now: datetime) -> Change | None:
    """Put things back as they were before the last choice; None where the memory is forged, another's or too old."""
    try:
        told = signing.loads(memory, salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return None
    if told["contact"] != contact.pk:
        return None
    given, withdrawn, stands = [], [], _given(contact, now)
    for topic in ConsentTopic.objects.all():
        was = told["given"].get(str(topic.pk))
        evidence = _evidence("preference page, undone", topic, visitor)
        if was and topic.pk not in stands:
            basis, since, ends = was[0], parse_datetime(was[1]), parse_datetime(was[2])
            same = replace(evidence, basis=basis, told_at=since)
            give_consent(contact, topic, evidence=same, now=now, expires_at=ends)
            given.append(topic)
        elif not was and topic.pk in stands:
            withdraw_consent(contact, topic, evidence=evidence, now=now)
            withdrawn.append(topic)
    _list_again(contact, told["listed"], now)
    return Change(_labels(given), _labels(withdrawn), "", is_undone=True)


def _list_again(contact: Contact, reason: str, now: datetime) -> None:
    """On the list of the never mailed as it was before the choice that is taken back."""
    listed = _own_wish(contact)
    if reason and not listed:
        suppress(contact.email, reason, evidence="taken back on the preference page", now=now)
        journal.record("contact.objected", contact, actor=None)
    elif listed and not reason:
        end_objection(contact)


def _memory(contact: Contact) -> str:
    stands = Consent.objects.filter(contact=contact, channel="email", state=State.GIVEN)
    told: dict[str, Any] = {
        str(one.topic_id): [one.basis, one.since.isoformat(), one.expires_at.isoformat() if one.expires_at else ""]
        for one in stands
    }
    return signing.dumps({"contact": contact.pk, "given": told, "listed": _own_wish(contact)}, salt=SALT)


def _own_wish(contact: Contact) -> str:
    """Why the person themselves is on the list of the never mailed; "" where they did not ask for it."""
    entry = listing_of(contact.email)
    return entry.reason if entry and entry.reason in OWN_WISHES else ""


def _withdraw(contact: Contact, purposes: list[str], how: str, visitor: Visitor, now: datetime) -> list[str]:
    """Gives the topics that were given or awaited; the others are marked withdrawn without a word."""
    consents = {one.topic_id: one.state for one in contact.consents.filter(channel="email")}
    told = []
    for topic in ConsentTopic.objects.filter(purpose__in=purposes).order_by("label"):
        state = consents.get(topic.pk)
        if state != State.WITHDRAWN:
            withdraw_consent(contact, topic, evidence=_evidence(how, topic, visitor), now=now)
        if state in (State.GIVEN, State.PENDING):
            told.append(topic)
    return _labels(told)


def _evidence(how: str, topic: ConsentTopic, visitor: Visitor) -> Evidence:
    wording = f"{topic.label}: {topic.explanation}" if topic.explanation else topic.label
    return Evidence(how=how, wording=wording, basis=CONSENT, ip=visitor.ip, proof={"agent": visitor.agent})


def _given(contact: Contact, now: datetime) -> set[int]:
    given = Consent.objects.filter(contact=contact, channel="email").in_force(now)
    return set(given.values_list("topic_id", flat=True))


def _state(contact: Contact, topic: ConsentTopic) -> str | None:
    found = Consent.objects.filter(contact=contact, topic=topic, channel="email")
    return found.values_list("state", flat=True).first()


def _labels(topics: Iterable[ConsentTopic]) -> list[str]:
    return [topic.label for topic in topics]
