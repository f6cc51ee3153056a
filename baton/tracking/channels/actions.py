"""What people do with the table of channels: keep another one, and go back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.tracking.channels.models import ChannelVersion
from baton.tracking.channels.reads import newest_version
from baton.tracking.sessions.channel_rules import Rule, as_json, rules_from
from baton.tracking.sessions.channels import CHANNELS
from baton.tracking.store.recent import forget_answers


def save_version(
    rules: Sequence[Rule], names: dict[str, str], *, note: str, after: int, actor: User, now: datetime
) -> ChannelVersion:
    """Let another table hold from now on, for past visits too.

    `after` is the number of the version that was changed; 0 is the standard table. Raises Refusal where another one
    holds meanwhile.
    """
    try:
        with transaction.atomic():
            newest = newest_version()
            if (newest.number if newest else 0) != after:
                raise _overtaken()
            made = ChannelVersion.objects.create(
                number=after + 1, rules=as_json(rules), names=names, note=note[:200], made_at=now, made_by=actor
            )
            journal.record("channels.changed", made, actor=actor, note=made.note)
    except IntegrityError:
        raise _overtaken() from None
    forget_answers()
    return made


def go_back_to(version: ChannelVersion, *, actor: User, now: datetime) -> ChannelVersion:
    """Let the table of an earlier version hold again, as a new one. Names of channels that came later stay known."""
    newest = newest_version()
    later = {key: name for key, name in newest.names.items() if key not in CHANNELS} if newest else {}
    note = _("As in version %(number)s") % {"number": version.number}
    return save_version(
        rules_from(version.rules),
        {**later, **version.names},
        note=note,
        after=newest.number if newest else 0,
        actor=actor,
        now=now,
    )


def _overtaken() -> Refusal:
    return Refusal(_("Somebody has changed the channels meanwhile. Look at the newest version first."))
