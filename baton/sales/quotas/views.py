"""The Quotas page: where everyone stands, and setting what they should reach."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.organisation import organisation
from baton.sales.deals.amounts import AmountField, to_minor
from baton.sales.quotas import reads
from baton.sales.quotas.actions import set_quota
from baton.sales.quotas.rules import MONTH, QUARTER, Span, months_after, span_of


@require_GET
@may("sales.view")
def quotas(request: Request) -> HttpResponse:
    """Won against quota per person for one month or quarter; everyone sees their own, managers their team's."""
    span = _span(request.GET.get("period", ""), request.GET.get("from", ""))
    step = 1 if span.period == MONTH else 3
    today = timezone.localdate()
    rows = reads.standings(reads.sellers(request.user), span, today)
    return render(
        request,
        "sales/quotas/quotas.html",
        {
            "span": span,
            "previous": months_after(span.start, -step),
            "following": span.end,
            "rows": rows,
            "teams": reads.team_standings(request.user, span, today),
            "total": reads.together(rows, span, today),
            "currency": organisation().currency,
            "may_set": request.user.may("sales.manage"),
            "today": today,
        },
    )


@require_POST
@may("sales.manage")
def quota_set(request: Request) -> HttpResponse:
    """POST: set a person's or team's quota for a period."""
    span = _span(request.POST.get("period", ""), request.POST.get("from", ""))
    user = team = None
    if pk := request.POST.get("user", ""):
        user = get_object_or_404(reads.sellers(request.user), pk=int(pk) if pk.isdecimal() else 0)
    else:
        pk = request.POST.get("team", "")
        team = get_object_or_404(reads.teams_of(request.user), pk=int(pk) if pk.isdecimal() else 0)
    currency = organisation().currency
    try:
        amount = to_minor(AmountField(required=True).clean(request.POST.get("amount", "")), currency)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(f"/quotas/?period={span.period}&from={span.start}")
    set_quota(
        period=span.period,
        starts_on=span.start,
        amount_minor=amount or 0,
        currency=currency,
        user=user,
        team=team,
        actor=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("Quota of %(who)s set.") % {"who": user or team})
    return redirect(f"/quotas/?period={span.period}&from={span.start}")


def _span(period: str, starts: str) -> Span:
    kind = QUARTER if period == QUARTER else MONTH
    try:
        day = date.fromisoformat(starts)
    except ValueError:
        day = timezone.localdate()
    return span_of(kind, day, fiscal_year_starts=organisation().fiscal_year_starts)
