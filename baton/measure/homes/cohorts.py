"""Leads by the month they were created in and what became of them: a month is judged once it is old enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import Case, Count, Exists, Min, OuterRef, Q, QuerySet, Sum

from baton.handoff.assignments.models import Handoff
from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.measure.homes.months import month_number, months_until
from baton.measure.homes.rules import days_most_take, is_immature
from baton.people.leads.models import Lead
from baton.people.leads.rules import INBOUND
from baton.platform.dates import Period, add_months, today_in
from baton.platform.organisation import organisation
from baton.sales.deals.models import Deal

READY, ACCEPTED, DEALS, WON = "ready", "accepted", "deals", "won"
LEARN_FROM = 2000  # the newest cases are enough to learn from
USUALLY_DAYS = {READY: 30, ACCEPTED: 30, DEALS: 60, WON: 120}  # until there are enough cases of one's own


@dataclass
class Cohort:
    """Leads created in one month. `immature` names the steps that more of them may still reach."""

    month: date
    leads: int = 0
    ready: int = 0
    accepted: int = 0
    deals: int = 0
    won: int = 0
    cost_minor: int = 0
    immature: set[str] = field(default_factory=set)

    @property
    def cost_per_accepted(self) -> float | None:
        return self.cost_minor / self.accepted if self.accepted and self.cost_minor else None


@dataclass
class CampaignMonths:
    """One campaign's leads and accepted leads by month, as many pairs as there are months; `name` "" is no campaign."""

    code: str
    name: str = ""
    url: str = ""
    months: list[tuple[int, int]] = field(default_factory=list)

    @property
    def total(self) -> tuple[int, int]:
        return sum(leads for leads, _n in self.months), sum(accepted for _n, accepted in self.months)


class Cohorts:
    """Leads from marketing of the last `months` months, counted once for all the parts of a page."""

    def __init__(self, now: datetime, *, months: int) -> None:
        own = organisation()
        self.today = today_in(own.zone, now)
        self.months = months_until(self.today, months)
        self.period = Period(self.months[0], add_months(self.months[-1], 1), own.zone)
        self.zone, self.currency = own.zone, own.currency

    @property
    def leads(self) -> QuerySet[Lead]:
        return (
            Lead.objects.live()
            .filter(origin=INBOUND, opened_at__gte=self.period.since, opened_at__lt=self.period.end)
            .order_by()
        )

    def funnel(self) -> list[Cohort]:
        """Leads, ready, accepted, deals, won per month of creation, with what campaigns cost in that month."""
        takes = self.takes_days
        found = {month: Cohort(month) for month in self.months}
        handed = Handoff.objects.filter(lead=OuterRef("pk"), deleted_at=None)
        deals = Deal.objects.filter(lead=OuterRef("pk"), deleted_at=None)
        rows = (
            self.leads.annotate(
                is_ready=Exists(handed),
                is_accepted=Exists(handed.filter(state="accepted")),
                has_deal=Exists(deals),
                is_won=Exists(deals.filter(state="won")),
                month=self._month,
            )
            .values("month")
            .annotate(
                n=Count("pk"),
                ready=Count("pk", Q(is_ready=True)),
                accepted=Count("pk", Q(is_accepted=True)),
                deals=Count("pk", Q(has_deal=True)),
                won=Count("pk", Q(is_won=True)),
            )
        )
        for row in rows:
            cohort = found[self.months[row["month"]]]
            cohort.leads, cohort.ready, cohort.accepted = row["n"], row["ready"], row["accepted"]
            cohort.deals, cohort.won = row["deals"], row["won"]
        for number, cost in self._costs():
            found[self.months[number]].cost_minor = cost
        for month, cohort in found.items():
            ends = add_months(month, 1)
            cohort.immature = {s for s, days in takes.items() if is_immature(ends, takes_days=days, today=self.today)}
        return list(found.values())

    @cached_property
    def takes_days(self) -> dict[str, int]:
        """Days within which nine of ten leads that got there reached each step; learnt from these months."""
        spans: dict[str, list[float]] = {step: [] for step in USUALLY_DAYS}
        handed = Handoff.objects.filter(lead__in=self.leads.values("pk"), deleted_at=None).order_by("-lead__opened_at")
        for _lead, opened, first, answered in handed.values_list("lead", "lead__opened_at").annotate(
            first=Min("assigned_at"), answered=Min("answered_at", filter=Q(state="accepted"))
        )[:LEARN_FROM]:
            _add(spans[READY], opened, first)
            _add(spans[ACCEPTED], opened, answered)
        deals = Deal.objects.live().filter(lead__in=self.leads.values("pk")).order_by("-lead__opened_at")
        for opened, begun, state, closed in deals.values_list("lead__opened_at", "opened_at", "state", "closed_at")[
            :LEARN_FROM
        ]:
            _add(spans[DEALS], opened, begun)
            _add(spans[WON], opened, closed if state == "won" else None)
        return {step: days_most_take(days, otherwise=USUALLY_DAYS[step]) for step, days in spans.items()}

    @property
    def immature_months(self) -> set[date]:
        """Months more of whose leads may yet be accepted."""
        takes = self.takes_days[ACCEPTED]
        return {m for m in self.months if is_immature(add_months(m, 1), takes_days=takes, today=self.today)}

    def by_campaign(self, *, limit: int = 8) -> list[CampaignMonths]:
        """Leads and accepted leads per campaign and month; the campaigns with the most leads, no campaign last."""
        accepted = Handoff.objects.filter(lead=OuterRef("pk"), deleted_at=None, state="accepted")
        rows = (
            self.leads.annotate(is_accepted=Exists(accepted), month=self._month)
            .values("campaign_code", "month")
            .annotate(n=Count("pk"), accepted=Count("pk", Q(is_accepted=True)))
        )
        found: dict[str, CampaignMonths] = {}
        for row in rows:
            line = found.setdefault(
                row["campaign_code"], CampaignMonths(row["campaign_code"], months=[(0, 0)] * len(self.months))
            )
            line.months[row["month"]] = (row["n"], row["accepted"])
        named = {campaign.code: campaign for campaign in Campaign.objects.live().filter(code__in=found)}
        for code, line in found.items():
            if campaign := named.get(code):
                line.name, line.url = campaign.name, campaign.get_absolute_url()
            else:
                line.name = code
        return sorted(found.values(), key=lambda line: (not line.code, -line.total[0], line.code))[:limit]

    @property
    def _month(self) -> Case:
        return month_number("opened_at", self.months, zone=self.zone)

    def _costs(self) -> list[tuple[int, int]]:
        """What campaigns cost, by number of the month."""
        rows = (
            CampaignCost.objects.filter(
                on__gte=self.period.first, on__lt=self.period.until, campaign__currency=self.currency
            )
            .order_by()
            .annotate(month=month_number("on", self.months))
            .values_list("month")
            .annotate(cost=Sum("amount_minor"))
        )
        return list(rows)


def _add(spans: list[float], since: datetime, until: datetime | None) -> None:
    if until is not None:
        spans.append((until - since) / timedelta(days=1))
