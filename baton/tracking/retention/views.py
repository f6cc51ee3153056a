"""The retention page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from baton.platform.accounts.access import Request, may
from baton.platform.csvfile import csv_answer
from baton.platform.errors import OutsideFault
from baton.tracking.retention import reads
from baton.tracking.retention.rules import MOST_AFTER
from baton.tracking.website.reads import look_at
from baton.tracking.website.views import about

FILE_HEAD = ["week_of_first_visit", "visitors", *(f"week_{after}" for after in range(1, MOST_AFTER + 1))]


@require_GET
@may("marketing.view")
def retention(request: Request) -> HttpResponseBase:
    """Visitors by week of their first visit, and how many came again in each week after; with `file` as CSV."""
    look = look_at(request.GET)
    context = about(look) | {"cohorts": [], "most_after": 0}
    try:
        found = reads.cohorts(look, timezone.now())
        context |= {"cohorts": found, "together": reads.together(found)}
        context["most_after"] = max(len(one.again) for one in found)
    except OutsideFault as error:
        context["fault"] = str(error)
    if "file" in request.GET:
        return csv_answer(f"retention-{look.period.first}.csv", FILE_HEAD, map(_cells, context["cohorts"]))
    return render(request, "tracking/retention/retention.html", context)


def _cells(one: reads.Cohort) -> list[Any]:
    return [one.monday, one.visitors, *one.again]
