"""The verbs of deals: open, join, move, change. Ending one is in closing.py, its people in contacts.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.organisation import organisation
from baton.sales.deals.closing import SoldLine, lose_deal, reopen_deal, set_lines, win_deal
from baton.sales.deals.contacts import add_contact, remove_contact
from baton.sales.deals.errors import DealIsClosed, NoPipeline, StageDemandsMissing, StageOfOtherPipeline
from baton.sales.deals.models import CloseDateMove, Deal, DealContact, StageMove
from baton.sales.deals.rules import DEMAND_LABELS, missing_demands
from baton.sales.deals.said import say
from baton.sales.deals.search import index_deal
from baton.sales.pipelines.models import Pipeline, Stage

__all__ = [
    "SoldLine",
    "add_contact",
    "change_deal",
    "lose_deal",
    "move_to_stage",
    "open_deal",
    "open_or_join_deal",
    "remove_contact",
    "reopen_deal",
    "set_lines",
    "win_deal",
]

CHANGEABLE = {"name", "amount_minor", "currency", "company", "owner", "source", "expected_close_on", "custom"}


@transaction.atomic
def open_deal(
    *,
    name: str,
    actor: User | None,
    now: datetime,
    owner: User | None,
    currency: str = "",
    pipeline: Pipeline | None = None,
    stage: Stage | None = None,
    company: Company | None = None,
    contacts: Iterable[Contact] = (),
    lead: Lead | None = None,
    amount_minor: int | None = None,
    expected_close_on: date | None = None,
    source: str = "",
    campaign_code: str = "",
    qualified_by: User | None = None,
) -> Deal:
    """A new open deal at `stage`, or at the first stage of `pipeline` or of the first pipeline.

    Source and campaign come from the lead unless given. The first contact is the primary one; all are raised to
    opportunity. Raises NoPipeline.
    """
    stage = stage or _first_stage(pipeline)
    deal = Deal(
        name=name.strip()[:200] or _("Deal"),
        pipeline=stage.pipeline,
        stage=stage,
        probability=stage.probability,
        company=company,
        lead=lead,
        owner=owner,
        qualified_by=qualified_by or (lead.owner if lead else None),
        amount_minor=amount_minor,
        currency=currency or organisation().currency,
        expected_close_on=expected_close_on,
        source=source or (lead.source if lead else ""),
        campaign_code=campaign_code or (lead.campaign_code if lead else ""),
        opened_at=now,
        entered_stage_at=now,
    )
    deal.save()
    StageMove.objects.create(deal=deal, from_stage=None, to_stage=stage, at=now, actor=actor)
    for contact in contacts:
        add_contact(deal, contact, actor=actor, now=now)
    journal.record(
        "deal.opened",
        deal,
        actor=actor,
        stage=stage,
        owner=owner,
        amount=amount_minor,
        currency=deal.currency,
        lead=lead,
    )
    index_deal(deal)
    say(deal, "opened", "deal.opened", _("Deal opened: %(name)s") % {"name": deal.name}, actor=actor, now=now)
    return deal


def _first_stage(pipeline: Pipeline | None) -> Stage:
    stages = Stage.objects.select_related("pipeline").order_by("pipeline__position", "pipeline_id", "position")
    stage = stages.filter(pipeline=pipeline).first() if pipeline else stages.filter(pipeline__is_active=True).first()
    if stage is None:
        raise NoPipeline(_("There is no pipeline with a stage yet. Operations can make one in the settings."))
    return stage


@transaction.atomic
def open_or_join_deal(lead: Lead, *, actor: User | None, now: datetime) -> Deal:
    """The deal of a qualified lead: the one it made before, else its contact's or company's open deal, else a new one.

    Joining adds the contact to the deal and fills in lead, source and campaign where they are empty. The contact is
    raised to opportunity. A repeat changes nothing.
    """
    contact = lead.contact
    if before := Deal.objects.live().filter(lead=lead).first():
        add_contact(before, contact, actor=actor, now=now)
        return before
    deal = _open_deal_of(contact)
    if deal is None:
        return open_deal(
            name=contact.company.name if contact.company else contact.name,
            actor=actor,
            now=now,
            owner=lead.owner or contact.owner,
            company=contact.company,
            contacts=[contact],
            lead=lead,
        )
    add_contact(deal, contact, actor=actor, now=now)
    filled = {
        name: value
        for name, value in [("lead", lead), ("source", lead.source), ("campaign_code", lead.campaign_code)]
        if value and not getattr(deal, name)
    }
    if deal.lead_id is None and filled:
        deal.claim_revision()
        Deal.objects.filter(pk=deal.pk).update(**filled)
        deal.refresh_from_db()
    journal.record("deal.joined", deal, actor=actor, lead=lead, contact=contact)
    title = _("%(contact)s joined the deal") % {"contact": contact.name}
    say(deal, f"joined:{lead.pk}", "deal.joined", title, actor=actor, now=now)
    return deal


def _open_deal_of(contact: Contact) -> Deal | None:
    deals = Deal.objects.live().filter(state=Deal.State.OPEN).order_by("-opened_at", "-pk")
    mine = deals.filter(parts__contact=contact).first()
    if mine or contact.company_id is None:
        return mine
    return deals.filter(company_id=contact.company_id).first()


@transaction.atomic
def move_to_stage(
    deal: Deal, stage: Stage, *, actor: User | None, now: datetime, seen_revision: int | None = None
) -> Deal:
    """Move an open deal to another stage of its pipeline.

    Sets entered_stage_at to `now`; the probability follows the stage unless a person has set it by hand.
    Raises DealIsClosed, StageOfOtherPipeline, StageDemandsMissing (lists the fields), and ChangedMeanwhile when the
    deal is no longer at `seen_revision` (default: as it was read).
    """
    if not deal.is_open:
        raise DealIsClosed(_("This deal is %(state)s. Reopen it first.") % {"state": deal.get_state_display().lower()})
    if stage.pipeline_id != deal.pipeline_id:
        raise StageOfOtherPipeline(_("%(stage)s is a stage of another pipeline.") % {"stage": stage.name})
    if stage.pk == deal.stage_id:
        return deal
    if lacking := missing_demands(stage.demands, having(deal, stage.demands)):
        raise StageDemandsMissing(stage.name, lacking, [str(DEMAND_LABELS[field]) for field in lacking])
    deal.claim_revision(seen_revision)
    was, deal.stage, deal.entered_stage_at = deal.stage, stage, now
    if not deal.is_probability_manual:
        deal.probability = stage.probability
    deal.save(update_fields=["stage", "entered_stage_at", "probability"])
    move = StageMove.objects.create(deal=deal, from_stage=was, to_stage=stage, at=now, actor=actor)
    journal.record("deal.moved", deal, actor=actor, before=was, after=stage, stage=stage.name)
    title = _("%(deal)s: %(before)s to %(after)s") % {"deal": deal.name, "before": was.name, "after": stage.name}
    say(deal, f"moved:{move.pk}", "deal.moved", title, actor=actor, now=now)
    return deal


def having(deal: Deal, demands: Iterable[str]) -> dict[str, bool]:
    """Which of the fields a stage may demand the deal has. Asks the database only for those that are demanded."""
    checks = {
        "amount": lambda: deal.amount_minor is not None,
        "close_date": lambda: deal.expected_close_on is not None,
        "company": lambda: deal.company_id is not None,
        "contact": lambda: deal.parts.exists(),
        "decision_maker": lambda: deal.parts.filter(role=DealContact.Role.DECISION_MAKER).exists(),
        "next_step": lambda: deal.tasks.filter(done_at=None, deleted_at=None).exists(),
        "lines": lambda: deal.lines.exists(),
    }
    return {name: checks[name]() for name in demands if name in checks}


@transaction.atomic
def change_deal(
    deal: Deal, changes: dict[str, Any], *, actor: User | None, now: datetime, seen_revision: int | None = None
) -> Deal:
    """Set fields of a deal (CHANGEABLE, and `probability`: a number sets it by hand, None lets the stage say again).

    A new expected close date is kept as a move; a later one is a slip. What is the same already is not changed.
    Raises ChangedMeanwhile.
    """
    known = {name: value for name, value in changes.items() if name in CHANGEABLE | {"probability"}}
    if "probability" in known:
        by_hand = known["probability"]
        known["is_probability_manual"] = by_hand is not None
        known["probability"] = deal.stage.probability if by_hand is None else max(0, min(100, by_hand))
    before = {name: getattr(deal, name) for name, value in known.items() if getattr(deal, name) != value}
    if not before:
        return deal
    deal.claim_revision(seen_revision)
    for name in before:
        setattr(deal, name, known[name])
    deal.save(update_fields=list(before))
    index_deal(deal)
    after = {name: known[name] for name in before}
    journal.record("deal.changed", deal, actor=actor, before=before, after=after)
    if "expected_close_on" in before:
        _note_close_date(deal, before["expected_close_on"], actor=actor, now=now)
    if "owner" in before:
        title = _("Owner: %(owner)s") % {"owner": deal.owner or _("nobody")}
        say(deal, f"owner:{deal.revision}", "deal.owner", title, actor=actor, now=now)
    return deal


def _note_close_date(deal: Deal, was: date | None, *, actor: User | None, now: datetime) -> None:
    move = CloseDateMove.objects.create(deal=deal, from_date=was, to_date=deal.expected_close_on, at=now, actor=actor)
    if move.is_slip:
        days = (deal.expected_close_on - was).days  # type: ignore[operator]
        title = _("Close date slipped by %(days)s days") % {"days": days}
        say(deal, f"close:{move.pk}", "deal.slipped", title, actor=actor, now=now, before=str(was))
