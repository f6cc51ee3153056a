"""The Website page, and the page that says how to put the script on a site."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.csvfile import csv_answer
from baton.platform.errors import OutsideFault
from baton.tracking.channels.reads import channel_labels
from baton.tracking.collect.models import Site
from baton.tracking.goals.reads import reached
from baton.tracking.website import looks, reads
from baton.tracking.website.forms import SiteForm
from baton.tracking.website.looks import Look
from baton.tracking.website.saved import opens_with, tabs_of

LIST_HEAD = ["label", "visitors", "visits", "views", "one_action_only", "minutes", "by_known_contacts"]
PAGE_HEAD = ["label", "visitors", "visits", "views", "median_engaged_seconds", "mean_percent_seen"]
MISSING_HEAD = ["path", "times", "visitors", "last_seen", "came_from", "times_from_there"]
MISSING_SHOWN, MISSING_LISTED = 5, 200
SOURCES_SHOWN, SOURCES_LISTED = 3, 50


@require_GET
@may("marketing.view")
def website(request: Request) -> HttpResponse:
    """Visitors, visits and views of a period beside another, what brought them and what they read; each filters all.

    An address that asks for nothing opens the person's own view.
    """
    if not request.GET and (view := opens_with(request.user)) and view.query:
        return redirect(f"{request.path}?{view.query}")
    look, now = reads.look_at(request.GET), timezone.now()
    context = about(look) | {"may_see_people": request.user.may("people.view"), "is_shared": False}
    context["tabs"] = tabs_of(request.user, look)
    context["may_change"] = request.user.may("marketing.change")
    try:
        context |= figures(look, now)
    except OutsideFault as error:
        context["fault"] = str(error)
    return render(request, "tracking/website/website.html", context)


def figures(look: Look, now: datetime) -> dict[str, Any]:
    """What the page's templates show of a look; only the total where there is no visit. Raises OutsideFault."""
    total = reads.total(look, look.period, now)
    if not total.visits:
        return {"total": total}
    return {
        "total": total,
        "before": reads.total(look, look.earlier, now) if look.earlier else None,
        "curve": reads.curve(look, now),
        "goals": reached(look, now),
        "done": reads.things_done(look, now),
        "machines": reads.machines(look, now),
    }


@require_GET
@may("marketing.view")
def website_now(request: Request) -> HttpResponse:
    """Who is on the site at this moment, page by page; asks again by itself."""
    look = reads.look_at(request.GET)
    context = about(look)
    try:
        context["now"] = reads.on_site(look.site, timezone.now())
    except OutsideFault as error:
        context["fault"] = str(error)
    template = "_now.html" if request.headers.get("HX-Request") else "now.html"
    return render(request, f"tracking/website/{template}", context)


@require_GET
@may("marketing.view")
def website_panel(request: Request, by: str) -> HttpResponse:
    """One panel of the page: the first lines by channel, page, device ..., drawn after the page."""
    panel = _panel_of(by)
    look = reads.look_at(request.GET)
    context = about(look) | {"by": by, "panel": panel, "members": reads.PANELS[panel]}
    try:
        context["lines"] = reads.lines(look, by, timezone.now())
    except OutsideFault as error:
        context["fault"] = str(error)
    return render(request, "tracking/website/_panel.html", context)


@require_GET
@may("marketing.view")
def website_list(request: Request, by: str) -> HttpResponseBase:
    """Every channel, page, device ... of the chosen visits with all its figures; with `file` as CSV."""
    _panel_of(by)
    look = reads.look_at(request.GET)
    lines = reads.lines(look, by, timezone.now(), most=reads.LINES_OF_A_LIST)
    if by == "page":
        lines = reads.with_engagement(look, lines, timezone.now())
    if "file" in request.GET:
        head, cells = (PAGE_HEAD, _page_cells) if by == "page" else (LIST_HEAD, _cells)
        return csv_answer(f"website-{by}-{look.period.first}.csv", head, map(cells, lines))
    return render(request, "tracking/website/list.html", about(look) | {"by": by, "lines": lines})


def _cells(line: reads.Line) -> list[Any]:
    return [line.label, line.visitors, line.visits, line.views, line.bounced, round(line.minutes, 1), line.known]


def _page_cells(line: reads.Line) -> list[Any]:
    read = [None if told is None else round(told, 1) for told in (line.seconds_read, line.depth_read)]
    return [line.label, line.visitors, line.visits, line.views, *read]


@require_GET
@may("marketing.view")
def website_not_found(request: Request) -> HttpResponseBase:
    """Addresses that lead to nothing and where people came from; with `file` as CSV. The page asks for a part."""
    look, now = reads.look_at(request.GET), timezone.now()
    if "file" in request.GET:
        found = reads.not_found(look, now, most=reads.LINES_OF_A_LIST, sources=SOURCES_LISTED)
        rows = ([one.path, one.times, one.visitors, one.last_at, *place] for one in found for place in one.came_from)
        return csv_answer(f"website-not-found-{look.period.first}.csv", MISSING_HEAD, rows)
    is_part = bool(request.headers.get("HX-Request"))
    context, most = about(look), MISSING_SHOWN if is_part else MISSING_LISTED
    try:
        context["missing"] = reads.not_found(look, now, most=most, sources=SOURCES_SHOWN)
    except OutsideFault as error:
        context |= {"fault": str(error), "missing": []}
    template = "_not_found.html" if is_part else "not_found.html"
    return render(request, f"tracking/website/{template}", context)


@require_GET
@may("marketing.view")
@may("people.view")
def website_people(request: Request) -> HttpResponse:
    """Which known contacts are behind the figures, of those this user may see."""
    look = reads.look_at(request.GET)
    context = about(look) | {
        "known": reads.people(look, request.user, timezone.now()),
        "channel_labels": channel_labels(),
    }
    return render(request, "tracking/website/people.html", context)


def about(look: Look) -> dict[str, Any]:
    """What every page of figures tells of how it is looked at."""
    return {
        "look": look,
        "fault": "",
        "periods": looks.PERIODS,
        "against": looks.AGAINST,
        "filters": looks.FILTERS,
        "labels": {name: reads.label_of(name, value) for name, value in look.chosen.items()},
        "panels": reads.PANELS,
        "panel_labels": reads.PANEL_LABELS,
        "sites": list(Site.objects.all()),
    }


def _panel_of(by: str) -> str:
    """The panel that shows a part. Raises Http404 for what is none."""
    for name, members in reads.PANELS.items():
        if by in members:
            return name
    raise Http404


@require_GET
@may("marketing.view")
def install(request: Request) -> HttpResponse:
    """How to put the script on a site, and which sites may send."""
    return _install(request, SiteForm())


@require_POST
@may("marketing.change")
def add_site(request: Request) -> HttpResponse:
    """POST: add a site; from then on only known sites may send."""
    form = SiteForm(request.POST)
    if not form.is_valid():
        return _install(request, form, status=422)
    form.save()
    messages.success(request, _("Visits of this site are collected within a minute."))
    return redirect("website_install")


@require_POST
@may("marketing.change")
def remove_site(request: Request, site_id: int) -> HttpResponse:
    """POST: take a site from the list; its events stay."""
    get_object_or_404(Site, pk=site_id).delete()
    messages.success(request, _("Removed. What was collected stays."))
    return redirect("website_install")


def _install(request: Request, form: SiteForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "sites": Site.objects.all(),
        "snippet": f'<script defer src="{settings.BATON_URL}/b.js"></script>',
        "may_change": request.user.may("marketing.change"),
    }
    return render(request, "tracking/website/install.html", context, status=status)
