"""Writing the journal and telling the listeners."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from baton.platform import jobs, wiring
from baton.platform.accounts.models import User
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry

_plain = DjangoJSONEncoder()


def record(verb: str, thing: models.Model, *, actor: User | None, **facts: Any) -> JournalEntry:
    """Write one line about `thing` and, where web/wiring.py names listeners for `verb`, a job that tells them.

    Call it inside the action's transaction: line, change and job are kept together or not at all.
    Values of `facts` may be anything JSON or Django's encoder knows; models are kept as their id.
    """
    entry = JournalEntry.objects.create(
        at=timezone.now(),
        verb=verb,
        actor=actor,
        thing=thing._meta.label_lower,
        thing_id=thing.pk,
        facts={name: plain(value) for name, value in facts.items()},
    )
    if verb in wiring.listeners():
        jobs.enqueue("journal.tell", entry_id=entry.pk)
    return entry


def tell(job: Job, *, entry_id: int) -> None:
    """Job: call every listener of the entry's verb. Runs at least once, so listeners bear repetition."""
    entry = JournalEntry.objects.get(pk=entry_id)
    for listener in wiring.listeners().get(entry.verb, []):
        listener(entry)


def plain(value: Any) -> Any:
    """`value` as JSON keeps it: models as ids, times and decimals as text."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return _plain.default(value)
