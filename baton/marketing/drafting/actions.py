"""The verb of versions: bring one back."""

from __future__ import annotations

from datetime import datetime

from baton.marketing.drafting.models import Version
from baton.marketing.drafting.versions import WORDS
from baton.marketing.email.actions import save_email
from baton.marketing.email.models import Broadcast
from baton.platform.accounts.models import User


def bring_back(broadcast: Broadcast, version: Version, *, actor: User, now: datetime) -> Broadcast:
    """Make a draft say again what a version says; the words it has now stay in the list. Its audience is not touched.

    Raises CannotSend for an email that is on its way.
    """
    words = {name: version.words[name] for name in WORDS if name in version.words}
    return save_email(broadcast, words, list(broadcast.segments.all()), actor=actor, now=now)
