"""Changing many deals at once, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.journal.models import JournalEntry
from baton.platform.organisation import organisation
from baton.sales.deals.actions import change_deal
from baton.sales.deals.models import Deal

AT_MOST = 500
BULK_VERB = "deals.changed_together"


@transaction.atomic
def change_together(
    deals: Iterable[Deal], changes: dict[str, Any], *, actor: User, now: datetime
) -> tuple[JournalEntry | None, int]:
    """Set owner or expected close date of several deals; gives the journal line that undoes it and how many changed.

    Raises Refusal above AT_MOST deals.
    """
    rows = list(deals)
    if len(rows) > AT_MOST:
        raise Refusal(_("At most %(n)s deals can be changed at once.") % {"n": AT_MOST})
    before: dict[str, dict[str, Any]] = {}
    for deal in rows:
        was = {name: getattr(deal, name) for name, value in changes.items() if getattr(deal, name) != value}
        if was:
            change_deal(deal, changes, actor=actor, now=now)
            before[str(deal.pk)] = was
    if not before:
        return None, 0
    entry = journal.record(BULK_VERB, organisation(), actor=actor, before=before, after=changes)
    return entry, len(before)


@transaction.atomic
def undo_together(entry: JournalEntry, *, actor: User, now: datetime) -> int:
    """Give the deals of a bulk change their old values back, except those changed again since; gives how many.

    Raises Refusal when it was undone already or was another person's.
    """
    if entry.verb != BULK_VERB or entry.actor_id != actor.pk:
        raise Refusal(_("There is nothing of yours to undo here."))
    if JournalEntry.objects.filter(verb="deals.undone", facts__entry=entry.pk).exists():
        raise Refusal(_("This was undone already."))
    undone = 0
    for deal in Deal.objects.live().filter(pk__in=list(entry.facts["before"])):
        was = entry.facts["before"][str(deal.pk)]
        stands = {name: journal.actions.plain(_value(deal, name)) for name in was}
        if stands == {name: entry.facts["after"][name] for name in was}:
            change_deal(deal, {name: _restored(name, value) for name, value in was.items()}, actor=actor, now=now)
            undone += 1
    journal.record("deals.undone", organisation(), actor=actor, entry=entry.pk, deals=undone)
    return undone


def _value(deal: Deal, name: str) -> Any:
    return deal.owner_id if name == "owner" else getattr(deal, name)


def _restored(name: str, value: Any) -> Any:
    if name == "owner":
        return User.objects.filter(pk=value).first() if value else None
    return date.fromisoformat(value) if value else None
