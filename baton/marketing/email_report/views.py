"""Pages of the report: the report itself, the mail with its links numbered, and the people behind a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from baton.marketing.email.models import Broadcast
from baton.marketing.email.writing import BadWriting
from baton.marketing.email_report import actions, reads
from baton.marketing.email_report.linkmap import page_with_numbers
from baton.marketing.email_report.people import Chosen, behind, link_of, rule_of, seen
from baton.marketing.pacing.reads import pace_under_way
from baton.marketing.reading.words import reason_words
from baton.marketing.trials.models import trial_of
from baton.marketing.trials.words import variant_words
from baton.people.deliveries.gate import REASONS
from baton.people.panels import drawn
from baton.people.returns.providers import label_of
from baton.platform import wiring
from baton.platform.accounts.access import Request, may
from baton.platform.csvfile import csv_answer
from baton.platform.errors import Refusal
from baton.platform.pages import capped_count, page_of
from baton.tracking.errors import StoreAway

# As the preview's, and a click on a numbered link may lead the page on to the people who followed it.
MAP_POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; img-src * data:; "
    "style-src 'unsafe-inline'; font-src *; frame-ancestors 'self'"
)
CSV_HEAD = ["id", "first_name", "last_name", "email", "company", "state", "reason", "handed_at", "opened_at",
            "clicked_at", "unsubscribed_at"]  # fmt: skip


def progress(request: Request, broadcast: Broadcast) -> HttpResponse:
    """How far it is, and its figures: what an open page asks for every two seconds, until another page is due.

    `state` of the query is the one that the page was drawn for.
    """
    answer = render(request, "marketing/email_report/_progress.html", figures(broadcast))
    if request.GET.get("state") != broadcast.state:
        answer.headers["HX-Refresh"] = "true"
    return answer


def report(request: Request, broadcast: Broadcast) -> HttpResponse:
    """The report of an email that goes out or went out."""
    context = figures(broadcast)
    providers, counted_at = reads.providers(broadcast)
    context |= {
        "links": reads.links(broadcast, context["ledger"].clicked),
        "hours": reads.hours(broadcast, timezone.now()),
        "programs": reads.programs(broadcast),
        "providers": providers,
        "counted_at": counted_at,
        "skip_words": REASONS,
        "refused_words": _refusals(),
        "ab_test": trial_of(broadcast),
        "came_of_it": drawn(getattr(wiring.page(), "EMAIL_PANELS", []), request, broadcast),
    }
    return render(request, "marketing/email_report/report.html", context)


def figures(broadcast: Broadcast) -> dict[str, Any]:
    """What the part with the figures shows."""
    return {
        "email": broadcast,
        "ledger": reads.ledger(broadcast),
        "hits": reads.hits(broadcast),
        "usual": reads.usual(broadcast),
        "people": reverse("email_people", kwargs={"email_id": broadcast.pk}),
        "pace": pace_under_way(broadcast) if broadcast.is_under_way else None,
    }


@xframe_options_sameorigin
@may("marketing.view")
def email_map(request: Request, email_id: int) -> HttpResponse:
    """The mail with a number and a share at each link."""
    broadcast = _found(email_id)
    links = reads.links(broadcast, reads.ledger(broadcast).clicked)
    shares = {link.pk: f"{number_format(round(100 * (link.share or 0)))}%" for link in links}
    try:
        body, kind = page_with_numbers(broadcast, links, shares), "text/html"
    except BadWriting as error:
        body, kind = str(error), "text/plain"
    policy = {"Content-Security-Policy": MAP_POLICY}
    return HttpResponse(body, content_type=f"{kind}; charset=utf-8", headers=policy)


@may("marketing.view")
def email_people(request: Request, email_id: int) -> HttpResponse:
    """The people behind a number of the report, as many as the reader may see."""
    broadcast, chosen = _found(email_id), _chosen(request, request.GET)
    try:
        rows = behind(broadcast, chosen)
    except StoreAway as away:
        messages.error(request, str(away))
        return redirect(broadcast)
    mine = seen(rows, request.user)
    page = page_of(mine, chosen.sort, request.GET.get("after", ""), records=mine.select_related("contact__company"))
    count, is_more = capped_count(mine)
    context = {
        "email": broadcast,
        "chosen": chosen,
        "link": link_of(broadcast, chosen),
        "reason": _reason(chosen),
        "provider": label_of(chosen.provider) if chosen.provider else "",
        "variant": variant_words(chosen.variant),
        "rows": page.rows,
        "next": page.next,
        "count": count + is_more,
        "hidden": 0 if is_more else capped_count(rows)[0] - count,
        "follows": rule_of(broadcast, chosen) is not None,
        "reason_words": _words_of_row,
    }
    return render(request, "marketing/email_report/people.html", context)


@may("people.export")
def email_people_csv(request: Request, email_id: int) -> HttpResponseBase:
    """The same people as a file, streamed."""
    broadcast, chosen = _found(email_id), _chosen(request, request.GET)
    try:
        found = behind(broadcast, chosen)
    except StoreAway as away:
        messages.error(request, str(away))
        return redirect(broadcast)
    rows = seen(found, request.user).select_related("contact__company").order_by("contact_id")
    lines = (_csv_line(row) for row in rows.iterator(chunk_size=2000))
    return csv_answer(f"email-{broadcast.pk}-{chosen.what}.csv", CSV_HEAD, lines)


@require_POST
@may("marketing.change")
def segment_of_people(request: Request, email_id: int) -> HttpResponse:
    """POST: a segment of the people behind a number."""
    broadcast, chosen = _found(email_id), _chosen(request, request.POST)
    try:
        segment, is_new = actions.make_segment(broadcast, chosen, actor=request.user, now=timezone.now())
    except (Refusal, StoreAway) as refusal:
        messages.error(request, str(refusal))
        people = reverse("email_people", kwargs={"email_id": broadcast.pk})
        return HttpResponseRedirect(f"{people}?{chosen.query}")
    said = (
        _("%(segment)s is saved; its members follow in a moment.") if is_new else _("There is such a segment already.")
    )
    messages.success(request, said % {"segment": segment})
    return redirect(segment)


def _chosen(request: Request, asked: Mapping[str, str]) -> Chosen:
    """The number asked for; those of other sides are for who may see them."""
    chosen = Chosen.read(asked)
    if chosen.number.needs and not request.user.may(chosen.number.needs):
        raise PermissionDenied(chosen.number.needs)
    return chosen


def _csv_line(row: Any) -> list[Any]:
    who = row.contact
    moments = [row.handed_at, row.opened_at, row.clicked_at, row.unsubscribed_at]
    return [
        who.pk, who.first_name, who.last_name, who.email, who.company.name if who.company else "",
        row.state, row.reason,
        *(at.isoformat(timespec="seconds") if at else "" for at in moments),
    ]  # fmt: skip


def _reason(chosen: Chosen) -> str:
    """What the list is narrowed by, in words."""
    if not chosen.reason:
        return ""
    if chosen.what in ("machine", "unclear"):
        return reason_words(chosen.reason)
    return _words_of_row(chosen.reason)


def _words_of_row(reason: str) -> str:
    """Why a copy is in its state, in words; "" where it needs none."""
    return str({**REASONS, **_refusals()}.get(reason, reason.replace("_", " ")))


def _refusals() -> dict[str, str]:
    return {
        "dead_address": _("the address does not exist"),
        "mailbox": _("the mailbox cannot take it"),
        "message_refused": _("this message was refused"),
        "sender_refused": _("we were refused"),
        "connection_lost": _("the connection was lost"),
        "worker_lost": _("the worker was lost"),
        "left": _("left as it is by a person"),
        "delayed": _("the server goes on trying"),
    }


def _found(email_id: int) -> Broadcast:
    return get_object_or_404(Broadcast.objects.live().select_related("campaign", "journey"), pk=email_id)
