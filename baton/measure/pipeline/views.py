"""The page of the pipeline report."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from baton.measure.pipeline.reads import pipeline_report
from baton.platform.accounts.access import Request, may


@may("reports.view")
def pipeline(request: Request) -> HttpResponse:
    """Deals by state and stage, by manager and office."""
    return render(request, "measure/pipeline/pipeline.html", {"report": pipeline_report(request.user)})
