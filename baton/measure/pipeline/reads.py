"""Figures of the pipeline report."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from baton.people.companies.models import Company
from baton.platform.accounts.models import Team, User
from baton.sales.deals.models import Deal, DealLine
from baton.sales.products.models import Product


def pipeline_report(user: User | None = None) -> dict[str, Any]:
    """Deals by state and stage with amounts in minor units; without a company; of unknown margin; by team.

    `user` limits it to what they may see; None is everything (the command line). Amounts are per currency.
    """
    deals = (Deal.objects.visible_to(user) if user else Deal.objects.live()).order_by()
    unknown = DealLine.objects.filter(deal=OuterRef("pk"), cost_minor=None)
    known = DealLine.objects.filter(deal=OuterRef("pk")).exclude(cost_minor=None)
    return {
        "deals": deals.count(),
        "states": _states(deals),
        "open_by_stage": [
            {"stage": stage, "deals": count}
            for stage, count in deals.filter(state="open")
            .values_list("stage__name")
            .annotate(n=Count("pk"))
            .order_by("-n")
        ],
        "without_company": deals.filter(company=None).count(),
        "margin_unknown": deals.filter(state="won").filter(Exists(unknown) | ~Exists(known)).count(),
        "by_manager": _by_manager(deals),
        **_sellers(),
        "companies": Company.objects.live().count(),
        "products": Product.objects.count(),
    }


def _sellers() -> dict[str, int]:
    """Who sells: active members of teams with a manager (the manager apart), those managers, and the offices above."""
    members = User.objects.filter(is_active=True, team__manager__isnull=False).exclude(pk=F("team__manager"))
    teams = Team.objects.filter(manager__isnull=False)
    return {
        "agents": members.count(),
        "managers": teams.values("manager").distinct().count(),
        "offices": teams.exclude(parent=None).values("parent").distinct().count(),
    }


def _states(deals: QuerySet[Deal]) -> list[Any]:
    rows = deals.values("state", "currency").annotate(deals=Count("pk"), amount_minor=Sum("amount_minor"))
    return sorted(rows, key=lambda row: (["won", "open", "lost"].index(row["state"]), row["currency"]))


def _by_manager(deals: QuerySet[Deal]) -> list[Any]:
    return list(
        deals.filter(owner__team__isnull=False)
        .values(manager=F("owner__team__manager__name"), office=F("owner__team__parent__name"))
        .annotate(
            people=Count("owner", distinct=True),
            deals=Count("pk"),
            won=Count("pk", Q(state="won")),
            won_minor=Sum("amount_minor", filter=Q(state="won"), default=0),
        )
        .order_by("-won_minor", "manager")
    )
