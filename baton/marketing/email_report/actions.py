"""The verb of the report: make a segment of the people behind a number."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from baton.marketing.email.models import Broadcast
from baton.marketing.email_report.people import Chosen, rule_of
from baton.marketing.segments.actions import save_segment
from baton.marketing.segments.models import Segment
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal


class NoSuchRule(Refusal):
    """No condition of a segment says just that."""


def make_segment(broadcast: Broadcast, chosen: Chosen, *, actor: User, now: datetime) -> tuple[Segment, bool]:
    """A segment that follows these people, and whether it is new: one with the same rule is taken where there is one.

    Raises NoSuchRule.
    """
    rule = rule_of(broadcast, chosen)
    if rule is None:
        raise NoSuchRule(_("A segment cannot follow just these people. Take the CSV, or a number without narrowing."))
    there = Segment.objects.live().filter(rule=rule).first()
    if there:
        return there, False
    name = _("%(what)s: %(email)s") % {"what": chosen.number.title, "email": broadcast.name}
    return save_segment(None, name=name[:200], rule=rule, actor=actor, now=now), True
