"""Recording many consents at once, as a file from another tool brings them, and taking that back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from baton.people.consent.actions import Evidence
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.consent.rules import is_weaker
from baton.platform.accounts.models import User
from baton.platform.bulk import insert_records

State = Consent.State
STANDING = ["state", "basis", "since", "expires_at"]


@dataclass(frozen=True)
class Told:
    """What a file tells: on that day, by `evidence.told_at`, the contact agreed to the topic or withdrew."""

    contact_id: int
    topic: ConsentTopic
    state: str
    evidence: Evidence
    expires_at: datetime | None

    @property
    def at(self) -> datetime:
        assert self.evidence.told_at
        return self.evidence.told_at


def why_not(told: Told, left_at: datetime | None) -> str:
    """Why it cannot be recorded; "" where it can. A yes never undoes a no that came later, at `left_at`."""
    if left_at and told.state == State.GIVEN and told.at <= left_at:
        return _("they withdrew on %(day)s, after that") % {"day": left_at.date()}
    return ""


def is_news(told: Told, stands: Consent | None, now: datetime) -> bool:
    """Whether it changes where the contact stands."""
    if stands is None:
        return True
    if stands.state == State.GIVEN and told.state == State.WITHDRAWN:
        return told.at >= stands.since
    if stands.state != told.state:
        return True
    if told.state == State.WITHDRAWN:
        return False
    is_over = stands.expires_at is not None and stands.expires_at <= now
    if not is_over and is_weaker(told.evidence.basis, stands.basis):
        return False
    return (told.evidence.basis, told.expires_at) != (stands.basis, stands.expires_at)


def put(told: Told, consent: Consent) -> dict[str, Any] | None:
    """Set the consent, kept by the caller, as it is told; gives its former values, None for a new one."""
    before = {name: getattr(consent, name) for name in STANDING} if consent.pk else None
    if consent.state != told.state:
        consent.since = told.at
    consent.state, consent.basis, consent.expires_at = told.state, told.evidence.basis, told.expires_at
    return before


def keep(
    tolds: Iterable[Told], new: list[Consent], changed: list[Consent], *, actor: User | None, now: datetime
) -> None:
    """Write consents and the evidence of each told thing; in the caller's transaction."""
    insert_records(new)
    Consent.objects.bulk_update(changed, STANDING, batch_size=300)
    ConsentEvidence.objects.bulk_create([_line(told, actor, now) for told in tolds], batch_size=500)


def _line(told: Told, actor: User | None, now: datetime) -> ConsentEvidence:
    ends = {"ends_on": told.expires_at.date().isoformat()} if told.expires_at else {}
    evidence = told.evidence
    return ConsentEvidence(
        contact_id=told.contact_id,
        topic=told.topic,
        topic_version=None,  # agreed to elsewhere, in words of theirs
        state=told.state,
        basis=evidence.basis,
        at=now,
        wording=evidence.wording,
        how=evidence.how[:120],
        ip=evidence.ip,
        proof=evidence.proof | ends | {"told_on": told.at.date().isoformat()},
        actor=actor,
    )


def take_back(consent: Consent, before: dict[str, Any] | None, *, imported_at: datetime, now: datetime) -> bool:
    """Put a consent back as it stood before an import; False, and nothing done, where more has been said since.

    The evidence of the import stays, and a line says that it was undone.
    """
    said = ConsentEvidence.objects.filter(contact=consent.contact_id, topic=consent.topic_id)
    if said.filter(at__gt=imported_at).exists():
        return False
    state = before["state"] if before else State.WITHDRAWN
    ConsentEvidence.objects.create(
        contact_id=consent.contact_id, topic_id=consent.topic_id, state=state, at=now, how="import undone"
    )
    if before is None:
        consent.delete()
        return True
    for name in ("since", "expires_at"):
        setattr(consent, name, parse_datetime(before[name]) if before[name] else None)
    consent.state, consent.basis = before["state"], before["basis"]
    consent.save(update_fields=STANDING)
    return True
