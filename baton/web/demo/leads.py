"""The demo company's leads: 900 from marketing with their handoffs, 200 that sales found itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from baton.handoff.agreement.actions import agreement_in_force
from baton.handoff.agreement.models import Agreement
from baton.handoff.agreement.reasons import NURTURE
from baton.handoff.agreement.rules import due_after
from baton.handoff.assignments.models import Handoff
from baton.handoff.routing.actions import ensure_seats
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.people.leads.rules import (
    ATTEMPTING,
    CONNECTED,
    EXPANSION,
    INBOUND,
    NEW,
    OUTBOUND,
    QUALIFIED,
    REFERRAL,
    UNQUALIFIED,
)
from baton.people.lifecycle.models import LifecycleMove
from baton.web.demo import words
from baton.web.demo.world import World

FROM_MARKETING, HANDED_OVER, ACCEPTED, WITH_DEAL = 900, 250, 215, 90
FROM_SALES, SALES_WITH_DEAL = 200, 84
STILL_WAITING = 4  # of those handed over: their clocks run on today's screen


def make_leads(world: World) -> None:
    """Leads over the year, more of them lately; the first of the list go furthest."""
    ensure_seats()
    contacts = [contact for contact in world.contacts if contact.email and contact.created_at < world.now]
    world.chance.shuffle(contacts)
    agreement = agreement_in_force()
    inbound = [_from_marketing(world, contacts.pop()) for _ in range(FROM_MARKETING)]
    found = [_from_sales(world, contacts.pop()) for _ in range(FROM_SALES)]
    _decide_marketing(world, inbound)
    _decide_sales(world, found)
    world.leads = Lead.objects.bulk_create(inbound + found, batch_size=500)
    _make_handoffs(world, inbound[:HANDED_OVER], agreement)
    _move_lifecycles(world)


def _from_marketing(world: World, contact: Contact) -> Lead:
    """Six in ten of the campaigns, the rest of known channels or of unknown source: about a seventh of all."""
    if world.chance.random() < 0.64:
        number = world.one_of({place: campaign[8] for place, campaign in enumerate(words.CAMPAIGNS)})
        campaign = list(world.campaigns.values())[number]
        code, source = campaign.code, campaign.channel
        starts = datetime.combine(campaign.starts_on, world.now.time(), world.now.tzinfo)
        ends = datetime.combine(campaign.ends_on or world.now.date(), world.now.time(), world.now.tzinfo)
        opened = world.moment(starts, ends)
        contact.created_at = min(contact.created_at, opened)
    else:
        code, source = "", world.one_of(words.SOURCES)
        opened = world.moment(max(contact.created_at, world.start), world.now)
    contact.source = source
    return Lead(
        contact=contact,
        origin=INBOUND,
        source=source,
        campaign_code=code,
        landing_page=world.pick(words.PAGES)[0],
        opened_at=opened,
        created_at=opened,
        changed_at=opened,
    )


def _from_sales(world: World, contact: Contact) -> Lead:
    origin = world.one_of({OUTBOUND: 60, REFERRAL: 25, EXPANSION: 15})
    latest = world.now - timedelta(days=3)
    opened = world.moment(max(world.start, min(contact.created_at, latest)), latest)
    contact.created_at = min(contact.created_at, opened)
    contact.source = {OUTBOUND: "prospecting", REFERRAL: "referral", EXPANSION: "customer"}[origin]
    owner = world.pick(world.users["sdr"] + world.users["rep"])
    return Lead(
        contact=contact,
        origin=origin,
        source=contact.source,
        owner=owner,
        opened_at=opened,
        created_at=opened,
        changed_at=opened,
    )


def _decide_marketing(world: World, leads: list[Lead]) -> None:
    """The first 250 were handed over, 215 of them accepted, 90 qualified; a few of today's still wait."""
    leads.sort(key=lambda lead: lead.opened_at, reverse=True)
    waiting = world.waiting = [lead for lead in leads if _fits(lead.contact)][:STILL_WAITING]
    rest = [lead for lead in leads if lead not in waiting]
    world.chance.shuffle(rest)
    leads[:] = rest[: HANDED_OVER - STILL_WAITING] + waiting + rest[HANDED_OVER - STILL_WAITING :]
    for place, lead in enumerate(leads):
        if place < WITH_DEAL:
            _end(world, lead, QUALIFIED, "")
        elif place < ACCEPTED:
            undecided = {ATTEMPTING: 3, CONNECTED: 2} if _is_young(world, lead) else {UNQUALIFIED: 1}
            lead.status = world.one_of(undecided)
            if lead.status == UNQUALIFIED:
                _end(world, lead, UNQUALIFIED, world.pick(["No reply after six attempts", "No need this year"]))
        elif place >= HANDED_OVER and not _is_young(world, lead) and world.chance.random() < 0.3:
            _end(world, lead, UNQUALIFIED, "Never became ready")


def _fits(contact: Contact) -> bool:
    is_large = bool(contact.company and (contact.company.employees or 0) >= 50)
    return is_large and contact.seniority in ("manager", "head", "director", "executive")


def _decide_sales(world: World, leads: list[Lead]) -> None:
    for place, lead in enumerate(leads):
        lead.first_attempt_at = world.later(lead.opened_at, 1)
        if place < SALES_WITH_DEAL:
            _end(world, lead, QUALIFIED, "")
        elif _is_young(world, lead):
            lead.status = world.one_of({NEW: 2, ATTEMPTING: 3, CONNECTED: 2})
        else:
            _end(
                world, lead, UNQUALIFIED, world.pick(["No reply after six attempts", "Has a supplier", "Wrong person"])
            )


def _is_young(world: World, lead: Lead) -> bool:
    return world.now - lead.opened_at < timedelta(days=30)


def _end(world: World, lead: Lead, status: str, reason: str) -> None:
    lead.status, lead.unqualified_reason = status, reason
    lead.first_attempt_at = lead.first_attempt_at or world.later(lead.opened_at, 0.6)
    lead.ended_at = world.later(lead.first_attempt_at, 8)
    lead.changed_at = lead.ended_at


def _make_handoffs(world: World, leads: list[Lead], agreement: Agreement) -> None:
    handoffs = []
    for place, lead in enumerate(leads):
        is_waiting = lead.status == NEW and place >= HANDED_OVER - STILL_WAITING
        handoffs.append(_handoff(world, lead, agreement, place, is_waiting=is_waiting))
        lead.owner = lead.contact.owner = handoffs[-1].owner
    Lead.objects.bulk_update(leads, ["owner", "status", "ended_at", "unqualified_reason"], batch_size=500)
    Handoff.objects.bulk_create(handoffs, batch_size=500)


def _handoff(world: World, lead: Lead, agreement: Agreement, place: int, *, is_waiting: bool) -> Handoff:
    hours, sdrs = agreement.business_hours, world.users["sdr"]
    assigned = world.now - timedelta(minutes=world.chance.randrange(4, 55)) if is_waiting else lead.opened_at
    handoff = Handoff(
        lead=lead,
        agreement=agreement,
        owner=sdrs[place % len(sdrs)],
        assigned_at=assigned,
        created_at=assigned,
        evidence=_evidence(world, lead, agreement),
        remind_at=due_after(assigned, agreement.accept_within_minutes / 2, hours),
        accept_by=due_after(assigned, agreement.accept_within_minutes, hours),
        attempt_by=due_after(assigned, agreement.attempt_within_minutes, hours),
    )
    if place < ACCEPTED:
        handoff.state = Handoff.State.ACCEPTED
        handoff.answered_at = min(world.later(assigned, 0.03), world.now)
        if lead.status != NEW:
            handoff.first_attempt_at = lead.first_attempt_at or world.later(handoff.answered_at, 0.1)
    elif not is_waiting:
        _send_back(world, handoff, agreement)
    return handoff


def _send_back(world: World, handoff: Handoff, agreement: Agreement) -> None:
    handoff.answered_at = world.later(handoff.assigned_at, 0.08)
    if world.chance.random() < 0.2:
        handoff.state = Handoff.State.EXPIRED
        return
    reason = agreement.reason(world.one_of(words.REJECTIONS))
    recycles = reason is not None and reason["action"] == NURTURE
    handoff.state = Handoff.State.RECYCLED if recycles else Handoff.State.REJECTED
    handoff.reject_reason = reason["key"] if reason else ""
    if recycles:
        handoff.rests_until = handoff.answered_at + timedelta(days=agreement.rest_days)
    _end(world, handoff.lead, UNQUALIFIED, reason["label"] if reason else "")


def _evidence(world: World, lead: Lead, agreement: Agreement) -> dict[str, object]:
    contact, company = lead.contact, lead.contact.company
    fit = world.chance.randrange(agreement.fit_at_least, 100)
    engagement = world.chance.randrange(agreement.engagement_at_least, 120)
    return {
        "contact": {"name": contact.name, "job_title": contact.job_title, "country": contact.country},
        "company": company
        and {
            "name": company.name,
            "industry": company.industry,
            "employees": company.employees,
            "country": company.country,
        },
        "fit": {
            "score": fit,
            "reasons": [
                {"text": f"Job title: {contact.job_title or 'manager'}", "points": fit - fit // 2},
                {"text": f"Country: {contact.country or 'DE'}", "points": fit // 2},
            ],
        },
        "engagement": {
            "score": engagement,
            "reasons": [
                {"text": "Looked at pricing", "points": engagement // 2},
                {"text": "Asked for the guide", "points": engagement - engagement // 2},
            ],
        },
        "needs": {"fit": agreement.fit_at_least, "engagement": agreement.engagement_at_least},
        "lead": {
            "origin": lead.origin,
            "source": lead.source,
            "campaign_code": lead.campaign_code,
            "landing_page": lead.landing_page,
            "interest": lead.interest,
        },
        "did": [],
        "consents": ["Newsletter"],
    }


def _move_lifecycles(world: World) -> None:
    """Every contact's rung and the moves that led there, from what became of its lead."""
    rungs: dict[int, list[tuple[str, datetime]]] = {}
    accepted = {handoff.lead_id: handoff for handoff in Handoff.objects.all()}
    for lead in world.leads:
        way = [("lead", lead.opened_at)]
        handoff = accepted.get(lead.pk)
        if handoff:
            way.append(("mql", handoff.assigned_at))
            if handoff.state == Handoff.State.ACCEPTED and handoff.answered_at:
                way.append(("sal", handoff.answered_at))
            if handoff.state == Handoff.State.RECYCLED:
                way.append(("recycled", handoff.answered_at or lead.opened_at))
        if lead.status == QUALIFIED and lead.ended_at:
            way.append(("sql", lead.ended_at))
        rungs[lead.contact_id] = way
    _write_moves(world, rungs)


def _write_moves(world: World, rungs: dict[int, list[tuple[str, datetime]]]) -> None:
    moves, touched = [], []
    for contact in world.contacts:
        way = rungs.get(contact.pk)
        if not way:
            continue
        was = "subscriber"
        for stage, at in way:
            moves.append(LifecycleMove(contact=contact, from_stage=was, to_stage=stage, at=at, because="demo"))
            was = stage
        contact.lifecycle, contact.lifecycle_at = way[-1]
        touched.append(contact)
    LifecycleMove.objects.bulk_create(moves, batch_size=1000)
    fields = ["created_at", "lifecycle", "lifecycle_at", "owner", "source"]
    Contact.objects.bulk_update(touched, fields, batch_size=300)
