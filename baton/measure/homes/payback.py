"""Payback: what campaigns returned so far, by their age in months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, Sum

from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.measure.attribution.models import Credit
from baton.measure.attribution.rules import FIRST
from baton.measure.homes.months import month_number, months_until
from baton.measure.homes.rules import running_total
from baton.platform.dates import today_in
from baton.platform.money import decimals
from baton.platform.organisation import Organisation, organisation

CURVES = 5  # as many as there are hues that the colour-blind can tell apart
LONGEST_MONTHS = 25


@dataclass(frozen=True)
class Curve:
    """Gross margin by first touch less cost, summed up by month of age, in minor units; None for ages not reached.

    `unknown` is how many of its sales are left out because a cost of what was sold is unknown.
    """

    campaign: Campaign
    totals: list[int | None]
    unknown: int


@dataclass(frozen=True)
class Payback:
    """The curves of the dearest campaigns and the ages they are drawn over."""

    curves: list[Curve]
    ages: range

    @property
    def unknown(self) -> int:
        """Sales of these campaigns that are left out."""
        return sum(curve.unknown for curve in self.curves)

    def series(self, currency: str) -> list[dict[str, object]]:
        """For ui.chart: in major units, as its axis is labelled."""
        return [
            {"name": curve.campaign.name, "values": [_major(total, currency) for total in curve.totals]}
            for curve in self.curves
        ]


def payback(now: datetime) -> Payback:
    """Curves of the campaigns that cost the most among those that began in the last two years; three queries."""
    own = organisation()
    today = today_in(own.zone, now)
    months = months_until(today, LONGEST_MONTHS)
    young = Campaign.objects.live().filter(currency=own.currency, starts_on__gte=months[0], starts_on__lte=today)
    campaigns = {campaign.pk: campaign for campaign in young}
    costs = _costs(campaigns, months, today)
    dearest = sorted((campaigns[pk] for pk in costs), key=lambda campaign: -sum(costs[campaign.pk].values()))[:CURVES]
    returned, unknown = _returned([campaign.code for campaign in dearest], months, own)
    began = {campaign.pk: months.index(campaign.starts_on.replace(day=1)) for campaign in dearest}
    ages = range(max((len(months) - number for number in began.values()), default=0))
    curves = [
        Curve(
            campaign,
            _totals(began[campaign.pk], costs[campaign.pk], returned[campaign.code], ages, len(months)),
            unknown[campaign.code],
        )
        for campaign in dearest
    ]
    return Payback(curves, ages)


def _totals(began: int, costs: dict[int, int], returned: dict[int, int], ages: range, months: int) -> list[int | None]:
    """Sums by age, of amounts by number of the month; what was spent before the launch belongs to its first month."""
    steps = [0] * len(ages)
    for sign, amounts in ((-1, costs), (1, returned)):
        for month, amount in amounts.items():
            steps[max(0, month - began)] += sign * amount
    return running_total(steps, months=months - began)


def _costs(campaigns: Iterable[int], months: list[date], today: date) -> dict[int, dict[int, int]]:
    """Cost by campaign and number of the month."""
    costs: dict[int, dict[int, int]] = defaultdict(dict)
    rows = (
        CampaignCost.objects.filter(campaign__in=list(campaigns), on__lte=today)
        .order_by()
        .annotate(month=month_number("on", months))
        .values_list("campaign_id", "month")
        .annotate(amount=Sum("amount_minor"))
    )
    for campaign, month, amount in rows:
        costs[campaign][month] = amount
    return costs


def _returned(
    codes: list[str], months: list[date], own: Organisation
) -> tuple[dict[str, dict[int, int]], dict[str, int]]:
    """Known margin by campaign code and number of the month of the sale, and how many sales of unknown margin."""
    returned: dict[str, dict[int, int]] = defaultdict(dict)
    unknown: dict[str, int] = defaultdict(int)
    rows = (
        Credit.objects.filter(method=FIRST, campaign_code__in=codes, currency=own.currency)
        .order_by()
        .annotate(month=month_number("closed_at", months, zone=own.zone))
        .values_list("campaign_code", "month")
        .annotate(margin=Sum("margin_minor", default=0), unmargined=Count("pk", Q(margin_minor=None)))
    )
    for code, month, margin, unmargined in rows:
        returned[code][month] = margin
        unknown[code] += unmargined
    return returned, unknown


def _major(minor: int | None, currency: str) -> float | None:
    return None if minor is None else round(minor / 10 ** decimals(currency), 2)
