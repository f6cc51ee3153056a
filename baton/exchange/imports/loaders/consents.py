"""Consents: rows of a contact that is there and a topic that is there, each with the day on which it was given.

A file never takes anyone off the list of the never mailed, and never undoes a withdrawal that came after its day.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.utils import timezone

from baton.exchange.imports.loaders.base import CREATED, REFUSED, SKIPPED, UPDATED, Batch, Loader, Outcome
from baton.marketing.segments.touched import touch
from baton.people.consent.actions import Evidence, left_since
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.consent.rules import BASES, CONSENT, RESTS_ON_SOMETHING, last_day
from baton.people.consent.together import Told, is_news, keep, put, why_not
from baton.people.contacts.models import Contact
from baton.people.contacts.rules import clean_email
from baton.platform.db import among
from baton.platform.search.folding import fold

FIELDS = {
    "email": "text", "topic": "text", "state": "text", "told_at": "moment", "basis": "text", "rests_on": "text",
    "ends_on": "day", "how": "text", "wording": "text", "ip": "text",
}  # fmt: skip
STATES = {Consent.State.GIVEN, Consent.State.WITHDRAWN}
STATE_WORDS = {"subscribed": Consent.State.GIVEN, "unsubscribed": Consent.State.WITHDRAWN}


def load(batch: Batch) -> list[Outcome]:
    contacts, topics = _contacts(batch), _topics()
    wanted = Consent.objects.filter(contact__in=among(contacts.values()), channel="email")
    stands = {(one.contact_id, one.topic_id): one for one in wanted}
    left = left_since(wanted)
    new: list[Consent] = []
    changed: dict[int, Consent] = {}
    told: list[Told] = []
    outcomes = []
    for number, row in batch.rows:
        found = _told(batch, row, contacts, topics)
        if isinstance(found, str):
            outcomes.append(Outcome(number, REFUSED, reason=found))
            continue
        key = (found.contact_id, found.topic.pk)
        consent = stands.get(key)
        if reason := why_not(found, left.get(key)):
            outcomes.append(Outcome(number, REFUSED, reason=reason))
        elif not is_news(found, consent, batch.now):
            outcomes.append(Outcome(number, SKIPPED))
        else:
            outcomes.append(_outcome(number, found, consent, stands, new, changed))
            told.append(found)
            left.pop(key, None)
            if found.state == Consent.State.WITHDRAWN:
                left[key] = found.at
    if not batch.dry:
        keep(told, new, list(changed.values()), actor=batch.actor, now=batch.now)
        touch({one.contact_id for one in told}, "consent")
    return outcomes


def _outcome(
    number: int,
    found: Told,
    consent: Consent | None,
    stands: dict[tuple[int, int], Consent],
    new: list[Consent],
    changed: dict[int, Consent],
) -> Outcome:
    if consent is None:
        consent = Consent(contact_id=found.contact_id, topic=found.topic)
        put(found, consent)
        stands[found.contact_id, found.topic.pk] = consent
        new.append(consent)
        return Outcome(number, CREATED, consent)
    before = put(found, consent)
    if before is None:  # made by a row above
        return Outcome(number, UPDATED)
    is_first = consent.pk not in changed
    changed[consent.pk] = consent
    return Outcome(number, UPDATED, consent if is_first else None, before)


def _contacts(batch: Batch) -> dict[str, int]:
    """Ids of the contacts by the address as it is kept."""
    emails = {email for value in batch.values("email") if (email := _clean(value))}
    return dict(Contact.objects.live().holding(email=emails).values_list("email", "pk")) if emails else {}


def _topics() -> dict[str, ConsentTopic]:
    """By key, and by name in small letters."""
    topics = list(ConsentTopic.objects.all())
    return {fold(one.label): one for one in topics} | {one.key: one for one in topics}


def _clean(value: str) -> str:
    try:
        return clean_email(value)
    except ValueError:
        return ""


def _told(batch: Batch, row: dict[str, Any], contacts: dict[str, int], topics: dict[str, ConsentTopic]) -> Told | str:
    """What the row tells, or why it cannot be taken."""
    contact = contacts.get(_clean(row.get("email") or ""))
    if contact is None:
        return f"no contact has the address {row.get('email') or ''}; import the contacts first"[:300]
    named = (row.get("topic") or "").strip()
    topic = topics.get(named) or topics.get(fold(named))
    if topic is None:
        return f"{named} is no topic; topics are {', '.join(one.label for one in set(topics.values()))}"[:300]
    given = (row.get("state") or Consent.State.GIVEN).strip().lower()
    state = STATE_WORDS.get(given, given)
    if state not in STATES:
        return f"{given} is no state; states are given and withdrawn"[:300]
    if not row.get("told_at"):
        return "without the day on which they said so, nothing is proven"
    if row["told_at"] > batch.now:
        return "that day is still to come"
    return _with_basis(batch, row, contact, topic, state)


def _with_basis(batch: Batch, row: dict[str, Any], contact: int, topic: ConsentTopic, state: str) -> Told | str:
    basis = (row.get("basis") or CONSENT).strip().lower()
    if basis not in dict(BASES):
        return f"{basis} is no basis; bases are {', '.join(key for key, _label in BASES)}"[:300]
    if state == Consent.State.GIVEN and basis in RESTS_ON_SOMETHING and not row.get("rests_on"):
        return f"{basis} rests on a sale or an inquiry: name it in rests_on"
    by_law = last_day(basis, row["told_at"].date())
    ends_on = min(filter(None, [by_law, row.get("ends_on")]), default=None)
    ends = timezone.make_aware(datetime.combine(ends_on, time.max)) if ends_on else None
    if state == Consent.State.GIVEN and ends and ends <= batch.now:
        return f"it has ended on {ends_on}"
    proof = {name: row[name] for name in ("rests_on", "ip") if row.get(name)}
    how = f"import {batch.source}: {row.get('how') or ''}".strip().rstrip(":")
    evidence = Evidence(how=how, wording=row.get("wording") or "", basis=basis, proof=proof, told_at=row["told_at"])
    return Told(contact, topic, state, evidence, ends if state == Consent.State.GIVEN else None)


LOADER = Loader("consents", FIELDS, load)
