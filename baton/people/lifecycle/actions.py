"""Moving a contact along the lifecycle ladder."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from baton.people.contacts.models import Contact
from baton.people.lifecycle.models import LifecycleMove
from baton.people.lifecycle.rules import moves_up
from baton.platform import journal
from baton.platform.accounts.models import User


@transaction.atomic
def raise_lifecycle(contact: Contact, stage: str, *, now: datetime, because: str, actor: User | None = None) -> bool:
    """Move `contact` up to `stage`; a contact already there or higher stays. True when it moved."""
    contact.refresh_from_db(fields=["lifecycle"])
    if not moves_up(contact.lifecycle, stage):
        return False
    _move(contact, stage, now=now, because=because, actor=actor)
    return True


@transaction.atomic
def set_lifecycle(contact: Contact, stage: str, *, now: datetime, because: str, actor: User | None = None) -> bool:
    """Put `contact` at `stage`, whichever way that is (disqualified, recycled, a person's decision)."""
    contact.refresh_from_db(fields=["lifecycle"])
    if contact.lifecycle == stage:
        return False
    _move(contact, stage, now=now, because=because, actor=actor)
    return True


def _move(contact: Contact, stage: str, *, now: datetime, because: str, actor: User | None) -> None:
    LifecycleMove.objects.create(
        contact=contact, from_stage=contact.lifecycle, to_stage=stage, at=now, because=because, actor=actor
    )
    was = contact.lifecycle
    Contact.objects.filter(pk=contact.pk).update(lifecycle=stage, lifecycle_at=now, changed_at=now)
    contact.lifecycle, contact.lifecycle_at = stage, now
    journal.record("lifecycle.moved", contact, actor=actor, before=was, after=stage, because=because)
