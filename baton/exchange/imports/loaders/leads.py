"""Leads: matched by external id. A lead without a known contact makes one, named after the source's id."""

from __future__ import annotations

from typing import Any

from baton.exchange.imports.loaders.base import (
    CREATED,
    REFUSED,
    SKIPPED,
    Batch,
    Loader,
    Outcome,
    keep_outcomes,
    key_of,
    known_ids,
)
from baton.exchange.imports.loaders.people_who_sell import find_or_add
from baton.people.contacts.models import Contact
from baton.people.contacts.rules import clean_email
from baton.people.contacts.search import findable
from baton.people.leads.models import Lead
from baton.people.leads.rules import NEW, ORIGIN_CHOICES, STATUS_CHOICES, is_open
from baton.people.lifecycle.models import LifecycleMove
from baton.people.lifecycle.rules import LEAD, SUBSCRIBER
from baton.platform.search import index_many

FIELDS = {
    "external_id": "text", "email": "text", "first_name": "text", "last_name": "text", "company": "text",
    "origin": "text", "source": "text", "campaign": "text", "landing_page": "text", "interest": "text",
    "status": "text", "owner": "text", "opened_at": "moment", "contact_called": "text",
}  # fmt: skip


def load(batch: Batch) -> list[Outcome]:
    known = known_ids(batch.source, "leads", {key_of(row) for _number, row in batch.rows})
    emails = [value.strip().lower() for value in batch.values("email")]
    contacts = {one.email: one for one in Contact.objects.live().filter(email__in=emails)}
    busy = set(
        Lead.objects.live().filter(contact__in=contacts.values(), status=NEW).values_list("contact_id", flat=True)
    )
    outcomes, made, people = [], [], []
    for number, row in batch.rows:
        if known.get(key_of(row)):
            outcomes.append(Outcome(number, SKIPPED))
            continue
        wrong = _wrong(row)
        if wrong:
            outcomes.append(Outcome(number, REFUSED, reason=wrong))
            continue
        contact = contacts.get((row.get("email") or "-").strip().lower())
        if contact is None:
            contact = _contact(batch, row)
            people.append(contact)
            contacts[contact.email or f"#{number}"] = contact
        elif contact.pk in busy:
            outcomes.append(Outcome(number, REFUSED, reason="this contact has an open lead already"))
            continue
        lead = _lead(batch, row, contact)
        made.append(lead)
        outcomes.append(Outcome(number, CREATED, lead))
    if not batch.dry:
        _save(batch, outcomes, made, people)
    return outcomes


def _wrong(row: dict[str, Any]) -> str:
    if row.get("origin") and row["origin"] not in dict(ORIGIN_CHOICES):
        return f"{row['origin']} is no origin; origins are {', '.join(dict(ORIGIN_CHOICES))}"
    if row.get("status") and row["status"] not in dict(STATUS_CHOICES):
        return f"{row['status']} is no lead status; statuses are {', '.join(dict(STATUS_CHOICES))}"
    if not (row.get("email") or row.get("last_name") or row.get("external_id")):
        return "a lead needs an address, a name or an id"
    try:
        clean_email(row.get("email") or "")
    except ValueError as error:
        return f"{row['email']}: {error}"[:300]
    return ""


def _contact(batch: Batch, row: dict[str, Any]) -> Contact:
    called = row.get("contact_called") or "Lead"
    return Contact(
        first_name=(row.get("first_name") or "")[:100],
        last_name=(row.get("last_name") or ("" if row.get("email") else f"{called} {row['external_id'][:8]}"))[:100],
        email=clean_email(row.get("email") or ""),
        source=(row.get("source") or "")[:60],
        lifecycle=LEAD,
        lifecycle_at=row.get("opened_at") or batch.now,
        created_at=row.get("opened_at") or batch.now,
        changed_at=batch.now,
    )


def _lead(batch: Batch, row: dict[str, Any], contact: Contact) -> Lead:
    opened = row.get("opened_at") or batch.now
    status = row.get("status") or NEW
    return Lead(
        contact=contact,
        status=status,
        origin=row.get("origin") or "inbound",
        source=(row.get("source") or "")[:60],
        campaign_code=(row.get("campaign") or "")[:100],
        landing_page=(row.get("landing_page") or "")[:300],
        interest=row.get("interest") or "",
        owner=None if batch.dry else find_or_add(batch, row.get("owner") or "", "rep"),
        opened_at=opened,
        created_at=batch.now,
        changed_at=batch.now,
        ended_at=None if is_open(status) else opened,
    )


def _save(batch: Batch, outcomes: list[Outcome], made: list[Lead], people: list[Contact]) -> None:
    Contact.objects.bulk_create(people, batch_size=500)
    batch.also_made += people
    index_many(findable(contact) for contact in people)
    LifecycleMove.objects.bulk_create(
        [
            LifecycleMove(
                contact=one, from_stage=SUBSCRIBER, to_stage=LEAD, at=one.lifecycle_at or batch.now, because="import"
            )
            for one in people
        ],
        batch_size=500,
    )
    Lead.objects.bulk_create(made, batch_size=500)
    keep_outcomes(batch, "leads", outcomes)


LOADER = Loader("leads", FIELDS, load)
