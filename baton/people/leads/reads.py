"""Queries behind the list of leads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from baton.people.leads.models import Lead
from baton.platform.accounts.models import User
from baton.platform.lists.listing import UNKNOWN, both_ways
from baton.platform.lists.owners import owned_by
from baton.platform.search.reads import found

SORTS = both_ways("opened", "opened_at", _("Oldest first"), _("Newest first"))

AGE_CHOICES = [
    ("day", _("today")),
    ("week", _("in the last 7 days")),
    ("month", _("in the last 30 days")),
    ("over_week", _("more than 7 days ago")),
    ("over_month", _("more than 30 days ago")),
]


def narrow(leads: QuerySet[Lead], values: Mapping[str, str], user: User, now: datetime) -> QuerySet[Lead]:
    """Only the leads that fit the conditions of the list; "none" is what is not known. `now` in the reader's zone."""
    for name, field in [
        ("status", "status"), ("origin", "origin"), ("source", "source"), ("campaign", "campaign_code"),
    ]:  # fmt: skip
        if value := values.get(name):
            leads = leads.filter(**{field: "" if value == UNKNOWN else value})
    if owner := values.get("owner"):
        leads = leads.filter(owned_by(owner, user))
    if age := values.get("age"):
        leads = leads.filter(_aged(age, now))
    if text := values.get("q"):
        leads = leads.filter(found("contact", text, "contact_id"))
    return leads


def _aged(age: str, now: datetime) -> Q:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    week, month = midnight - timedelta(days=7), midnight - timedelta(days=30)
    return {
        "day": Q(opened_at__gte=midnight),
        "week": Q(opened_at__gte=week),
        "month": Q(opened_at__gte=month),
        "over_week": Q(opened_at__lt=week),
        "over_month": Q(opened_at__lt=month),
    }[age]
