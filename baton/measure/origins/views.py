"""The page of the origins report."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from baton.measure.origins.reads import origins_report
from baton.platform.accounts.access import Request, may


@may("reports.view")
def origins(request: Request) -> HttpResponse:
    """Leads and won deals per origin."""
    return render(request, "measure/origins/origins.html", {"report": origins_report(request.user)})
