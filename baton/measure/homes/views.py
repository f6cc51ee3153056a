"""Pages beside the homes: the records behind a figure, and the parts that are fetched after a home is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from baton.measure.homes.behind import FIGURES
from baton.measure.homes.upkeep import upkeep
from baton.measure.homes.visits import channels, direct_by_month, together
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


@require_GET
@may("marketing.view")
def visits_by_channel(request: Request) -> HttpResponse:
    """Visits and leads by channel: alone for htmx, as a page of its own without JavaScript. So are those below."""

    def count() -> dict[str, Any]:
        lines = channels(timezone.now())
        return {"lines": lines, "total": together(lines)}

    return _part(request, _("Visits and leads by channel"), "measure/homes/_channels.html", count)


@require_GET
@may("marketing.view")
def direct_visits(request: Request) -> HttpResponse:
    """Direct visits by month."""
    return _part(
        request, _("Direct visits"), "measure/homes/_direct.html", lambda: {"months": direct_by_month(timezone.now())}
    )


@require_GET
@may("settings.change")
def clean_contacts(request: Request) -> HttpResponse:
    """Empty fields, possible doubles, consent without evidence."""
    title = _("How clean the contacts are")
    return _part(request, title, "measure/homes/_data.html", lambda: {"upkeep": upkeep(request.user)})


def _part(request: Request, title: str, template: str, count: Callable[[], dict[str, Any]]) -> HttpResponse:
    context: dict[str, Any] = {"title": title, "template": template, "fault": ""}
    try:
        context |= count()
    except OutsideFault as error:
        context["fault"] = str(error)
    frame = "_part" if request.headers.get("HX-Request") else "part"
    return render(request, f"measure/homes/{frame}.html", context)
