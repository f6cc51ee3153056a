"""Filling an empty installation with the demo company, step by step with progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from baton.web.demo import (
    audience,
    deals,
    drafts,
    events,
    journeys,
    leads,
    mailings,
    marketing,
    missing,
    people,
    quotes,
    traces,
)
from baton.web.demo.world import World

Step = tuple[str, Callable[[World], None]]

COMPANY: list[Step] = [
    ("people who sign in", people.make_staff),
    ("companies", people.make_companies),
    ("contacts and consent", people.make_contacts),
    ("campaigns and costs", marketing.make_campaigns),
    ("goals of the website", marketing.make_goals),
    ("a funnel", marketing.make_funnel),
    ("products and pipeline", deals.make_products),
    ("leads and handoffs", leads.make_leads),
    ("deals, activities, tasks", deals.make_deals),
    ("quotas", deals.make_quotas),
    ("customers", traces.move_customers),
    ("timelines", traces.make_timelines),
    ("quotes, signatures, orders", quotes.make_quotes),
    ("search", traces.make_searchable),
]

# After the main database has committed: what the event store holds, and what is read from it.
FROM_EVENTS: list[Step] = [
    ("emails of a year", mailings.make_emails),
    ("visits of a year", events.make_events),
    ("addresses not found", missing.make_missing),
    ("forms", audience.make_forms),
    ("segments", audience.make_segments),
    ("contact lists", audience.make_lists),
    ("journeys", journeys.make_journeys),
    ("scores", audience.make_scores),
    ("credit for won deals", traces.give_credit),
    ("pictures, versions, mails of programs", drafts.make_drafts),
    ("tidying up", traces.leave_no_work),
]


def fill(*, now: datetime, say: Callable[[str], None]) -> World:
    """Make the demo company end at `now` in an empty database."""
    world = World(now=now)
    with transaction.atomic():
        _make(COMPANY, world, say)
    _make(FROM_EVENTS, world, say)
    return world


def _make(steps: list[Step], world: World, say: Callable[[str], None]) -> None:
    for name, make in steps:
        started = time.monotonic()
        make(world)
        say(f"  {name} ({time.monotonic() - started:.1f} s)")
