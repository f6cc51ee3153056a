"""The closed loop's page and the list of reports."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.measure.attribution.rules import LINEAR, METHODS
from baton.measure.loop.reads import CAMPAIGN, CHANNEL, closed_loop, totals
from baton.platform.accounts.access import Request, may
from baton.platform.dates import Period, month_of, quarter_of, today_in, year_of
from baton.platform.organisation import Organisation, organisation

PERIODS = {"month": _("This month"), "quarter": _("This quarter"), "year": _("This year")}
METHOD_LABELS = {"first": _("First touch"), "last": _("Last touch"), "linear": _("Linear")}
BY_LABELS = {CAMPAIGN: _("Campaign"), CHANNEL: _("Channel")}


@may("reports.view")
def reports(request: Request) -> HttpResponse:
    """What reports there are."""
    return render(request, "measure/reports.html", {})


@may("reports.view")
def loop(request: Request) -> HttpResponse:
    """From visits to profit, per campaign or channel: this period beside since launch."""
    own = organisation()
    by = _one_of(request, "by", BY_LABELS, CAMPAIGN)
    method = _one_of(request, "method", METHODS, LINEAR)
    kind = _one_of(request, "period", PERIODS, "quarter")
    period, now = _period(kind, own), timezone.now()
    this = closed_loop(by, method, since=period.since, until=period.end, currency=own.currency)
    ever = closed_loop(by, method, since=None, until=now, currency=own.currency)
    return render(
        request,
        "measure/loop/loop.html",
        {
            "by": by,
            "method": method,
            "kind": kind,
            "choices": {"by": BY_LABELS, "method": METHOD_LABELS, "period": PERIODS},
            "horizons": [(PERIODS[kind], this, totals(this)), (_("Since launch"), ever, totals(ever))],
            "period": period,
            "currency": own.currency,
        },
    )


def _one_of(request: Request, name: str, allowed: object, default: str) -> str:
    value = request.GET.get(name, default)
    return value if value in allowed else default  # type: ignore[operator]


def _period(kind: str, own: Organisation) -> Period:
    today = today_in(own.zone, timezone.now())
    if kind == "month":
        return month_of(today, own.zone)
    if kind == "year":
        return year_of(today, own.zone, year_starts=own.fiscal_year_starts)
    return quarter_of(today, own.zone, year_starts=own.fiscal_year_starts)
