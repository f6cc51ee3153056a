"""Queries behind the company list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.platform.lists.listing import UNKNOWN, both_ways
from baton.platform.lists.owners import owned_by
from baton.platform.search.reads import found

SORTS = {
    **both_ways("created", "created_at", _("Oldest first"), _("Newest first")),
    **both_ways("changed", "changed_at", _("Longest unchanged"), _("Changed lately")),
    **both_ways("name", "name", _("By name"), _("By name, from Z"), is_folded=True),
}

# Classes by people employed, the bounds included; the trade's usual ones (LinkedIn's, read 2026-11).
SIZES = {"10": (1, 10), "50": (11, 50), "200": (51, 200), "1000": (201, 1000), "more": (1001, None)}
SIZE_CHOICES = [
    ("10", _("up to 10")),
    ("50", _("11 to 50")),
    ("200", _("51 to 200")),
    ("1000", _("201 to 1,000")),
    ("more", _("above 1,000")),
    (UNKNOWN, _("unknown")),
]


def narrow(companies: QuerySet[Company], values: Mapping[str, str], user: User, now: datetime) -> QuerySet[Company]:
    """Only the companies that fit the conditions of the list; "none" is what is not known."""
    for name in ("industry", "country"):
        if value := values.get(name):
            companies = companies.filter(**{name: "" if value == UNKNOWN else value})
    if owner := values.get("owner"):
        companies = companies.filter(owned_by(owner, user))
    if size := values.get("size"):
        companies = companies.filter(_sized(size))
    if text := values.get("q"):
        companies = companies.filter(found("company", text))
    return companies


def _sized(size: str) -> Q:
    if size not in SIZES:
        return Q(employees=None)
    least, most = SIZES[size]
    return Q(employees__gte=least) & (Q(employees__lte=most) if most else Q())


def with_people(companies: list[Company], user: User, now: datetime) -> None:
    """Put onto each company how many contacts of it `user` may see (`people`)."""
    contacts = Contact.objects.visible_to(user).filter(company__in=[one.pk for one in companies])
    counts = dict(contacts.order_by().values_list("company").annotate(n=Count("pk")))
    for company in companies:
        company.people = counts.get(company.pk, 0)  # type: ignore[attr-defined]
