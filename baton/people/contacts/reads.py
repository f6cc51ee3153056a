"""Queries behind the contact list and the contact page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact
from baton.people.lifecycle.rules import STAGE_CHOICES
from baton.platform.accounts.models import User
from baton.platform.pages import COUNT_STOPS_AT, Sort
from baton.platform.search.reads import matching_ids

SORTS = {
    "newest": Sort("created_at", True, _("Newest first")),
    "changed": Sort("changed_at", True, _("Changed lately")),
    "engagement": Sort("engagement_score", True, _("Most engaged")),
}


@dataclass(frozen=True)
class ContactFilter:
    """What the address of a contact list narrows it to; empty fields narrow nothing. "none" is nobody's or unknown."""

    q: str = ""
    lifecycle: str = ""
    owner: str = ""
    source: str = ""
    country: str = ""
    email: str = ""
    company: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> ContactFilter:
        return cls(**{name: query.get(name, "").strip()[:100] for name in cls.__dataclass_fields__})

    @property
    def is_narrowed(self) -> bool:
        return any(getattr(self, name) for name in self.__dataclass_fields__)

    def query(self, **more: str) -> str:
        """The filter as an address, with what else the address needs."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        return urlencode({name: value for name, value in values.items() if value})

    def narrow(self, contacts: QuerySet[Contact], user: User) -> QuerySet[Contact]:
        """Only the contacts that fit."""
        if self.lifecycle in dict(STAGE_CHOICES):
            contacts = contacts.filter(lifecycle=self.lifecycle)
        if self.owner:
            contacts = contacts.filter(_owned(self.owner, user))
        if self.source:
            contacts = contacts.filter(source="" if self.source == "none" else self.source)
        if self.country:
            contacts = contacts.filter(country=self.country.upper())
        if self.company.isdecimal():
            contacts = contacts.filter(company=int(self.company[:18]))
        if self.email in ("yes", "no"):
            contacts = contacts.filter(email="") if self.email == "no" else contacts.exclude(email="")
        if self.q:
            ids = matching_ids("contact", self.q, COUNT_STOPS_AT)
            contacts = contacts.none() if ids is None else contacts.filter(pk__in=list(ids))
        return contacts


def _owned(owner: str, user: User) -> Q:
    if owner == "me":
        return Q(owner=user)
    return Q(owner=None) if owner == "none" else Q(owner=int(owner)) if owner.isdecimal() else Q(pk=None)


def contacts_for(user: User) -> QuerySet[Contact]:
    """Contacts the user may see, with what a row of the list shows."""
    return Contact.objects.visible_to(user).select_related("company", "owner")


def doubles_of(contact: Contact, user: User) -> QuerySet[Contact]:
    """Contacts that may be the same person: same phone, or same name at the same company. At most five."""
    same = Q(pk=None)
    if contact.phone:
        same |= Q(phone=contact.phone)
    if contact.last_name and contact.company_id:
        same |= Q(
            company=contact.company_id,
            last_name__iexact=contact.last_name,
            first_name__istartswith=contact.first_name[:3],
        )
    return Contact.objects.visible_to(user).filter(same).exclude(pk=contact.pk).select_related("company")[:5]


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
