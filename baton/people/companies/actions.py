"""The verbs of companies: create, change, bin, restore."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from baton.people.companies.models import Company
from baton.people.companies.search import index_company
from baton.people.contacts.rules import FREE_MAIL, clean_domain
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.record import fitted


class DomainTaken(Refusal):
    """Another company has this domain already; nothing was changed."""


@transaction.atomic
def create_company(*, actor: User | None, now: datetime, **values: Any) -> Company:
    """A new company. A free-mail domain is left empty: it names no employer. Raises DomainTaken."""
    company = Company(created_at=now, changed_at=now)
    for name, value in values.items():
        setattr(company, name, _clean(name, value))
    _save(company)
    index_company(company)
    journal.record("company.created", company, actor=actor, name=company.name)
    return company


@transaction.atomic
def change_company(
    company: Company, changes: dict[str, Any], *, actor: User | None, now: datetime, seen_revision: int | None = None
) -> Company:
    """Set fields of a company; the journal keeps before and after. Raises ChangedMeanwhile, DomainTaken."""
    clean = {name: _clean(name, value) for name, value in changes.items()}
    before = {name: getattr(company, name) for name in clean if getattr(company, name) != clean[name]}
    if not before:
        return company
    company.claim_revision(seen_revision)
    for name in before:
        setattr(company, name, clean[name])
    company.changed_at = now
    _save(company, list(before))
    index_company(company)
    after = {name: clean[name] for name in before}
    journal.record("company.changed", company, actor=actor, before=before, after=after)
    return company


@transaction.atomic
def bin_company(company: Company, *, actor: User, now: datetime) -> Company:
    """Put a company into the bin; its contacts and deals stay."""
    company.claim_revision()
    company.deleted_at = now
    company.save(update_fields=["deleted_at"])
    index_company(company)
    journal.record("company.binned", company, actor=actor)
    return company


@transaction.atomic
def restore_company(company: Company, *, actor: User, now: datetime) -> Company:
    """Take a company out of the bin. Raises DomainTaken when another has the domain by now."""
    if company.deleted_at is None:
        return company
    company.claim_revision()
    binned_at, company.deleted_at = company.deleted_at, None
    try:
        _save(company, ["deleted_at"])
    except DomainTaken:
        company.deleted_at = binned_at
        raise
    index_company(company)
    journal.record("company.restored", company, actor=actor)
    return company


def _clean(name: str, value: Any) -> Any:
    if name == "domain":
        domain = clean_domain(value or "")
        return "" if domain in FREE_MAIL else domain
    if isinstance(value, str):
        return fitted(Company, name, value)
    return value


def _save(company: Company, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            company.save(update_fields=[*fields, "changed_at"] if fields else None)
    except IntegrityError:
        raise DomainTaken(
            _("Another company has the domain %(domain)s already.") % {"domain": company.domain}
        ) from None
