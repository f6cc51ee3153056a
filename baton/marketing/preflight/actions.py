"""The verbs of preflight: send in spite of a finding, have an email looked at again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from baton.marketing.email.models import Broadcast
from baton.marketing.preflight.look import begin_look
from baton.marketing.preflight.models import Override
from baton.marketing.preflight.reads import what_blocks
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.record import fitted


class CannotOverride(Refusal):
    """The finding is not there any more, the law asks for what it misses, or no reason was given."""


def override(broadcast: Broadcast, finding: str, *, reason: str, actor: User, now: datetime) -> Override:
    """Let an email go out in spite of one finding that blocks it; for this email alone, with the reason kept.

    Raises CannotOverride. A repeat changes nothing.
    """
    reason = fitted(Override, "reason", reason)
    if not reason:
        raise CannotOverride(_("Give the reason: it is kept with your name. Nothing was changed."))
    blocking = {one.key: one for one in what_blocks(broadcast, now)}
    with transaction.atomic():
        held = Broadcast.objects.select_for_update().get(pk=broadcast.pk)
        if known := held.overrides.filter(finding=finding).first():
            return known
        if not held.is_draft or finding not in blocking:
            raise CannotOverride(_("This does not stand in the way any more."))
        if not blocking[finding].may_be_overridden:
            raise CannotOverride(_("The law asks for this; nobody can send without it."))
        made = Override.objects.create(broadcast=held, finding=finding, reason=reason, actor=actor, at=now)
        what = blocking[finding].what
        journal.record("email.overridden", held, actor=actor, finding=finding, what=what, reason=reason)
        return made


@transaction.atomic
def look_again(broadcast: Broadcast, *, now: datetime) -> None:
    """Ask every link anew, in the background."""
    begin_look(broadcast, now=now, afresh=True)
