"""The demo company's products, deals, activities, tasks and quotas."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from baton.people.leads.models import Lead
from baton.people.leads.rules import QUALIFIED
from baton.platform.accounts.models import User
from baton.platform.money import MICROS, micros_to_minor
from baton.sales.activities.models import Activity
from baton.sales.deals.models import CloseDateMove, Deal, DealContact, DealLine, StageMove
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.products.models import Product
from baton.sales.quotas.models import Quota
from baton.sales.tasks.models import Task
from baton.web.demo import words
from baton.web.demo.world import CURRENCY, World

QUOTA_MINOR = 4_800_000  # a rep's month


def make_products(world: World) -> None:
    """Eight products with cost, one of them unknown; the one pipeline with its stages."""
    for name, code, family, price, cost, tax in words.PRODUCTS:
        world.products.append(
            Product.objects.create(
                name=name,
                code=code,
                family=family,
                description=words.DESCRIPTIONS.get(code, ""),
                currency=CURRENCY,
                price_micros=int(Decimal(price) * MICROS),
                cost_micros=None if cost is None else int(Decimal(cost) * MICROS),
                tax_bp=tax,
            )
        )
    world.pipeline = Pipeline.objects.create(name="New business")
    world.stages = [
        Stage.objects.create(
            pipeline=world.pipeline, name=name, position=place, probability=probability, stalled_after_days=days,
            demands=["amount"] if name in ("Proposal", "Negotiation") else [],
        )
        for place, (name, probability, days) in enumerate(words.STAGES)
    ]  # fmt: skip


def make_deals(world: World) -> None:
    """A deal for every qualified lead; older ones are decided, young ones open, some slipped, some stalled."""
    leads = sorted((lead for lead in world.leads if lead.status == QUALIFIED), key=lambda lead: lead.ended_at)
    drafts = [_deal(world, lead) for lead in leads]
    world.deals = Deal.objects.bulk_create(drafts, batch_size=200)
    lines = [line for deal in world.deals for line in _lines(world, deal)]
    DealLine.objects.bulk_create(lines, batch_size=500)
    for deal in world.deals:
        known = [line.amount_minor or 0 for line in lines if line.deal_id == deal.pk]
        deal.amount_minor = sum(known) if deal.stage.position or not deal.is_open else None
    Deal.objects.bulk_update(world.deals, ["amount_minor"], batch_size=200)
    DealContact.objects.bulk_create(
        DealContact(deal=deal, contact=deal.lead.contact, role=DealContact.Role.CHAMPION, is_primary=True)
        for deal in world.deals
    )
    _histories(world)
    _activities(world)
    _tasks(world)


def _deal(world: World, lead: Lead) -> Deal:
    opened = lead.ended_at or lead.opened_at
    age = (world.now - opened).days
    decided = age > world.chance.gauss(58, 22)
    state = Deal.State.OPEN
    if decided:
        state = Deal.State.WON if world.chance.random() < 0.42 else Deal.State.LOST
    stage = world.stages[-1 if state == Deal.State.WON else min(3, max(0, int(world.chance.gauss(age / 18, 1))))]
    closed = min(world.now, opened + timedelta(days=max(6, world.chance.gauss(52, 20)))) if decided else None
    expected = opened.date() + timedelta(days=round(max(14, world.chance.gauss(60, 15))))
    company = lead.contact.company
    owner = world.pick(world.users["rep"])
    lead.contact.owner = owner
    what = world.pick(["line 1", "pilot", "retrofit", "rollout"])
    return Deal(
        name=f"{company or lead.contact.name} {what}",
        pipeline=world.pipeline,
        stage=stage,
        state=state,
        currency=CURRENCY,
        company=company,
        lead=lead,
        owner=owner,
        qualified_by=lead.owner,
        source=lead.source,
        campaign_code=lead.campaign_code,
        probability=stage.probability if state == Deal.State.OPEN else (100 if state == Deal.State.WON else 0),
        opened_at=opened,
        created_at=opened,
        changed_at=closed or opened,
        entered_stage_at=closed or world.moment(opened, world.now),
        expected_close_on=expected,
        closed_at=closed,
        lost_reason=world.one_of(words.LOST_REASONS) if state == Deal.State.LOST else "",
    )


def _lines(world: World, deal: Deal) -> list[DealLine]:
    """Sensors, their gateway and software; one in six also a service, one in twenty the one of unknown cost."""
    by_code = {product.code: product for product in world.products}
    machines = world.chance.choice([6, 8, 12, 16, 24, 32, 48, 80])
    wanted = [("SEN-V2", machines * 3), ("GTW-G4", max(1, machines // 4)), ("SW-LINE", machines)]
    if world.chance.random() < 0.5:
        wanted.append(("SRV-INST", 1 + machines // 8))
    if world.chance.random() < 0.05:
        wanted.append(("SRV-CUSTOM", 1))
    return [_line(deal, by_code[code], quantity) for code, quantity in wanted]


def _line(deal: Deal, product: Product, quantity: int) -> DealLine:
    cost = product.cost_micros
    return DealLine(
        deal=deal,
        product=product,
        description=product.name,
        quantity_thousandths=quantity * 1000,
        amount_minor=micros_to_minor(product.price_micros * quantity, CURRENCY),
        cost_minor=None if cost is None else micros_to_minor(cost * quantity, CURRENCY),
    )


def _histories(world: World) -> None:
    """How each deal came to its stage, and how often its close date slipped."""
    moves, slips = [], []
    for deal in world.deals:
        last = deal.closed_at or deal.entered_stage_at
        steps = world.stages[: deal.stage.position + 1]
        for place, stage in enumerate(steps):
            at = deal.opened_at + (last - deal.opened_at) * (place / max(1, len(steps)))
            moves.append(
                StageMove(deal=deal, from_stage=steps[place - 1] if place else None, to_stage=stage, at=at,
                          actor=deal.owner)
            )  # fmt: skip
        for _slip in range(world.one_of({0: 55, 1: 25, 2: 12, 3: 8})):
            was = deal.expected_close_on
            deal.expected_close_on = was + timedelta(days=world.chance.choice([7, 14, 21, 30]))
            slips.append(
                CloseDateMove(
                    deal=deal,
                    from_date=was,
                    to_date=deal.expected_close_on,
                    at=world.moment(deal.opened_at, last),
                    actor=deal.owner,
                )
            )
    StageMove.objects.bulk_create(moves, batch_size=500)
    CloseDateMove.objects.bulk_create(slips, batch_size=500)
    Deal.objects.bulk_update(world.deals, ["expected_close_on"], batch_size=200)


def _activities(world: World) -> None:
    rows = []
    for deal in world.deals:
        last = deal.closed_at or world.now
        for _number in range(world.chance.randrange(3, 11)):
            rows.append(_activity(world, deal.lead, deal, world.moment(deal.opened_at, last), deal.owner))
    for lead in world.leads:
        if lead.first_attempt_at and lead.owner:
            for _attempt in range(world.chance.randrange(1, 5)):
                at = world.moment(lead.first_attempt_at, lead.ended_at or world.now)
                rows.append(_activity(world, lead, None, at, lead.owner))
    Activity.objects.bulk_create(rows, batch_size=500)


def _activity(world: World, lead: Lead, deal: Deal | None, at: datetime, owner: User | None) -> Activity:
    kind = world.one_of({"call": 45, "email": 30, "meeting": 12, "note": 13})
    outcome = world.one_of({"reached": 50, "voicemail": 20, "no_answer": 30}) if kind == "call" else ""
    subjects = {"call": "Call", "email": "Answer to your question", "meeting": "Demo", "note": "Note"}
    return Activity(
        kind=kind,
        subject=subjects[kind],
        body=world.pick(words.CALL_NOTES) if outcome in ("", "reached") else "",
        outcome=outcome,
        at=at,
        created_at=at,
        changed_at=at,
        duration_minutes=world.chance.choice([5, 10, 15, 30, 45]) if kind in ("call", "meeting") else None,
        owner=owner,
        contact=lead.contact,
        company=lead.contact.company,
        deal=deal,
        lead=lead,
    )


def _tasks(world: World) -> None:
    """A next step on four of five open deals: some late, some today, most planned."""
    rows = []
    for deal in world.deals:
        if not deal.is_open or world.chance.random() < 0.2:
            continue
        kind, title = world.pick(words.NEXT_STEPS)
        days = world.one_of({-6: 1, -2: 2, 0: 3, 1: 3, 3: 3, 7: 3, 14: 1})
        rows.append(
            Task(
                kind=kind,
                title=title,
                due_at=world.now.replace(hour=16, minute=0, second=0, microsecond=0) + timedelta(days=days),
                owner=deal.owner,
                contact=deal.lead.contact,
                company=deal.company,
                deal=deal,
            )
        )
    Task.objects.bulk_create(rows)


def make_quotas(world: World) -> None:
    """A monthly quota for every rep, this year and the next months."""
    first = date(world.now.year, world.now.month, 1)
    months = [_month(first, offset) for offset in range(-12, 4)]
    Quota.objects.bulk_create(
        Quota(user=rep, period=Quota.Period.MONTH, starts_on=month, amount_minor=QUOTA_MINOR, currency=CURRENCY)
        for rep in world.users["rep"]
        for month in months
    )


def _month(first: date, offset: int) -> date:
    years, month = divmod(first.month - 1 + offset, 12)
    return date(first.year + years, month + 1, 1)
