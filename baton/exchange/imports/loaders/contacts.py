"""Contacts: matched by external id, then by address; a known person's fields are updated, never emptied."""

from __future__ import annotations

from typing import Any

from baton.exchange.imports.loaders.base import (
    CREATED,
    REFUSED,
    SKIPPED,
    UPDATED,
    Batch,
    Loader,
    Outcome,
    differing,
    keep_outcomes,
    known_ids,
    set_values,
    touch,
)
from baton.exchange.imports.loaders.companies import country_code
from baton.exchange.imports.loaders.people_who_sell import find_or_add
from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.contacts.rules import clean_email, clean_phone, company_domain, seniority_of
from baton.people.contacts.search import findable
from baton.people.lifecycle.rules import STAGE_CHOICES
from baton.platform.bulk import insert_records, new_record
from baton.platform.record import fitted
from baton.platform.search import index_many
from baton.platform.tokens import new_tokens

FIELDS = {
    "external_id": "text", "first_name": "text", "last_name": "text", "email": "text", "phone": "text",
    "job_title": "text", "seniority": "text", "company": "text", "city": "text", "country": "text", "locale": "text",
    "zone": "text", "source": "text", "lifecycle": "text", "owner": "text", "created_at": "moment",
}  # fmt: skip
DIRECT = ["first_name", "last_name", "job_title", "seniority", "city", "locale", "zone", "source"]
STAGES = dict(STAGE_CHOICES)
COMPANY = Contact._meta.get_field("company")


def load(batch: Batch) -> list[Outcome]:
    known = known_ids(batch.source, "contacts", {_key(row) for _number, row in batch.rows})
    by_id = Contact.objects.live().in_bulk(list(known.values()))
    read = [(number, *_values(row)) for number, row in batch.rows]
    emails = [values["email"] for _number, values, _wrong in read if values.get("email")]
    by_email = {one.email: one for one in Contact.objects.live().holding(email=emails)}
    companies = _companies(batch, read)
    owners = {} if batch.dry else {key: find_or_add(batch, key, "rep") for key in batch.values("owner")}
    made: list[Contact] = []
    outcomes = []
    tokens = new_tokens(len(read))
    for (_n, row), (number, values, wrong), token in zip(batch.rows, read, tokens, strict=True):
        rival = by_email.get(values.get("email") or "-")
        there = by_id.get(known.get(_key(row), 0)) or rival
        if rival and rival != there:
            wrong = wrong or f"{values['email']} belongs to another contact, {rival}"
        values["company"] = companies.get((row.get("company") or "").lower()) or companies.get(
            company_domain(values.get("email") or "") or "-"
        )
        values["owner"] = owners.get(row.get("owner"))
        fresh = {"token": token, "created_at": row.get("created_at") or batch.now, "changed_at": batch.now}
        outcome = Outcome(number, REFUSED, reason=wrong) if wrong else _one(number, values, there, fresh)
        if outcome.kind == CREATED:
            made.append(outcome.thing)
            if values.get("email"):
                by_email[values["email"]] = outcome.thing
        outcomes.append(outcome)
    if not batch.dry:
        _save(batch, outcomes, made)
    return outcomes


def _key(row: dict[str, Any]) -> str:
    """A row with an address is known by that; without one and without an id, by its content."""
    return row.get("external_id") or ("" if row.get("email") else row.get("row_id") or "")


def _one(number: int, values: dict[str, Any], there: Contact | None, fresh: dict[str, Any]) -> Outcome:
    if there is None:
        known = {name: value for name, value in values.items() if value is not None}
        company, owner = known.pop("company", None), known.pop("owner", None)
        contact = new_record(
            Contact, **known, **fresh, company_id=company.pk if company else None, owner_id=owner.pk if owner else None
        )
        COMPANY.set_cached_value(contact, company)
        return Outcome(number, CREATED, contact)
    before = differing(there, values)
    if there.pk is None or not before:
        return Outcome(number, SKIPPED, there)
    set_values(there, values)
    return Outcome(number, UPDATED, there, before)


def _values(row: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Clean values and what is wrong with the row."""
    values: dict[str, Any] = {}
    for name in DIRECT:
        if row.get(name):
            values[name] = fitted(Contact, name, row[name])
    if values.get("job_title") and not values.get("seniority"):
        values["seniority"] = seniority_of(values["job_title"])
    country = row.get("country") or ""
    if country:
        values["country"] = country.upper() if len(country) == 2 else country_code(country) or None
    try:
        if row.get("email"):
            values["email"] = clean_email(row["email"])
    except ValueError as error:
        return values, f"{row['email']}: {error}"[:300]
    if row.get("phone"):
        values["phone"] = clean_phone(row["phone"], values.get("country") or "")
    if row.get("lifecycle"):
        if row["lifecycle"] not in STAGES:
            return values, f"{row['lifecycle']} is no lifecycle stage; stages are {', '.join(STAGES)}"
        values["lifecycle"] = row["lifecycle"]
    if not any(values.get(name) for name in ("first_name", "last_name", "email", "phone")):
        return values, "a contact needs a name, an address or a phone number"
    return values, ""


def _companies(batch: Batch, read: list[tuple[int, dict[str, Any], str]]) -> dict[str, Company]:
    """Companies of the batch by small-lettered name and by domain; names that are new are made."""
    from django.db.models.functions import Lower

    names = {value.lower(): value for value in batch.values("company")}
    domains = {company_domain(values["email"]) for _n, values, _w in read if values.get("email")} - {""}
    found: dict[str, Company] = {
        one.low: one for one in Company.objects.live().annotate(low=Lower("name")).filter(low__in=names)
    }
    new = [Company(name=name[:200], created_at=batch.now) for low, name in names.items() if low not in found]
    if not batch.dry:
        from baton.people.companies.search import findable as findable_company

        insert_records(new)
        index_many(findable_company(company) for company in new)
        batch.also_made += new
        found.update({company.name.lower(): company for company in new})
    return {**{one.domain: one for one in Company.objects.live().holding(domain=domains)}, **found}


def _save(batch: Batch, outcomes: list[Outcome], made: list[Contact]) -> None:
    insert_records(made)
    changed = [outcome.thing for outcome in outcomes if outcome.kind == UPDATED]
    names = sorted({name for outcome in outcomes for name in outcome.before or ()})
    if changed:
        Contact.objects.bulk_update(changed, names + touch(batch, changed), batch_size=300)
    index_many(findable(contact) for contact in [*made, *changed])
    keep_outcomes(batch, "contacts", outcomes, _key)


LOADER = Loader("contacts", FIELDS, load)
