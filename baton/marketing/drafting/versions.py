"""Keeping versions: what an email says, each time it is saved otherwise than before."""

from __future__ import annotations

import hashlib
import json
from copy import copy
from datetime import datetime
from typing import Any

from baton.marketing.drafting.models import Version
from baton.marketing.email.models import Broadcast
from baton.platform.accounts.models import User

WORDS = (
    "name", "subject", "preheader", "sender_name", "sender_email", "reply_to", "design", "fields", "mjml",
    "has_own_source", "text",
)  # fmt: skip
MOST = 200  # of one email; the oldest make room


def words_of(broadcast: Broadcast) -> dict[str, Any]:
    """What a version keeps of an email."""
    return {name: getattr(broadcast, name) for name in WORDS}


def keep_version(broadcast: Broadcast, *, actor: User | None, now: datetime) -> Version:
    """Keep what the email says now, unless the last version says the same; gives the version that does.

    Call it in the action's transaction, with the email's row held.
    """
    words = words_of(broadcast)
    digest = _digest(words)
    last = Version.objects.filter(broadcast=broadcast).first()
    if last and last.digest == digest:
        return last
    number = last.number + 1 if last else 1
    Version.objects.filter(broadcast=broadcast, number__lte=number - MOST).delete()
    return Version.objects.create(
        broadcast=broadcast, number=number, words=words, digest=digest, saved_at=now, saved_by=actor
    )


def as_of(broadcast: Broadcast, version: Version) -> Broadcast:
    """The email with the words of a version, to look at; it must not be saved."""
    then = copy(broadcast)
    for name, value in version.words.items():
        setattr(then, name, value)
    return then


def _digest(words: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()
