"""The board: its page, further cards of a column, and moving a card."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from baton.people.contacts.models import Contact
from baton.platform.accounts.access import Request, may
from baton.platform.accounts.models import Team, User
from baton.platform.errors import Refusal
from baton.sales.deals import actions, reads
from baton.sales.deals.amounts import to_minor
from baton.sales.deals.errors import StageDemandsMissing
from baton.sales.deals.filters import CLOSING, NEEDS, STATES, DealFilter
from baton.sales.deals.forms import MoveForm, first_error, possible_owners
from baton.sales.deals.models import Deal
from baton.sales.deals.views import deal_of
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.tasks.actions import add_task
from baton.sales.tasks.forms import when


def filter_choices(user: User) -> dict[str, Any]:
    """What the filter sentence offers: people and teams only to those who see more than their own."""
    sees_others = user.sight("sales") != "own"
    return {
        "people": _people(user) if sees_others else [],
        "teams": list(Team.objects.order_by("name").values_list("pk", "name")) if sees_others else [],
        "closing_choices": CLOSING[1:],
        "needs_choices": NEEDS[1:],
        "state_choices": STATES,
    }


def _people(user: User) -> list[tuple[Any, Any]]:
    names = possible_owners(user).values_list("pk", "name")
    return [("me", _("me")), ("nobody", _("nobody")), *names]


@require_GET
@may("sales.view")
def board(request: Request) -> HttpResponse:
    """Open deals as cards in the columns of one pipeline."""
    pipelines = list(Pipeline.objects.filter(is_active=True).prefetch_related("stages"))
    asked = request.GET.get("pipeline", "")
    pipeline = next((p for p in pipelines if str(p.pk) == asked), pipelines[0] if pipelines else None)
    chosen = DealFilter.read(request.GET)
    now = timezone.localtime()
    columns = reads.board(pipeline, _open_deals(request, chosen, now), now=now) if pipeline else []
    return render(
        request,
        "sales/deals/board.html",
        {
            "pipelines": pipelines,
            "pipeline": pipeline,
            "columns": columns,
            "count": sum(column.count for column in columns),
            "filter": chosen,
            "now": now,
            "may_change": request.user.may("sales.change"),
            **filter_choices(request.user),
        },
    )


@require_GET
@may("sales.view")
def column(request: Request, stage_id: int) -> HttpResponse:
    """The next cards of a column, after the deal named by `after`."""
    stage = get_object_or_404(Stage.objects.select_related("pipeline"), pk=stage_id)
    now = timezone.localtime()
    chosen = DealFilter.read(request.GET)
    last = get_object_or_404(Deal, pk=request.GET.get("after") if request.GET.get("after", "").isdecimal() else 0)
    place = (last.entered_stage_at, last.pk)
    cards = reads.more_cards(stage, _open_deals(request, chosen, now), after=place, now=now)
    return render(
        request,
        "sales/deals/column.html",
        {
            "stage": stage,
            "cards": cards,
            "is_full": len(cards) == reads.CARDS_PER_COLUMN,
            "filter": chosen,
            "now": now,
            "is_part": request.headers.get("X-Part") == "1",
            "may_change": request.user.may("sales.change"),
        },
    )


@require_http_methods(["GET", "POST"])
@may("sales.change")
def move(request: Request, deal_id: int) -> HttpResponse:
    """GET: where the deal could go. POST: move it; what the stage demands may come along in the same form.

    The board's script asks for JSON and gets 409 with the reason, or 422 with the form that is still to be filled in.
    """
    deal = deal_of(request, deal_id)
    if request.method == "GET":
        return render(request, "sales/deals/move.html", {"deal": deal, "stages": _stages(deal), "back": _back(request)})
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _refused(request, deal, first_error(form))
    stage = form.cleaned_data["stage"]
    try:
        _move(request.user, deal, stage, form.cleaned_data)
    except StageDemandsMissing as missing:
        return _demanded(request, deal, stage, missing)
    except Refusal as refusal:
        return _refused(request, deal, str(refusal))
    return _moved(request, deal)


@transaction.atomic
def _move(user: User, deal: Deal, stage: Stage, told: dict[str, Any]) -> None:
    """Fill in what was given for the stage's demands, then move: both or nothing."""
    now = timezone.now()
    seen = told["revision"]
    changes: dict[str, Any] = {}
    if told["amount"] is not None:
        changes["amount_minor"] = to_minor(told["amount"], deal.currency)
    if told["expected_close_on"]:
        changes["expected_close_on"] = told["expected_close_on"]
    if changes:
        actions.change_deal(deal, changes, actor=user, now=now, seen_revision=seen)
        seen = deal.revision if deal.revision != seen else seen
    if told["contact_email"]:
        contact = Contact.objects.visible_to(user).holding(email=[told["contact_email"].lower()]).first()
        if contact is None:
            raise Refusal(_("No contact of yours has that e-mail."))
        actions.add_contact(deal, contact, actor=user, now=now)
    if told["step_title"] and told["step_on"]:
        due = when({"due_on": told["step_on"]})
        add_task(told["step_title"], actor=user, now=now, deal=deal, **due)
    actions.move_to_stage(deal, stage, actor=user, now=now, seen_revision=seen)


def _moved(request: Request, deal: Deal) -> HttpResponse:
    if not _wants_json(request):
        messages.success(request, _("%(deal)s is now in %(stage)s.") % {"deal": deal, "stage": deal.stage})
        return redirect(_back(request) or deal)
    now = timezone.localtime()
    deals = _open_deals(request, DealFilter.read(request.GET), now)
    heads = {
        column.stage.pk: render_to_string("sales/deals/_column_head.html", {"column": column}, request)
        for column in reads.columns_of(deal.pipeline, deals)
    }
    card = reads.as_cards([deal], now=now)[0]
    shown = render_to_string("sales/deals/_card.html", {"card": card, "now": now, "may_change": True}, request)
    return JsonResponse({"heads": heads, "card": shown})


def _demanded(request: Request, deal: Deal, stage: Stage, missing: StageDemandsMissing) -> HttpResponse:
    deal.refresh_from_db()
    context = {
        "deal": deal,
        "stage": stage,
        "fields": missing.fields,
        "sentence": str(missing),
        "stages": _stages(deal),
        "back": _back(request),
        "typed": request.POST,
    }
    if _wants_json(request):
        form = render_to_string("sales/deals/_demands.html", context, request)
        return JsonResponse({"reason": str(missing), "form": form}, status=422)
    return render(request, "sales/deals/move.html", context, status=422)


def _refused(request: Request, deal: Deal, reason: str) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"reason": reason}, status=409)
    messages.error(request, reason)
    return redirect(deal)


def _open_deals(request: Request, chosen: DealFilter, now: datetime) -> Any:
    only_open = DealFilter(chosen.owner, chosen.team, chosen.closing, chosen.needs, "open", "", chosen.text)
    return only_open.narrow(Deal.objects.visible_to(request.user), request.user, now=now)


def _stages(deal: Deal) -> list[Stage]:
    return list(Stage.objects.filter(pipeline_id=deal.pipeline_id).order_by("position"))


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _back(request: Request) -> str:
    """Back to the board it came from; only our own addresses."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    return back if back.startswith("/deals/") else ""
