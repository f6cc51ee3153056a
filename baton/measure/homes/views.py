"""Pages beside the homes: the records behind a figure, and the parts that are fetched after a home is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from baton.measure.homes.behind import FIGURES
from baton.measure.homes.upkeep import upkeep
from baton.measure.homes.visits import channels, direct_visits, together
from baton.platform.accounts.access import Request, may, signed_in
from baton.platform.errors import OutsideFault
from baton.platform.organisation import organisation
from baton.platform.pages import capped_count, page_of


@require_GET
@signed_in
def behind_figure(request: Request, figure: str) -> HttpResponse:
    """The records that one figure of a home counts, fifty at a time."""
    asked = FIGURES.get(figure)
    if asked is None or not asked.may_be_seen_by(request.user):
        raise Http404
    now = timezone.localtime()
    rows = asked.listed(request.user, now)
    page = page_of(rows, asked.order, request.GET.get("after", ""))
    count, is_capped = capped_count(rows)
    context = {
        "asked": asked,
        "rows": page.rows,
        "next": page.next,
        "is_first": not request.GET.get("after"),
        "count": count + is_capped,
        "currency": organisation().currency,
    }
    return render(request, "measure/homes/behind.html", context)


def _of_channels(request: Request) -> dict[str, Any]:
    lines = channels(timezone.now())
    return {"lines": lines, "total": together(lines)}


PARTS: dict[str, tuple[Any, str, str, Callable[[Request], dict[str, Any]]]] = {
    "channels": (_("Visits and leads by channel"), "marketing.view", "measure/homes/_channels.html", _of_channels),
    "direct": (
        _("Direct visits"),
        "marketing.view",
        "measure/homes/_direct.html",
        lambda request: {"months": direct_visits(timezone.now())},
    ),
    "data": (
        _("How clean the contacts are"),
        "settings.change",
        "measure/homes/_data.html",
        lambda request: {"upkeep": upkeep(request.user)},
    ),
}


@require_GET
@may("reports.view")
def part(request: Request, part: str) -> HttpResponse:
    """A part of a home that takes longer to count: alone for htmx, as a page of its own without JavaScript."""
    if part not in PARTS or not request.user.may(PARTS[part][1]):
        raise Http404
    title, _permission, template, count = PARTS[part]
    context: dict[str, Any] = {"title": title, "template": template, "fault": ""}
    try:
        context |= count(request)
    except OutsideFault as error:
        context["fault"] = str(error)
    return render(
        request, "measure/homes/_part.html" if request.headers.get("HX-Request") else "measure/homes/part.html", context
    )
