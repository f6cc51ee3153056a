"""The verbs of contacts: create, change, find or create by address, bin, restore."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.contacts.rules import clean_email, clean_phone, company_domain, seniority_of
from baton.people.contacts.search import index_contact
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.record import fitted

EDITABLE = [
    "first_name",
    "last_name",
    "email",
    "phone",
    "job_title",
    "seniority",
    "company",
    "city",
    "country",
    "zone",
    "locale",
    "source",
    "owner",
    "custom",
]


class BadValue(Refusal):
    """A value cannot be kept as typed; nothing was changed."""


class AddressTaken(Refusal):
    """Another contact has this address already; nothing was changed."""


@transaction.atomic
def create_contact(*, actor: User | None, now: datetime, **values: Any) -> Contact:
    """A new contact; the address's domain finds its company where none is given. Raises BadValue, AddressTaken."""
    contact = Contact(created_at=now, changed_at=now)
    for name, value in values.items():
        setattr(contact, name, _clean(name, value, values.get("country", "")))
    contact.seniority = contact.seniority or seniority_of(contact.job_title)
    if contact.company_id is None:
        contact.company = company_of(contact.email)
    _save(contact)
    index_contact(contact)
    journal.record("contact.created", contact, actor=actor, email=contact.email)
    return contact


@transaction.atomic
def change_contact(
    contact: Contact, changes: dict[str, Any], *, actor: User | None, now: datetime, seen_revision: int | None = None
) -> Contact:
    """Set fields of a contact; the journal keeps before and after. Raises ChangedMeanwhile, BadValue, AddressTaken."""
    clean = {name: _clean(name, value, contact.country) for name, value in changes.items()}
    if clean.get("job_title") and not contact.seniority:
        clean.setdefault("seniority", seniority_of(clean["job_title"]))
    before = {name: getattr(contact, name) for name in clean if getattr(contact, name) != clean[name]}
    if not before:
        return contact
    contact.claim_revision(seen_revision)
    for name in before:
        setattr(contact, name, clean[name])
    contact.changed_at = now
    _save(contact, list(before))
    index_contact(contact)
    after = {name: clean[name] for name in before}
    journal.record("contact.changed", contact, actor=actor, before=before, after=after)
    return contact


@transaction.atomic
def find_or_create_by_email(
    email: str, *, now: datetime, actor: User | None = None, **values: Any
) -> tuple[Contact, bool]:
    """The contact with this address, made now when there is none; the second value says whether it is new.

    Someone who types an address may not be its owner, so a known person's fields are only filled where empty.
    """
    address = _clean("email", email, "")
    known = Contact.objects.live().holding(email=[address]).first() if address else None
    if known is None:
        return create_contact(actor=actor, now=now, email=address, **values), True
    missing = {name: value for name, value in values.items() if value and not getattr(known, name)}
    return change_contact(known, missing, actor=actor, now=now), False


@transaction.atomic
def bin_contact(contact: Contact, *, actor: User, now: datetime) -> Contact:
    """Put a contact into the bin; everything of theirs stays and comes back with them."""
    contact.claim_revision()
    contact.deleted_at = now
    contact.save(update_fields=["deleted_at"])
    index_contact(contact)
    journal.record("contact.binned", contact, actor=actor)
    return contact


@transaction.atomic
def restore_contact(contact: Contact, *, actor: User, now: datetime) -> Contact:
    """Take a contact out of the bin. Raises AddressTaken when someone else has the address by now."""
    if contact.deleted_at is None:
        return contact
    contact.claim_revision()
    binned_at, contact.deleted_at = contact.deleted_at, None
    try:
        _save(contact, ["deleted_at"])
    except AddressTaken:
        contact.deleted_at = binned_at
        raise
    index_contact(contact)
    journal.record("contact.restored", contact, actor=actor)
    return contact


def company_of(email: str) -> Company | None:
    """The company whose domain an address has; None for free mail and unknown domains."""
    domain = company_domain(email)
    return Company.objects.live().holding(domain=[domain]).first() if domain else None


def _clean(name: str, value: Any, country: str) -> Any:
    if name == "email":
        try:
            return clean_email(value or "")
        except ValueError as error:
            raise BadValue(_("%(value)s is not an e-mail address: %(why)s") % {"value": value, "why": error}) from None
    if name == "phone":
        return clean_phone(value or "", country)
    if isinstance(value, str):
        return fitted(Contact, name, value)
    return value


def _save(contact: Contact, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            contact.save(update_fields=[*fields, "changed_at"] if fields else None)
    except IntegrityError:
        raise AddressTaken(_("Another contact has the address %(email)s already.") % {"email": contact.email}) from None
