"""The verb of the report: make a segment of the people behind a number."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from baton.marketing.email.models import Broadcast
from baton.marketing.email_report.people import Chosen, behind, rule_of, seen
from baton.marketing.lists import actions as lists
from baton.marketing.segments.actions import save_segment
from baton.marketing.segments.models import Segment
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal

MOST_LISTED = 100_000


class TooMany(Refusal):
    """More people than are put on a list at once."""


@transaction.atomic
def make_segment(broadcast: Broadcast, chosen: Chosen, *, actor: User, now: datetime) -> tuple[Segment, bool]:
    """A segment of these people, and whether it is new: one with the same rule is taken where there is one.

    It follows them where a condition says just that. Where none does, those who stand behind the number now and whom
    `actor` may see are put on a list, and the segment is of that list. Raises TooMany.
    """
    rule = rule_of(broadcast, chosen)
    there = Segment.objects.live().filter(rule=rule).first() if rule else None
    if there:
        return there, False
    name = (_("%(what)s: %(email)s") % {"what": chosen.number.title, "email": broadcast.name})[:200]
    if rule:
        return save_segment(None, name=name, rule=rule, actor=actor, now=now), True
    people = _people(broadcast, chosen, actor)
    made = lists.make_list(name, actor=actor, now=now)
    lists.put_on(made, people, actor=actor, now=now)
    return lists.make_segment(made, actor=actor, now=now), True


def _people(broadcast: Broadcast, chosen: Chosen, actor: User) -> list[int]:
    rows = seen(behind(broadcast, chosen), actor).order_by("contact_id")
    people = list(rows.values_list("contact_id", flat=True).distinct()[: MOST_LISTED + 1])
    if len(people) > MOST_LISTED:
        raise TooMany(
            _("These are more than %(number)s people. Take the CSV, or a number without narrowing.")
            % {"number": f"{MOST_LISTED:,}"}
        )
    return people
