"""The closed loop's rows. One grouped query per figure, whatever the number of campaigns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from baton.handoff.assignments.models import Handoff
from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.measure.attribution.models import Credit
from baton.people.leads.models import Lead
from baton.people.leads.rules import INBOUND
from baton.sales.deals.models import Deal
from baton.tracking.store import ask_recent

CAMPAIGN, CHANNEL = "campaign", "channel"  # what rows are by, and what website_parts is asked by
ALL = 1_000_000
_COLUMNS = {CAMPAIGN: ("campaign_code", "lead__campaign_code"), CHANNEL: ("source", "lead__source")}
_CREDIT_COLUMN = {CAMPAIGN: "campaign_code", CHANNEL: "channel"}


@dataclass
class LoopRow:
    """One campaign or channel. `key` is empty for unknown. Money in minor units of the organisation's currency.

    `margin_minor` is of what is known; `unmargined_minor` are the bookings whose margin is unknown. `won` may be a
    fraction: linear credit shares a sale.
    """

    key: str
    name: str = ""
    campaign: Campaign | None = None
    visits: int = 0
    leads: int = 0
    accepted: int = 0
    deals: int = 0
    won: float = 0.0
    bookings_minor: int = 0
    margin_minor: int = 0
    unmargined_minor: int = 0
    cost_minor: int = 0

    @property
    def profit_minor(self) -> int | None:
        """Gross margin credited less cost; None where any of the margin is unknown."""
        return None if self.unmargined_minor else self.margin_minor - self.cost_minor

    @property
    def is_unknown(self) -> bool:
        return not self.key


def closed_loop(by: str, method: str, *, since: datetime | None, until: datetime, currency: str) -> list[LoopRow]:
    """Rows by campaign or channel for [since, until); without `since` from the beginning. Biggest bookings first.

    Unknown is a row like any other. Campaigns without any figure are rows too. Deals in another currency are left out.
    """
    rows: dict[str, LoopRow] = defaultdict(lambda: LoopRow(""))
    fill = _Filler(rows)
    own_column, lead_column = _COLUMNS[by]
    fill.from_pairs("visits", _visits(by, since, until))
    fill.from_groups(
        "leads", _within(Lead.objects.live().filter(origin=INBOUND), "opened_at", since, until), own_column
    )
    accepted = Handoff.objects.live().filter(state=Handoff.State.ACCEPTED)
    fill.from_groups("accepted", _within(accepted, "assigned_at", since, until), lead_column)
    deals = Deal.objects.live().filter(currency=currency)
    fill.from_groups("deals", _within(deals, "opened_at", since, until), own_column)
    _credit(rows, by, method, since, until, currency)
    if by == CAMPAIGN:
        _name_campaigns(rows, since, until)
    for key, row in rows.items():
        row.key, row.name = key, row.name or key
    return sorted(rows.values(), key=lambda row: (row.is_unknown, -row.bookings_minor, -row.leads, row.name))


def totals(rows: Iterable[LoopRow]) -> LoopRow:
    """All rows added up; equals what was counted and booked without splitting."""
    total = LoopRow("total")
    for row in rows:
        for name in ("visits", "leads", "accepted", "deals", "won"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
        for name in ("bookings_minor", "margin_minor", "unmargined_minor", "cost_minor"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
    return total


def campaign_row(campaign: Campaign, method: str, *, since: datetime | None, until: datetime) -> LoopRow:
    """The figures of one campaign, as the closed loop shows them."""
    rows = closed_loop(CAMPAIGN, method, since=since, until=until, currency=campaign.currency)
    return next((row for row in rows if row.key == campaign.code), LoopRow(campaign.code, campaign.name, campaign))


@dataclass(frozen=True)
class _Filler:
    rows: dict[str, LoopRow]

    def from_pairs(self, figure: str, pairs: Iterable[tuple[str, int]]) -> None:
        for key, count in pairs:
            row = self.rows[key or ""]
            setattr(row, figure, getattr(row, figure) + count)

    def from_groups(self, figure: str, queryset: QuerySet, column: str) -> None:
        self.from_pairs(figure, queryset.order_by().values_list(column).annotate(Count("pk")))


def _within(queryset: QuerySet, column: str, since: datetime | None, until: datetime) -> QuerySet:
    bounds = {f"{column}__lt": until} | ({f"{column}__gte": since} if since else {})
    return queryset.filter(**bounds)


def _visits(by: str, since: datetime | None, until: datetime) -> list[tuple[str, int]]:
    found = ask_recent("website_parts", by=by, most=ALL, since=since, until=until, site=None)
    return [(row["label"], row["visits"]) for row in found]


def _credit(
    rows: dict[str, LoopRow], by: str, method: str, since: datetime | None, until: datetime, currency: str
) -> None:
    credits = _within(Credit.objects.filter(method=method, currency=currency), "closed_at", since, until)
    grouped = (
        credits.order_by()
        .values_list(_CREDIT_COLUMN[by])
        .annotate(
            parts=Sum("share"),
            amount=Sum("amount_minor"),
            margin=Sum("margin_minor", default=0),
            unmargined=Sum("amount_minor", filter=Q(margin_minor=None), default=0),
        )
    )
    for key, share, amount, margin, unmargined in grouped:
        row = rows[key]
        row.won, row.bookings_minor = round(share, 4), amount
        row.margin_minor, row.unmargined_minor = margin, unmargined


def _name_campaigns(rows: dict[str, LoopRow], since: datetime | None, until: datetime) -> None:
    costs = CampaignCost.objects.filter(on__lt=until.date())
    if since:
        costs = costs.filter(on__gte=since.date())
    spent = dict(costs.order_by().values_list("campaign_id").annotate(Sum("amount_minor")))
    for campaign in Campaign.objects.live():
        row = rows[campaign.code]
        row.name, row.campaign, row.cost_minor = campaign.name, campaign, spent.get(campaign.pk, 0)
