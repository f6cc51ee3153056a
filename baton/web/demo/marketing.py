"""The demo company's campaigns with what they cost."""

from __future__ import annotations

from datetime import date, timedelta

from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.tracking.funnels.models import Funnel
from baton.tracking.funnels.rules import EVENT, PAGE, Step
from baton.tracking.goals.models import Goal
from baton.web.demo import words
from baton.web.demo.world import CURRENCY, World

MONTH_DAYS = 30


def make_campaigns(world: World) -> None:
    """Twelve campaigns over the year, each with a budget and weekly costs that come near it."""
    costs = []
    for name, code, objective, channel, months_ago, months, budget, spent, _weight in words.CAMPAIGNS:
        starts = (world.now - timedelta(days=months_ago * MONTH_DAYS)).date()
        ends = starts + timedelta(days=months * MONTH_DAYS)
        campaign = Campaign.objects.create(
            name=name,
            code=code,
            objective=objective,
            channel=channel,
            starts_on=starts,
            ends_on=ends if ends < world.now.date() else None,
            budget_minor=budget * 100,
            currency=CURRENCY,
            owner=world.pick(world.users["marketer"]),
            created_at=world.now - timedelta(days=months_ago * MONTH_DAYS + 14),
        )
        world.campaigns[code] = campaign
        costs += _costs(world, campaign, starts, ends, round(budget * 100 * spent))
    CampaignCost.objects.bulk_create(costs)


def make_goals(world: World) -> None:
    """What a visit to the company's site should lead to."""
    Goal.objects.create(
        name="Asked for a demo", kind="event", match="form_submitted", value_minor=150_00, created_at=world.start
    )
    Goal.objects.create(name="Read the prices", kind="page", match="/pricing", created_at=world.start)


def make_funnel(world: World) -> None:
    """How many of those who come ask for a demo, and where the others go."""
    steps = (Step(PAGE, "/*"), Step(PAGE, "/pricing"), Step(EVENT, "form_submitted"))
    Funnel.objects.create(
        name="From the first page to a demo",
        within_minutes=30 * 1440,
        steps=[step.as_json() for step in steps],
        created_at=world.start,
    )


def _costs(world: World, campaign: Campaign, starts: date, ends: date, total_minor: int) -> list[CampaignCost]:
    """Weekly costs of the weeks that have passed; a running campaign has spent its share of the time."""
    weeks = max(1, (ends - starts).days // 7)
    rows = []
    for week in range(weeks):
        day = starts + timedelta(days=week * 7)
        if day > world.now.date():
            break
        amount = round(total_minor / weeks * world.chance.uniform(0.7, 1.3))
        rows.append(CampaignCost(campaign=campaign, on=day, amount_minor=amount, note=campaign.channel))
    return rows
