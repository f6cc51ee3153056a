"""The list of deals: its page, changes to many at once with undo, and the CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal
from baton.platform.journal.models import JournalEntry
from baton.platform.money import decimals
from baton.platform.pages import capped_count, page_of
from baton.sales.deals import bulk
from baton.sales.deals.board_views import filter_choices
from baton.sales.deals.filters import DealFilter
from baton.sales.deals.forms import possible_owners
from baton.sales.deals.models import Deal
from baton.sales.deals.paging import SORTS
from baton.sales.deals.reads import as_cards, drawn, with_names
from baton.sales.pipelines.models import Stage


@require_GET
@may("sales.view")
def deal_list(request: Request) -> HttpResponse:
    """Deals as rows, fifty at a time."""
    chosen = DealFilter.read(request.GET)
    now = timezone.localtime()
    key = request.GET.get("sort", "")
    sort = key if key in SORTS else "newest"
    deals = chosen.narrow(Deal.objects.visible_to(request.user), request.user, now=now)
    page = page_of(drawn(deals), SORTS[sort], request.GET.get("after", ""))
    count, is_capped = capped_count(deals)
    return render(
        request,
        "sales/deals/list.html",
        {
            "cards": as_cards(page.rows, now=now),
            "next": page.next,
            "is_first": not request.GET.get("after"),
            "count": count,
            "is_capped": is_capped,
            "filter": chosen,
            "sort": sort,
            "sorts": [(name, order.label) for name, order in SORTS.items()],
            "stage_choices": list(Stage.objects.order_by("pipeline__position", "position").values_list("pk", "name")),
            "may_change": request.user.may("sales.change"),
            "may_export": request.user.may("people.export"),
            "owners": possible_owners(request.user),
            "now": now,
            **filter_choices(request.user),
        },
    )


@require_POST
@may("sales.change")
def change_together(request: Request) -> HttpResponse:
    """POST: set the owner or the expected close date of the chosen deals."""
    ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isdecimal()]
    deals = (
        Deal.objects.visible_to(request.user).filter(pk__in=ids[: bulk.AT_MOST + 1]).select_related("stage", "owner")
    )
    answer = redirect(f"{reverse('deals_list')}?{request.POST.get('back', '')}")
    try:
        changes = _changes(request)
        entry, n = bulk.change_together(deals, changes, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return answer
    if entry is None:
        messages.info(request, _("Nothing to change."))
        return answer
    said = ngettext("%(n)s deal changed.", "%(n)s deals changed.", n) % {"n": n}
    messages.success(request, said, extra_tags=f"undo={reverse('deals_undo', args=[entry.pk])}")
    return answer


def _changes(request: Request) -> dict[str, Any]:
    if request.POST.get("what") == "owner":
        owner = possible_owners(request.user).filter(pk=request.POST.get("owner") or 0).first()
        if owner is None:
            raise Refusal(_("Choose the new owner."))
        return {"owner": owner}
    day: date | None = None
    try:
        day = parse_date(request.POST.get("expected_close_on", ""))
    except ValueError:
        day = None
    if day is None:
        raise Refusal(_("Choose the new close date."))
    return {"expected_close_on": day}


@require_POST
@may("sales.change")
def undo(request: Request, entry_id: int) -> HttpResponse:
    """POST: take a change of many back."""
    entry = get_object_or_404(JournalEntry, pk=entry_id, verb=bulk.BULK_VERB, actor=request.user)
    try:
        n = bulk.undo_together(entry, actor=request.user, now=timezone.now())
        messages.success(request, ngettext("%(n)s deal is as before.", "%(n)s deals are as before.", n) % {"n": n})
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("deals_list")


class _Echo:
    """A file that hands every line back instead of keeping it, so that the answer streams."""

    def write(self, line: str) -> str:
        return line


@require_GET
@may("people.export")
def export_csv(request: Request) -> HttpResponse | StreamingHttpResponse:
    """The filtered deals as CSV, streamed; only what the reader may see."""
    chosen = DealFilter.read(request.GET)
    deals = chosen.narrow(Deal.objects.visible_to(request.user), request.user, now=timezone.localtime())
    answer = StreamingHttpResponse(_lines(with_names(deals).order_by("pk")), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="deals.csv"'
    return answer


COLUMNS = [
    "id", "name", "company", "owner", "pipeline", "stage", "state", "amount", "currency", "probability",
    "expected_close_on", "opened_at", "closed_at", "lost_reason", "source", "campaign",
]  # fmt: skip


def _lines(deals: Any) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for deal in deals.select_related("pipeline").iterator(chunk_size=1000):
        yield writer.writerow([_cell(value) for value in _row(deal)])


def _row(deal: Deal) -> list[Any]:
    digits = decimals(deal.currency)
    amount = "" if deal.amount_minor is None else f"{deal.amount_minor / 10**digits:.{digits}f}"
    return [
        deal.pk, deal.name, deal.company or "", deal.owner.email if deal.owner else "", deal.pipeline, deal.stage,
        deal.state, amount, deal.currency, deal.probability, deal.expected_close_on or "", deal.opened_at.isoformat(),
        deal.closed_at.isoformat() if deal.closed_at else "", deal.lost_reason, deal.source, deal.campaign_code,
    ]  # fmt: skip


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" and not text.lstrip("-").replace(".", "", 1).isdigit() else value
