"""The Website page, and the page that says how to put the script on a site."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.dates import Period, month_of, today_in, year_of
from baton.platform.errors import OutsideFault
from baton.platform.organisation import Organisation, organisation
from baton.tracking.collect.models import Site
from baton.tracking.website.forms import SiteForm
from baton.tracking.website.reads import CHANNEL_LABELS, overview

PERIODS = {
    "day": gettext_lazy("Today"),
    "week": gettext_lazy("7 days"),
    "month": gettext_lazy("28 days"),
    "this_month": gettext_lazy("This month"),
    "year": gettext_lazy("12 months"),
    "this_year": gettext_lazy("This year"),
}
_DAYS = {"day": 1, "week": 7, "month": 28, "year": 365}


@require_GET
@may("marketing.view")
def website(request: Request) -> HttpResponse:
    """Visitors, visits and views of a period, what brought them and what they read."""
    kind = request.GET.get("period", "month")
    kind = kind if kind in PERIODS else "month"
    sites = list(Site.objects.all())
    site = request.GET.get("site", "")
    site = site if site in {one.domain for one in sites} else ""
    period, now = _period(kind, organisation()), timezone.now()
    try:
        figures, fault = overview(period, site=site, now=now), ""
    except OutsideFault as error:
        figures, fault = None, str(error)
    context = {
        "figures": figures,
        "fault": fault,
        "kind": kind,
        "periods": PERIODS,
        "site": site,
        "sites": sites,
        "period": period,
        "channel_labels": CHANNEL_LABELS,
    }
    return render(request, "tracking/website/website.html", context)


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


def _period(kind: str, own: Organisation) -> Period:
    today = today_in(own.zone, timezone.now())
    if kind == "this_month":
        return month_of(today, own.zone)
    if kind == "this_year":
        return year_of(today, own.zone, year_starts=own.fiscal_year_starts)
    return Period(today - timedelta(days=_DAYS[kind] - 1), today + timedelta(days=1), own.zone)
