"""Deals: matched by external id; open, won or lost, with their history as far as the file tells it.

A deal of a lead qualifies that lead and keeps the handoff from who qualified it to who closed it.
"""

from __future__ import annotations

from typing import Any

from baton.exchange.imports.loaders.base import (
    CREATED,
    REFUSED,
    SKIPPED,
    Batch,
    Loader,
    Outcome,
    keep_ids,
    key_of,
    known_ids,
)
from baton.exchange.imports.loaders.people_who_sell import find_or_add
from baton.handoff.assignments.actions import record_past_handoff
from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.people.leads.rules import QUALIFIED
from baton.people.lifecycle.models import LifecycleMove
from baton.people.lifecycle.rules import CUSTOMER, OPPORTUNITY
from baton.platform.accounts.models import User
from baton.platform.money import decimals
from baton.platform.organisation import organisation
from baton.sales.deals.models import Deal, DealContact, DealLine, StageMove
from baton.sales.deals.search import index_deal
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.products.models import Product

FIELDS = {
    "external_id": "text", "name": "text", "state": "text", "stage": "text", "stage_or_state": "text",
    "pipeline": "text", "amount": "decimal", "currency": "text", "company": "text", "lead": "text",
    "lead_source": "text", "owner": "text", "qualified_by": "text", "product": "text", "opened_at": "moment",
    "closed_at": "moment", "expected_close_on": "day", "lost_reason": "text", "source": "text", "campaign": "text",
}  # fmt: skip
STATES = {"open", "won", "lost"}


def load(batch: Batch) -> list[Outcome]:
    known = known_ids(batch.source, "deals", {key_of(row) for _number, row in batch.rows})
    look = _Looked(batch)
    return [
        Outcome(number, SKIPPED) if known.get(key_of(row)) else _one(batch, number, row, look)
        for number, row in batch.rows
    ]


class _Looked:
    """What the batch's rows name, looked up once."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.currency = organisation().currency
        names = batch.values("company")
        self.companies = {one.name: one for one in Company.objects.live().filter(name__in=names)}
        self.products = {one.name: one for one in Product.objects.filter(name__in=batch.values("product"))}
        source = next((row["lead_source"] for _n, row in batch.rows if row.get("lead_source")), batch.source)
        leads = known_ids(source, "leads", batch.values("lead"))
        found = Lead.objects.select_related("contact").in_bulk(list(leads.values()))
        self.leads = {key: found[pk] for key, pk in leads.items() if pk in found}
        self.users: dict[tuple[str, str], User | None] = {}

    def user(self, key: str, role: str) -> User | None:
        if (key, role) not in self.users:
            self.users[key, role] = None if self.batch.dry else find_or_add(self.batch, key, role)
        return self.users[key, role]


def _one(batch: Batch, number: int, row: dict[str, Any], look: _Looked) -> Outcome:
    told = row.get("stage_or_state") or ""  # many systems keep won and lost among the stages
    if told:
        row = {**row, "state": told} if told.lower() in STATES else {**row, "stage": told}
    state = (row.get("state") or "open").lower()
    if state not in STATES:
        return Outcome(number, REFUSED, reason=f"{row['state']} is no state; states are open, won, lost")
    for name, found in (("company", look.companies), ("lead", look.leads), ("product", look.products)):
        if row.get(name) and row[name] not in found:
            return Outcome(number, REFUSED, reason=f"there is no {name} {row[name]}")
    if state != "open" and row.get("closed_at") is None:
        return Outcome(number, REFUSED, reason="a deal that is won or lost needs the day it was")
    if batch.dry:
        return Outcome(number, CREATED)
    deal = _deal(batch, row, state, look)
    deal.save()
    index_deal(deal)
    _history(batch, row, deal, look)
    keep_ids(batch.source, "deals", [(key_of(row), deal.pk)])
    return Outcome(number, CREATED, deal)


def _deal(batch: Batch, row: dict[str, Any], state: str, look: _Looked) -> Deal:
    lead = look.leads.get(row.get("lead") or "")
    company = look.companies.get(row.get("company") or "")
    stage = _stage(row)
    opened = row.get("opened_at") or row.get("closed_at") or batch.now
    if lead and lead.opened_at < opened and not row.get("opened_at"):
        opened = lead.opened_at
    currency = row.get("currency") or look.currency
    amount = row.get("amount")
    flags = [] if row.get("opened_at") or lead or state != "open" else ["opening_date_unknown"]
    return Deal(
        name=(row.get("name") or _name(row, company, lead))[:200],
        pipeline=stage.pipeline,
        stage=stage,
        state=state,
        amount_minor=None
        if amount is None or (state == "lost" and not amount)
        else int(amount * 10 ** decimals(currency)),
        currency=currency,
        company=company or (lead.contact.company if lead else None),
        lead=lead,
        owner=look.user(row.get("owner") or "", "rep"),
        qualified_by=look.user(row.get("qualified_by") or "", "sdr"),
        source=(row.get("source") or (lead.source if lead else ""))[:60],
        campaign_code=(row.get("campaign") or (lead.campaign_code if lead else ""))[:100],
        probability={"open": stage.probability, "won": 100, "lost": 0}[state],
        opened_at=min(opened, row["closed_at"]) if row.get("closed_at") else opened,
        created_at=batch.now,
        changed_at=batch.now,
        entered_stage_at=row.get("closed_at") or opened,
        expected_close_on=row.get("expected_close_on") or (row["closed_at"].date() if row.get("closed_at") else None),
        closed_at=row.get("closed_at") if state != "open" else None,
        lost_reason=row.get("lost_reason") or "",
        flags=flags,
    )


def _name(row: dict[str, Any], company: Company | None, lead: Lead | None) -> str:
    who = company.name if company else (lead.contact.name if lead else "")
    return " · ".join(part for part in (who, row.get("product") or "", row.get("external_id") or "") if part) or "Deal"


def _stage(row: dict[str, Any]) -> Stage:
    """The stage of that name in the pipeline; pipeline and stage are made when new."""
    pipeline = (
        Pipeline.objects.filter(name=row["pipeline"]).first() if row.get("pipeline") else Pipeline.objects.first()
    )
    pipeline = pipeline or Pipeline.objects.create(
        name=row.get("pipeline") or "Imported", position=Pipeline.objects.count()
    )
    name = row.get("stage") or ""
    stages = list(pipeline.stages.all())
    found = next((stage for stage in stages if stage.name == name), None)
    if found is None and not name and stages:
        return stages[-1]
    return found or Stage.objects.create(pipeline=pipeline, name=name or "Closed", position=len(stages), probability=0)


def _history(batch: Batch, row: dict[str, Any], deal: Deal, look: _Looked) -> None:
    StageMove.objects.create(deal=deal, to_stage=deal.stage, at=deal.opened_at, actor=deal.owner)
    product = look.products.get(row.get("product") or "")
    if product:
        DealLine.objects.create(deal=deal, product=product, description=product.name, amount_minor=deal.amount_minor)
    if deal.lead:
        DealContact.objects.create(deal=deal, contact=deal.lead.contact, is_primary=True)
        _qualify(batch, deal.lead, deal)


def _qualify(batch: Batch, lead: Lead, deal: Deal) -> None:
    """The lead is qualified; one won before its first contact is kept as told and flagged."""
    at = deal.closed_at or deal.opened_at
    batch.also_changed.append((lead, {name: getattr(lead, name) for name in ("status", "ended_at", "owner", "flags")}))
    was = {name: getattr(lead.contact, name) for name in ("lifecycle", "lifecycle_at", "owner")}
    batch.also_changed.append((lead.contact, was))
    lead.status, lead.ended_at, lead.owner, lead.changed_at = QUALIFIED, at, deal.owner, batch.now
    if at < lead.opened_at:
        lead.flags = [*lead.flags, "won_before_first_contact"]
    lead.save(update_fields=["status", "ended_at", "owner", "changed_at", "flags"])
    if deal.qualified_by and deal.owner:
        when = max(at, lead.opened_at)
        handoff = record_past_handoff(lead, assigned_by=deal.qualified_by, assigned_to=deal.owner, at=when)
        if handoff.deleted_at:  # an import that was undone and is now repeated
            handoff.deleted_at = None
            handoff.save(update_fields=["deleted_at"])
        batch.also_made.append(handoff)
    stage = CUSTOMER if deal.state == "won" else OPPORTUNITY
    LifecycleMove.objects.create(
        contact=lead.contact, from_stage=lead.contact.lifecycle, to_stage=stage, at=at, because="import"
    )
    Contact.objects.filter(pk=lead.contact_id).update(lifecycle=stage, lifecycle_at=at, owner=deal.owner)


LOADER = Loader("deals", FIELDS, load)
