"""The page of paths: from or to a page, walked by clicking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from baton.platform.accounts.access import Request, may
from baton.platform.csvfile import csv_answer
from baton.platform.errors import OutsideFault
from baton.tracking.paths import reads
from baton.tracking.website.reads import look_at
from baton.tracking.website.views import about

FILE_HEAD = ["step", "page", "visits", "share"]


@require_GET
@may("marketing.view")
def paths(request: Request) -> HttpResponseBase:
    """The pages next to a page, and next to those that were clicked; with `file` as CSV."""
    look, now = look_at(request.GET), timezone.now()
    context = about(look) | {"walk": None, "levels": [], "offered": []}
    try:
        walk = reads.walk_of(request.GET, look, now)
        if walk:
            context |= {
                "walk": walk,
                "levels": reads.levels(walk, look, now),
                "offered": reads.pages_offered(look, now),
            }
    except OutsideFault as error:
        context["fault"] = str(error)
    if "file" in request.GET:
        return csv_answer(f"paths-{look.period.first}.csv", FILE_HEAD, _lines(context["levels"]))
    return render(request, "tracking/paths/paths.html", context)


def _lines(levels: list[reads.Level]) -> Iterator[list[Any]]:
    for depth, level in enumerate(levels, 1):
        for path, visits in level.pages:
            yield [depth, path, visits, round(visits / level.visits, 4)]
