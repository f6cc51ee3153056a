"""Home of the sales manager: the quarter against quota and last Monday, the week's bridge, 90 days, who needs help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from baton.handoff.feedback.reads import answered_late, attempted_late, handoffs_between
from baton.measure.attribution.models import Credit
from baton.measure.attribution.rules import LAST
from baton.measure.homes.addresses import behind
from baton.measure.homes.figures import DAYS, MONEY, SHARE, Figure, FigureRow
from baton.measure.homes.week import Week, last_monday, week_of_deals
from baton.platform.accounts.models import User
from baton.platform.dates import Period, quarter_of, today_in
from baton.platform.organisation import organisation
from baton.sales.deals.filters import stalled
from baton.sales.deals.models import Deal
from baton.sales.quotas.models import Quota
from baton.sales.quotas.rules import QUARTER, Span, elapsed_share

COMMIT_PERCENT = 70
LATELY = timedelta(days=90)
SLA_DAYS = 28


@dataclass(frozen=True)
class Seller:
    """One person's quarter. `quota_minor` of 0 is none set; `pace` the share of the workdays gone."""

    user: User
    won_minor: int
    quota_minor: int
    closing_minor: int
    pace: float

    @property
    def share(self) -> float | None:
        return self.won_minor / self.quota_minor if self.quota_minor else None


class SalesHome:
    """Everything of one reader's page; asked once, shared by its parts."""

    def __init__(self, user: User, now: datetime) -> None:
        own = organisation()
        self.user, self.now, self.currency = user, now, own.currency
        self.today = today_in(own.zone, now)
        self.quarter = quarter_of(self.today, own.zone, year_starts=own.fiscal_year_starts)
        monday = last_monday(self.today)
        self.since = Period(monday, monday + timedelta(days=7), own.zone).since

    @cached_property
    def deals(self) -> QuerySet[Deal]:
        """Visible deals in the organisation's currency."""
        return Deal.objects.visible_to(self.user).filter(currency=self.currency).order_by()

    @cached_property
    def sums(self) -> dict[str, int]:
        """Every amount and count of the page's deals, by one query."""
        before = self.quarter.before()
        same_day = before.since + (self.now - self.quarter.since)
        lately = Q(closed_at__gte=self.now - LATELY)
        earlier = Q(closed_at__gte=self.now - 2 * LATELY, closed_at__lt=self.now - LATELY)
        won, commit = Q(state="won"), Q(probability__gte=COMMIT_PERCENT)
        stuck = Q(state="open") & stalled(self.now)
        amounts = {
            "won": won_in(self.quarter),
            "won_before": won & Q(closed_at__gte=before.since, closed_at__lt=same_day),
            "commit": closing_in(self.quarter) & commit,
            "best": closing_in(self.quarter) & ~commit,
            "stalled": stuck,
            "won_lately": won & lately,
            "closed_lately": lately,
            "won_earlier": won & earlier,
            "closed_earlier": earlier,
        }
        counts = {
            "won_deals": won & lately,
            "closed_deals": lately,
            "won_deals_before": won & earlier,
            "closed_deals_before": earlier,
            "stalled_deals": stuck,
        }
        return self.deals.aggregate(
            **{name: Sum("amount_minor", filter=which, default=0) for name, which in amounts.items()},
            **{name: Count("pk", which) for name, which in counts.items()},
        )

    @property
    def is_commit(self) -> Q:
        """Won this quarter, or open, closing in it and likely."""
        return won_in(self.quarter) | closing_in(self.quarter) & Q(probability__gte=COMMIT_PERCENT)

    @cached_property
    def week(self) -> Week:
        closing = self.sums["commit"] + self.sums["best"]
        return week_of_deals(self.deals, self.quarter, self.since, closing_minor=closing, won_minor=self.sums["won"])

    @cached_property
    def quota_minor(self) -> int:
        return sum(seller.quota_minor for seller in self.sellers)

    @cached_property
    def sellers(self) -> list[Seller]:
        """Per person the user may see, the biggest gap to the pace first."""
        rows = (
            self.deals.filter(owner__isnull=False)
            .values_list("owner_id")
            .annotate(
                won=Sum("amount_minor", filter=won_in(self.quarter), default=0),
                closing=Sum("amount_minor", filter=closing_in(self.quarter), default=0),
            )
        )
        sums = {owner: (won, closing) for owner, won, closing in rows if won or closing}
        quotas = dict(
            _quotas(self.user, self.quarter, self.currency).values_list("user_id").annotate(Sum("amount_minor"))
        )
        pace = self.pace
        found = [
            Seller(person, *_pair(sums, person, quotas), pace=pace)
            for person in User.objects.filter(pk__in={*sums, *quotas}).order_by("name")
        ]
        return sorted(found, key=lambda seller: seller.won_minor - pace * seller.quota_minor)

    @property
    def pace(self) -> float:
        """Share of the quarter's workdays that are over."""
        return elapsed_share(Span(QUARTER, self.quarter.first, self.quarter.until), self.today)


def _pair(sums: dict[int, tuple[int, int]], person: User, quotas: dict[int, int]) -> tuple[int, int, int]:
    won, closing = sums.get(person.pk, (0, 0))
    return won, quotas.get(person.pk, 0), closing


def quarter_row(home: SalesHome) -> FigureRow:
    """Won, expected and stalled: where the quarter stands."""
    sums, quota = home.sums, home.quota_minor or None
    closing = sums["commit"] + sums["best"]
    figures = [
        Figure(
            label=_("Won"),
            value=sums["won"],
            kind=MONEY,
            of=quota,
            before=sums["won_before"],
            against=_("same day last quarter"),
            definition=_(
                "Amount of deals won (booked) since the quarter began, against the quotas of the same people."
            ),
            url=behind("won_quarter"),
        ),
        Figure(
            label=_("Won and commit"),
            value=sums["won"] + sums["commit"],
            kind=MONEY,
            of=quota,
            definition=_("Won plus open deals expected to close this quarter at %(percent)s percent or more.")
            % {"percent": COMMIT_PERCENT},
            url=behind("commit"),
        ),
        Figure(
            label=_("With best case"),
            value=sums["won"] + closing,
            kind=MONEY,
            of=quota,
            before=home.week.expected_then_minor,
            against=_("last Monday"),
            definition=_(
                "Won plus every open deal expected to close this quarter. Last Monday's figure is worked out from the"
                " journal: what each deal of today was then."
            ),
            url=behind("forecast"),
        ),
        Figure(
            label=_("Stalled or past close"),
            value=sums["stalled"],
            kind=MONEY,
            note=_("%(n)s deals") % {"n": sums["stalled_deals"]} if sums["stalled_deals"] else "",
            definition=_("Amount of open deals past their close date, or longer in a stage than it allows."),
            url=reverse("deals_list") + "?needs=stalled",
            is_worrying=bool(sums["stalled_deals"]),
        ),
    ]
    return FigureRow(title=_("This quarter"), figures=figures)


def closed_row(home: SalesHome) -> FigureRow:
    """Ninety days: how many closed deals are won, how long they take, what they leave."""
    sums = home.sums
    url = behind("closed_90")
    won = home.deals.filter(state="won", closed_at__gte=home.now - 2 * LATELY)
    spans = list(won.values_list("opened_at", "closed_at"))
    margins = margin_sums(home.deals, home.now)
    rate_before = sums["won_deals_before"] / sums["closed_deals_before"] if sums["closed_deals_before"] else None
    figures = [
        Figure(
            label=_("Won of closed"),
            value=sums["won_deals"] / sums["closed_deals"] if sums["closed_deals"] else None,
            kind=SHARE,
            before=rate_before,
            note=_("%(won)s of %(closed)s deals") % {"won": sums["won_deals"], "closed": sums["closed_deals"]}
            if sums["closed_deals"]
            else "",
            definition=_("Deals won of all deals won or lost in 90 days, by count."),
            url=url,
        ),
        Figure(
            label=_("Won of closed, by value"),
            value=sums["won_lately"] / sums["closed_lately"] if sums["closed_lately"] else None,
            before=sums["won_earlier"] / sums["closed_earlier"] if sums["closed_earlier"] else None,
            kind=SHARE,
            definition=_("Amount won of all amounts won or lost in 90 days. Deals without an amount count nothing."),
            url=url,
        ),
        Figure(
            label=_("Median cycle"),
            value=_median_days(spans, home.now - LATELY, home.now),
            before=_median_days(spans, home.now - 2 * LATELY, home.now - LATELY),
            kind=DAYS,
            is_less_better=True,
            definition=_("Days from opening to winning, the middle one of the deals won in 90 days."),
            url=behind("won_90"),
        ),
        Figure(
            label=_("Gross margin"),
            value=margins["margin"] / margins["known"] if margins["known"] else None,
            kind=SHARE,
            before=margins["margin_before"] / margins["known_before"] if margins["known_before"] else None,
            note=_("unknown for %(n)s deals") % {"n": margins["unknown"]} if margins["unknown"] else "",
            definition=_(
                "Price less cost as a share of bookings in 90 days. A deal with any cost unknown is left out of both"
                " and counted as unknown."
            ),
            url=behind("won_90"),
        ),
    ]
    return FigureRow(title=_("90 days"), against=_("change against the 90 days before"), figures=figures)


def margin_sums(deals: QuerySet[Deal], now: datetime) -> dict[str, int]:
    """Margin and bookings of won deals whose costs are all known, 90 days and the 90 before; one query."""
    lately = Q(closed_at__gte=now - LATELY)
    known = Q(margin_minor__isnull=False)
    credits = Credit.objects.filter(method=LAST, deal__in=deals.values("pk"), closed_at__gte=now - 2 * LATELY)
    return credits.aggregate(
        margin=Sum("margin_minor", filter=lately, default=0),
        known=Sum("amount_minor", filter=lately & known, default=0),
        unknown=Count("deal", filter=lately & ~known, distinct=True),
        margin_before=Sum("margin_minor", filter=~lately, default=0),
        known_before=Sum("amount_minor", filter=~lately & known, default=0),
    )


def breaches_by_owner(user: User, now: datetime) -> list[dict[str, Any]]:
    """Per person with a broken promise in 28 days: leads assigned, not answered in time, not attempted in time."""
    rows = (
        handoffs_between(user, now - timedelta(days=SLA_DAYS), now)
        .order_by()
        .values(person=F("owner__name"))
        .annotate(
            assigned=Count("pk"),
            answered_late=Count("pk", answered_late(now)),
            attempted_late=Count("pk", attempted_late(now)),
        )
    )
    found: list[Any] = [row for row in rows if row["answered_late"] or row["attempted_late"]]
    return sorted(found, key=lambda row: (-row["answered_late"] - row["attempted_late"], row["person"]))


def won_in(period: Period) -> Q:
    return Q(state="won", closed_at__gte=period.since, closed_at__lt=period.end)


def closing_in(period: Period) -> Q:
    """Open and expected to close in the period."""
    return Q(state="open", expected_close_on__gte=period.first, expected_close_on__lt=period.until)


def _median_days(spans: list[tuple[datetime, datetime | None]], since: datetime, until: datetime) -> float | None:
    days = [(closed - opened).days for opened, closed in spans if closed and since <= closed < until]
    return median(days) if days else None


def _quotas(user: User, quarter: Period, currency: str) -> QuerySet[Quota]:
    """Quotas of people the user may see whose months or quarter lie in this quarter; never both kinds twice."""
    found = Quota.objects.filter(
        user__isnull=False, starts_on__gte=quarter.first, starts_on__lt=quarter.until, currency=currency
    )
    if user.sight("sales") != "all":
        found = found.filter(user__in=user.team_user_ids)
    by_quarter = found.filter(period=Quota.Period.QUARTER)
    months = found.filter(period=Quota.Period.MONTH).exclude(user__in=by_quarter.values("user"))
    return found.filter(Q(pk__in=by_quarter.values("pk")) | Q(pk__in=months.values("pk"))).order_by()
