"""Imports in the browser: upload, map, look, start, watch, undo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from baton.exchange.imports import actions, mapping, reading
from baton.exchange.imports.cells import DAY_FIRST, MONTH_FIRST, YEAR_FIRST
from baton.exchange.imports.loaders import LOADERS
from baton.exchange.imports.mapping import Column, Mapping
from baton.exchange.imports.models import ImportRun
from baton.platform.accounts.access import Request, may
from baton.platform.csvfile import csv_answer
from baton.platform.errors import Refusal
from baton.platform.files import store_file
from baton.platform.files.actions import file_path

NOUNS = {
    "contacts": lazy("Contacts"),
    "companies": lazy("Companies"),
    "leads": lazy("Leads"),
    "deals": lazy("Deals"),
    "products": lazy("Products"),
    "consents": lazy("Consents"),
    "events": lazy("Events of visitors"),
    "users": lazy("People of your own company"),
}
ORDERS = {DAY_FIRST: lazy("day first"), MONTH_FIRST: lazy("month first"), YEAR_FIRST: lazy("year first")}
SHOWN = 50


@may("people.import")
def import_list(request: Request) -> HttpResponse:
    """What was imported, and the way to import more."""
    runs = ImportRun.objects.select_related("file", "actor")
    if request.GET.get("state") == ImportRun.State.FAILED:
        runs = runs.filter(state=ImportRun.State.FAILED)
    runs = runs[:SHOWN]
    return render(request, "exchange/imports/list.html", {"runs": runs, "nouns": NOUNS})


@may("people.import")
def new_import(request: Request) -> HttpResponse:
    """Choose a file and what its rows are; the file is kept, nothing is imported yet."""
    problem = ""
    if request.method == "POST":
        sent = request.FILES.get("file")
        noun = request.POST.get("noun", "")
        if sent is None:
            problem = _("Choose a file.")
        else:
            stored = store_file(sent.chunks(), name=sent.name or "", content_type="text/csv", actor=request.user)
            try:
                return redirect("import", run_id=actions.begin(noun, stored, actor=request.user).pk)
            except Refusal as refusal:
                problem = str(refusal)
    context = {"nouns": NOUNS, "noun": request.POST.get("noun", "contacts"), "problem": problem}
    return render(request, "exchange/imports/new.html", context, status=422 if problem else 200)


@may("people.import")
def import_page(request: Request, run_id: int) -> HttpResponse:
    """A draft's mapping and preview, or a run's progress and result."""
    run = get_object_or_404(ImportRun.objects.select_related("file", "actor"), pk=run_id)
    if run.state != ImportRun.State.DRAFT:
        return render(request, "exchange/imports/run.html", _result(run))
    return _draft(request, run)


@require_POST
@may("people.import")
def start_import(request: Request, run_id: int) -> HttpResponse:
    """POST: keep the mapping and start; or, with "look", only show what would become of the rows."""
    run = get_object_or_404(ImportRun, pk=run_id)
    if run.state != ImportRun.State.DRAFT:
        return redirect("import", run_id=run.pk)
    try:
        wanted = _sent_mapping(request, run)
        actions.settle_mapping(run, wanted, dates=request.POST.get("dates", ""))
    except Refusal as refusal:
        run.mapping = wanted.as_json()
        run.save(update_fields=["mapping"])
        messages.error(request, str(refusal))
        return redirect("import", run_id=run.pk)
    if "look" not in request.POST:
        actions.start(run, actor=request.user)
    return redirect("import", run_id=run.pk)


@may("people.import")
def import_progress(request: Request, run_id: int) -> HttpResponse:
    """The part that shows how far a run is; asks for itself again until the run has ended."""
    run = get_object_or_404(ImportRun.objects.select_related("file"), pk=run_id)
    return render(request, "exchange/imports/_progress.html", _result(run))


@may("people.import")
def refused_csv(request: Request, run_id: int) -> StreamingHttpResponse:
    """Refused rows as they stood in the file, each with its reason, ready to be mended and imported again."""
    run = get_object_or_404(ImportRun.objects.select_related("file"), pk=run_id)
    header = reading.sniff(file_path(run.file.sha256)).header
    return csv_answer(f"refused-{run.pk}.csv", [*header, "reason"], _refused(run, header))


@require_POST
@may("people.undo")
def undo_import(request: Request, run_id: int) -> HttpResponse:
    """POST: take a whole import back; what was changed since stays and is named."""
    run = get_object_or_404(ImportRun, pk=run_id)
    try:
        undone, kept = actions.undo(run, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("import", run_id=run.pk)
    text = ngettext("%(count)s record is as before.", "%(count)s records are as before.", undone) % {"count": undone}
    if kept:
        text += " " + _("Kept, for they were changed since: %(names)s") % {"names": ", ".join(kept[:5])}
    messages.success(request, text)
    return redirect("import", run_id=run.pk)


def _refused(run: ImportRun, header: list[str]) -> Iterator[list[Any]]:
    for refused in run.refusals.order_by("number").iterator(chunk_size=1000):
        yield [*[refused.cells.get(name, "") for name in header], refused.reason]


def _result(run: ImportRun) -> dict[str, Any]:
    is_under_way = run.state in (ImportRun.State.QUEUED, ImportRun.State.RUNNING)
    refusals = list(run.refusals.order_by("number")[:20])
    why = run.refusals.order_by().values_list("reason").annotate(n=Count("pk")).order_by("-n")[:8] if refusals else []
    return {
        "run": run, "is_under_way": is_under_way, "refusals": refusals, "why": list(why), "noun": NOUNS[run.noun],
    }  # fmt: skip


def _draft(request: Request, run: ImportRun) -> HttpResponse:
    table = reading.sniff(file_path(run.file.sha256))
    current = mapping.from_json(run.mapping)
    by_name = {column.name: column for column in current.columns}
    columns = [(name, by_name.get(name, Column(name, ""))) for name in table.header]
    problem, counts, examples, asks = "", {}, [], False
    try:
        found, outcomes = actions.preview(run, actions.settled(run, current))
        counts, examples = dict(found), outcomes[:12]
    except mapping.DatesUnclear as refusal:
        problem, asks = str(refusal), True
    except Refusal as refusal:
        problem = str(refusal)
    context = {
        "run": run,
        "noun": NOUNS[run.noun],
        "table": table,
        "columns": columns,
        "fields": [(name, name.replace("_", " ")) for name in LOADERS[run.noun].fields],
        "orders": ORDERS,
        "source": current.source,
        "problem": problem,
        "asks_for_dates": asks,
        "counts": counts,
        "examples": examples,
    }
    return render(request, "exchange/imports/draft.html", context)


def _sent_mapping(request: Request, run: ImportRun) -> Mapping:
    table = reading.sniff(file_path(run.file.sha256))
    kept = {column["name"]: column for column in run.mapping["columns"]}
    columns = []
    for place, name in enumerate(table.header):
        to = request.POST.get(f"to_{place}", "")
        if to not in LOADERS[run.noun].fields:
            continue
        before = kept.get(name, {})
        columns.append(
            Column(
                name,
                to,
                request.POST.get(f"order_{place}", ""),
                before.get("values", {}),
                before.get("times", ""),
                before.get("decimal", ""),
            )
        )
    source = request.POST.get("source", "").strip()[:60] or "file"
    return Mapping(run.noun, columns, run.mapping.get("constants", {}), source)
