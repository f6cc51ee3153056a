"""Companies: matched by external id, then domain, then name."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models.functions import Lower

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
from baton.exchange.imports.loaders.people_who_sell import find_or_add
from baton.people.companies.models import Company
from baton.people.companies.search import findable
from baton.people.contacts.rules import FREE_MAIL, clean_domain
from baton.platform.bulk import insert_records
from baton.platform.money import decimals
from baton.platform.record import fitted
from baton.platform.search import index_many

FIELDS = {
    "external_id": "text", "name": "text", "domain": "text", "website": "text", "industry": "text",
    "employees": "whole",
    "annual_revenue": "decimal", "currency": "text", "founded_in": "whole", "phone": "text", "city": "text",
    "country": "text", "country_name": "text", "source": "text", "parent": "text", "owner": "text",
}  # fmt: skip
DIRECT = ["name", "website", "industry", "employees", "founded_in", "phone", "city", "source", "currency"]


def load(batch: Batch) -> list[Outcome]:
    known = known_ids(batch.source, "companies", batch.values("external_id"))
    by_id = Company.objects.live().in_bulk(list(known.values()))
    domains = [clean_domain(value) for value in batch.values("domain")]
    by_domain = {one.domain: one for one in Company.objects.live().holding(domain=domains)}
    names = [value.lower() for value in batch.values("name")]
    by_name: dict[str, Company] = {
        one.low: one for one in Company.objects.live().annotate(low=Lower("name")).filter(low__in=names)
    }
    made: list[Company] = []
    outcomes = []
    for number, row in batch.rows:
        values = _values(batch, row)
        name = (values.get("name") or "").lower()
        there = (
            by_id.get(known.get(row.get("external_id") or "", 0))
            or by_domain.get(values.get("domain") or "-")
            or by_name.get(name)
        )
        rival = by_domain.get(values.get("domain") or "-")
        if there and rival and rival != there:
            outcomes.append(Outcome(number, REFUSED, reason=f"{values['domain']} belongs to another company, {rival}"))
            continue
        outcome = _one(number, values, there)
        if outcome.kind == CREATED:
            made.append(outcome.thing)
            by_name[name] = outcome.thing
            if values.get("domain"):
                by_domain[values["domain"]] = outcome.thing
        outcomes.append(outcome)
    if not batch.dry:
        _save(batch, outcomes, made)
    return outcomes


def _one(number: int, values: dict[str, Any], there: Company | None) -> Outcome:
    if there is None:
        if not values.get("name"):
            return Outcome(number, REFUSED, reason="a company needs a name")
        company = Company()
        set_values(company, values)
        return Outcome(number, CREATED, company)
    before = differing(there, values)
    if there.pk is None or not before:
        return Outcome(number, SKIPPED, there)
    set_values(there, values)
    return Outcome(number, UPDATED, there, before)


def _values(batch: Batch, row: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {name: row.get(name) for name in DIRECT}
    if row.get("domain"):
        domain = clean_domain(row["domain"])
        values["domain"] = None if domain in FREE_MAIL else domain
    if row.get("country"):
        values["country"] = row["country"][:2].upper()
    elif row.get("country_name"):
        values["country"] = country_code(row["country_name"])
    if row.get("annual_revenue") is not None:
        places = decimals(row.get("currency") or "USD")
        values["annual_revenue_minor"] = int(row["annual_revenue"] * 10**places)
    if row.get("owner") and not batch.dry:
        values["owner"] = find_or_add(batch, row["owner"], "rep")
    for name in ("name", "industry", "city", "phone", "source", "website"):
        if values.get(name):
            values[name] = fitted(Company, name, values[name])
    return values


def country_code(name: str) -> str:
    """ISO 3166 code of an English country name; empty where Babel knows none."""
    return _country_codes().get(name.strip().lower(), "")


@cache
def _country_codes() -> dict[str, str]:
    from babel import Locale

    names = {label.lower(): code for code, label in Locale("en").territories.items() if len(code) == 2}
    return {**names, "korea": "KR", "korea, republic of": "KR", "usa": "US", "uk": "GB"}


def _save(batch: Batch, outcomes: list[Outcome], made: list[Company]) -> None:
    for company in made:
        company.created_at = company.changed_at = batch.now
    insert_records(made)
    changed = [outcome.thing for outcome in outcomes if outcome.kind == UPDATED]
    names = sorted({name for outcome in outcomes for name in outcome.before or ()})
    if changed:
        Company.objects.bulk_update(changed, names + touch(batch, changed), batch_size=300)
    index_many(findable(company) for company in [*made, *changed])
    keep_outcomes(batch, "companies", outcomes, lambda row: row.get("external_id") or "")


def set_parents(batch: Batch) -> None:
    """Tie companies to the parents their rows name, where none is set; a parent nobody knows is left out."""
    wanted = [row for _number, row in batch.rows if row.get("parent")]
    names = {row[key].lower() for row in wanted for key in ("name", "parent") if row.get(key)}
    found = Company.objects.live().annotate(low=Lower("name")).filter(low__in=names)
    by_name = {one.low: one for one in found}
    for row in wanted:
        child, parent = by_name.get((row.get("name") or "").lower()), by_name.get(row["parent"].lower())
        if child and parent and child.pk != parent.pk and child.parent_id is None:
            child.parent = parent
            child.save(update_fields=["parent"])
            batch.also_changed.append((child, {"parent": None}))


LOADER = Loader("companies", FIELDS, load, frozenset({"parent"}), set_parents)
