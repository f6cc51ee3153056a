"""Queries behind the contact list and the contact page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.platform.lists.listing import UNKNOWN, both_ways
from baton.platform.lists.owners import owned_by
from baton.platform.search.reads import found

MARKETING = ConsentTopic.Purpose.MARKETING

SORTS = {
    **both_ways("created", "created_at", _("Oldest first"), _("Newest first")),
    **both_ways("changed", "changed_at", _("Longest unchanged"), _("Changed lately")),
    **both_ways("engagement", "engagement_score", _("Least engaged"), _("Most engaged")),
    **both_ways("name", "last_name", _("By name"), _("By name, from Z"), is_folded=True, then="first_name"),
}

DOUBLES_SHOWN = 5
BEGIN_AN_INDEX = ("country", "lifecycle", "source")
# From each value to the next by the index; DISTINCT reads all of it on both databases.
_FROM_VALUE_TO_VALUE = """
WITH RECURSIVE found (value) AS (
  SELECT (SELECT {column} FROM {table} WHERE deleted_at IS NULL ORDER BY {column} LIMIT 1)
  UNION ALL
  SELECT (SELECT {column} FROM {table} WHERE deleted_at IS NULL AND {column} > found.value ORDER BY {column} LIMIT 1)
  FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL
"""


def values_in_use(column: str, *, most: int | None = None) -> list[Any]:
    """The different values of a column that living contacts have, in order; no more than `most`."""
    if column not in BEGIN_AN_INDEX:
        return [*Contact.objects.live().order_by(column).values_list(column, flat=True).distinct()[:most]]
    sql = _FROM_VALUE_TO_VALUE.format(column=column, table=Contact._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(sql if most is None else f"{sql} LIMIT {most:d}")
        return [value for (value,) in cursor.fetchall()]


def narrow(contacts: QuerySet[Contact], values: Mapping[str, str], user: User, now: datetime) -> QuerySet[Contact]:
    """Only the contacts that fit the conditions of the list; "none" is what is not known."""
    for name in ("lifecycle", "source", "country"):
        if value := values.get(name):
            contacts = contacts.filter(**{name: "" if value == UNKNOWN else value})
    if owner := values.get("owner"):
        contacts = contacts.filter(owned_by(owner, user))
    if (company := values.get("company", "")).isdecimal():
        contacts = contacts.filter(company=int(company[:18]))
    if (email := values.get("email")) in ("yes", "no"):
        contacts = contacts.filter(email="") if email == "no" else contacts.exclude(email="")
    if consent := values.get("consent"):
        contacts = contacts.filter(_consenting(consent))
    if text := values.get("q"):
        contacts = contacts.filter(found("contact", text))
    return contacts


def _consenting(consent: str) -> Q:
    of_contact = Consent.objects.filter(contact=OuterRef("pk"), channel="email", topic__purpose=MARKETING)
    if consent == UNKNOWN:
        return ~Q(Exists(of_contact))
    if consent == Consent.State.GIVEN:
        return Q(Exists(of_contact.in_force(timezone.now())))
    # Few: found by themselves. Asked of each contact in turn, a million were read to find none (0.4 s).
    few = Consent.objects.filter(channel="email", topic__purpose=MARKETING, state=consent)
    return Q(pk__in=few.values("contact"))


def contacts_for(user: User) -> QuerySet[Contact]:
    """Contacts the user may see, with what a row of the list shows."""
    return Contact.objects.visible_to(user).select_related("company", "owner")


def behind(contact_id: int) -> Contact | None:
    """Whom an old link means: the contact, or who has its address now where it lies in the bin (as after a merge).

    None once it is erased. One in the bin with nobody in its place is given as it is.
    """
    found = Contact.objects.filter(pk=contact_id).first()
    if found is None or found.deleted_at is None or not found.email:
        return found
    return Contact.objects.live().holding(email=[found.email]).first() or found


def doubles_of(contact: Contact, user: User) -> list[Contact]:
    """Contacts that may be the same person: same phone, or same name at the same company. At most five.

    Two questions, each by its index: asked as one with OR, SQLite reads every contact there is.
    """
    others = Contact.objects.visible_to(user).exclude(pk=contact.pk).select_related("company")
    found: dict[int, Contact] = {}
    if contact.phone:
        found |= {one.pk: one for one in others.filter(phone=contact.phone)[:DOUBLES_SHOWN]}
    if contact.last_name and contact.company_id:
        namesakes = others.filter(
            company=contact.company_id,
            last_name__iexact=contact.last_name,
            first_name__istartswith=contact.first_name[:3],
        )
        found |= {one.pk: one for one in namesakes[:DOUBLES_SHOWN]}
    return list(found.values())[:DOUBLES_SHOWN]


def export_rows(contacts: QuerySet[Contact]) -> Any:
    """Rows of the CSV file, streamed."""
    for contact in contacts.order_by("pk").iterator(chunk_size=2000):
        yield [
            contact.pk,
            contact.first_name,
            contact.last_name,
            contact.email,
            contact.phone,
            contact.job_title,
            contact.company.name if contact.company else "",
            contact.city,
            contact.country,
            contact.get_lifecycle_display(),
            contact.fit_score,
            round(contact.engagement_score),
            contact.source,
            contact.owner.email if contact.owner else "",
            contact.created_at.isoformat(timespec="seconds"),
        ]


EXPORT_HEAD = [
    "id", "first_name", "last_name", "email", "phone", "job_title", "company", "city", "country", "lifecycle", "fit",
    "engagement", "source", "owner", "created_at",
]  # fmt: skip
