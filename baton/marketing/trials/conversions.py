"""Conversions: when people reached a test's goal, or had a lead opened where it has none."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from baton.marketing.trials.models import Trial
from baton.people.leads.models import Lead
from baton.tracking.goals.models import Goal
from baton.tracking.goals.reads import pattern_of
from baton.tracking.store import ask_recent

Moments = dict[int, list[datetime]]


def conversions(trial: Trial, since: datetime, until: datetime) -> Moments:
    """By contact, when they converted in a half-open span. Events are at most two minutes old. Raises StoreAway."""
    if not trial.goal_match:
        return _gathered(_leads(since, until))
    if trial.goal_kind == Goal.Kind.PAGE:
        rows = ask_recent("contacts_who_read", pattern=pattern_of(trial.goal_match), since=since, until=until)
    else:
        rows = ask_recent("moments_of_contacts", name=trial.goal_match, prop="-", since=since, until=until)
    return _gathered([(row["contact"], row["happened_at"]) for row in rows])


def _leads(since: datetime, until: datetime) -> list[tuple[int, datetime]]:
    found = Lead.objects.live().filter(opened_at__gte=since, opened_at__lt=until)
    return list(found.order_by("opened_at").values_list("contact_id", "opened_at"))


def _gathered(rows: list[tuple[int, datetime]]) -> Moments:
    found: Moments = defaultdict(list)
    for contact, at in rows:
        found[contact].append(at)
    return found
