"""Home of the sales manager: the quarter against quota, the pipeline, what stalls, who needs help."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from baton.handoff.assignments.models import Handoff
from baton.measure.attribution.models import Credit
from baton.measure.attribution.rules import LAST
from baton.measure.homes.figures import Figure
from baton.platform.accounts.models import User
from baton.platform.dates import Period, quarter_of, today_in
from baton.platform.organisation import organisation
from baton.sales.deals.models import Deal
from baton.sales.quotas.models import Quota

COMMIT_PERCENT = 70
STALLED_DAYS = 21


def manager_figures(user: User, now: datetime) -> list[Figure]:
    """Won and expected against quota, win rate, cycle, margin, what stalls, broken promises to leads."""
    own = organisation()
    quarter = quarter_of(today_in(own.zone, now), own.zone, year_starts=own.fiscal_year_starts)
    deals = Deal.objects.visible_to(user).filter(currency=own.currency)
    sums = _sums(deals, quarter, now)
    return [
        _won(user, quarter, sums),
        _expected(sums),
        *_closed(deals, sums, now),
        _margin(deals, now),
        _stalled(sums),
        _late_leads(user, now),
    ]


def _sums(deals: QuerySet[Deal], quarter: Period, now: datetime) -> dict[str, int]:
    """All amounts and counts of the page's deals, by one query."""
    lately = Q(closed_at__gte=now - timedelta(days=90))
    closing = Q(state="open", expected_close_on__gte=quarter.first, expected_close_on__lt=quarter.until)
    commit = Q(probability__gte=COMMIT_PERCENT)
    stalled = Q(expected_close_on__lt=now.date()) | Q(entered_stage_at__lt=now - timedelta(days=STALLED_DAYS))
    return deals.order_by().aggregate(
        won=Sum("amount_minor", filter=_won_in(quarter), default=0),
        won_before=Sum("amount_minor", filter=_won_in(quarter.before()), default=0),
        commit=Sum("amount_minor", filter=closing & commit, default=0),
        maybe=Sum("amount_minor", filter=closing & ~commit, default=0),
        stalled=Sum("amount_minor", filter=Q(state="open") & stalled, default=0),
        won_lately=Count("pk", filter=Q(state="won") & lately),
        closed_lately=Count("pk", filter=lately),
    )


def attainment(user: User, now: datetime) -> list[dict[str, Any]]:
    """Per rep the user may see: won this quarter, quota, open amount closing in it; biggest gap first."""
    own = organisation()
    quarter = quarter_of(today_in(own.zone, now), own.zone, year_starts=own.fiscal_year_starts)
    deals = Deal.objects.visible_to(user).filter(currency=own.currency, owner__isnull=False).order_by()
    closes = Q(state="open", expected_close_on__gte=quarter.first, expected_close_on__lt=quarter.until)
    rows = deals.values_list("owner_id").annotate(
        won=Sum("amount_minor", filter=_won_in(quarter), default=0),
        closing=Sum("amount_minor", filter=closes, default=0),
    )
    sums = {owner: (won, closing) for owner, won, closing in rows if won or closing}
    quotas = dict(_quotas(user, quarter).values_list("user_id").annotate(Sum("amount_minor")))
    people = User.objects.filter(pk__in={*sums, *quotas})
    found = [
        {
            "user": person,
            "won": sums.get(person.pk, (0, 0))[0],
            "quota": quotas.get(person.pk, 0),
            "closing": sums.get(person.pk, (0, 0))[1],
        }
        for person in people
    ]
    return sorted(found, key=lambda row: row["won"] - row["quota"])


def _won(user: User, quarter: Period, sums: dict[str, int]) -> Figure:
    quota = _quotas(user, quarter).aggregate(all=Sum("amount_minor", default=0))["all"]
    return Figure(
        label=_("Won this quarter"),
        value=sums["won"],
        kind="money",
        of=quota or None,
        before=sums["won_before"],
        definition=_("Amount of deals won (booked) since the quarter began, against the quotas of the same people."),
        url=reverse("deals_list") + "?state=won",
    )


def _expected(sums: dict[str, int]) -> Figure:
    commit = sums["won"] + sums["commit"]
    return Figure(
        label=_("Won and commit"),
        value=commit,
        kind="money",
        of=commit + sums["maybe"] or None,
        definition=_(
            "Won plus open deals expected this quarter at 70 percent or more; beside it all that is expected."
        ),
        url=reverse("deals"),
    )


def _closed(deals: QuerySet[Deal], sums: dict[str, int], now: datetime) -> list[Figure]:
    won = deals.filter(state="won", closed_at__gte=now - timedelta(days=90)).order_by()
    cycles = [(closed - opened).days for opened, closed in won.values_list("opened_at", "closed_at") if closed]
    return [
        Figure(
            label=_("Win rate, 90 days"),
            value=sums["won_lately"] / sums["closed_lately"] if sums["closed_lately"] else None,
            kind="share",
            definition=_("Deals won of all deals won or lost in the last 90 days, by count."),
            url=reverse("deals_list") + "?state=won",
        ),
        Figure(
            label=_("Median cycle"),
            value=median(cycles) if cycles else None,
            kind="days",
            definition=_("Days from opening to winning, the middle one of deals won in the last 90 days."),
        ),
    ]


def _margin(deals: QuerySet[Deal], now: datetime) -> Figure:
    sums = Credit.objects.filter(
        method=LAST, deal__in=deals.values("pk"), closed_at__gte=now - timedelta(days=90)
    ).aggregate(
        margin=Sum("margin_minor"),
        known=Sum("amount_minor", filter=Q(margin_minor__isnull=False)),
    )
    return Figure(
        label=_("Gross margin, 90 days"),
        value=sums["margin"] / sums["known"] if sums["known"] and sums["margin"] is not None else None,
        kind="share",
        definition=_("Margin as a share of bookings in the last 90 days, of the deals whose every cost is known."),
    )


def _stalled(sums: dict[str, int]) -> Figure:
    return Figure(
        label=_("Stalled or past close"),
        value=sums["stalled"],
        kind="money",
        definition=_("Amount of open deals past their close date or more than three weeks in one stage."),
        url=reverse("deals_list") + "?needs=stalled",
        is_worrying=True,
    )


def _late_leads(user: User, now: datetime) -> Figure:
    handoffs = Handoff.objects.visible_to(user).filter(assigned_at__gte=now - timedelta(days=28))
    broken = handoffs.filter(Q(state="expired") | Q(attempt_missed_at__isnull=False)).count()
    return Figure(
        label=_("Lead SLA broken, 28 days"),
        value=broken,
        kind="number",
        definition=_("New leads that nobody answered in time or whose first attempt came late."),
        url=reverse("handoff_review") + "?days=28",
        is_worrying=bool(broken),
    )


def _won_in(period: Period) -> Q:
    return Q(state="won", closed_at__gte=period.since, closed_at__lt=period.end)


def _quotas(user: User, quarter: Period) -> QuerySet[Quota]:
    """Quotas of people the user may see whose months or quarter lie in this quarter; never both kinds twice."""
    found = Quota.objects.filter(user__isnull=False, starts_on__gte=quarter.first, starts_on__lt=quarter.until)
    if user.sight("sales") != "all":
        found = found.filter(user__in=user.team_user_ids)
    by_quarter = found.filter(period=Quota.Period.QUARTER)
    months = found.filter(period=Quota.Period.MONTH).exclude(user__in=by_quarter.values("user"))
    return found.filter(Q(pk__in=by_quarter.values("pk")) | Q(pk__in=months.values("pk"))).order_by()
