"""The funnels' pages: the list, one funnel with its figures, the builder, and who is behind a step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.csvfile import csv_answer
from baton.platform.errors import OutsideFault, Refusal
from baton.tracking.funnels import actions, reads
from baton.tracking.funnels.forms import FunnelForm
from baton.tracking.funnels.models import Funnel
from baton.tracking.funnels.rules import MOST_STEPS, Shape
from baton.tracking.website.looks import FILTERS, Look
from baton.tracking.website.reads import look_at
from baton.tracking.website.views import about

FILE_HEAD = ["step", "what", "reached", "share_of_first", "share_of_step_before", "median_minutes", "stopped_here"]


@require_GET
@may("marketing.view")
def funnels(request: Request) -> HttpResponse:
    """All funnels."""
    context = {
        "funnels": list(_live()),
        "look": look_at(request.GET),
        "may_change": request.user.may("marketing.change"),
    }
    return render(request, "tracking/funnels/list.html", context)


@require_GET
@may("marketing.view")
def funnel(request: Request, funnel_id: int) -> HttpResponseBase:
    """How many came how far, over the visits of a look; parted `by` channel, device or campaign; with `file` as CSV."""
    found, look, now = get_object_or_404(_live(), pk=funnel_id), look_at(request.GET), timezone.now()
    by = request.GET.get("by", "")
    by = by if by in reads.SPLITS else ""
    if "file" in request.GET:
        return csv_answer(f"funnel-{found.pk}-{look.period.first}.csv", FILE_HEAD, _lines(found.shape, look, now))
    context = about(look) | {
        "funnel": found,
        "by": by,
        "splits": {name: FILTERS[name] for name in reads.SPLITS},
        "may_change": request.user.may("marketing.change"),
        "may_see_people": request.user.may("people.view"),
    }
    try:
        context |= _figures(found.shape, look, now, by)
        context["parts"] = reads.parts(found.shape, look, by, now) if by else []
    except OutsideFault as error:
        context["fault"] = str(error)
    return render(request, "tracking/funnels/funnel.html", context)


@require_GET
@may("marketing.view")
@may("people.view")
def funnel_people(request: Request, funnel_id: int, step: int) -> HttpResponse:
    """Which known contacts took a step, of those this user may see."""
    found, look = get_object_or_404(_live(), pk=funnel_id), look_at(request.GET)
    if not 1 <= step <= len(found.steps):
        raise Http404
    context = about(look) | {"funnel": found, "step": step}
    try:
        context["known"] = reads.people(found.shape, look, step, request.user, timezone.now())
    except OutsideFault as error:
        context |= {"fault": str(error), "known": []}
    return render(request, "tracking/funnels/people.html", context)


@require_http_methods(["GET", "POST"])
@may("marketing.change")
def new_funnel(request: Request) -> HttpResponse:
    """The builder of a new funnel. POST with `do` draws the rows anew, without it keeps the funnel."""
    return _built(request, Funnel())


@require_http_methods(["GET", "POST"])
@may("marketing.change")
def edit_funnel(request: Request, funnel_id: int) -> HttpResponse:
    """The builder of a funnel that is there."""
    return _built(request, get_object_or_404(_live(), pk=funnel_id))


@require_POST
@may("marketing.view")
def preview_funnel(request: Request) -> HttpResponse:
    """POST: the figures of a funnel as typed; changes nothing."""
    form = FunnelForm(request.POST)  # htmx sends along the button that happens to have the focus: it means nothing here
    form.is_valid()
    return render(request, "tracking/funnels/_preview.html", _preview(request, form))


@require_POST
@may("marketing.change")
def remove_funnel(request: Request, funnel_id: int) -> HttpResponse:
    """POST: a funnel goes from the list; Undo brings it back."""
    found = actions.delete_funnel(get_object_or_404(Funnel, pk=funnel_id), actor=request.user, now=timezone.now())
    undo = reverse("bring_back_funnel", kwargs={"funnel_id": found.pk})
    messages.success(request, _("The funnel is gone. The visits and events stay."), extra_tags=f"undo={undo}")
    return redirect("funnels")


@require_POST
@may("marketing.change")
def restore_funnel(request: Request, funnel_id: int) -> HttpResponse:
    """POST: a deleted funnel comes back."""
    found = actions.bring_back_funnel(get_object_or_404(Funnel, pk=funnel_id), actor=request.user)
    messages.success(request, _("The funnel is back."))
    return redirect(found)


def _built(request: Request, found: Funnel) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    do = sent.get("do", "") if sent else ""
    form = FunnelForm(sent, found if found.pk else None, do=do)
    status = 200
    if sent is not None and form.is_valid() and not do:
        try:
            actions.save_funnel(found, name=form.cleaned_data["name"], shape=form.shape, actor=request.user)
            return redirect(found)
        except Refusal as error:
            form.add_error(None, str(error))
    if sent is not None and not do:
        status = 422
    context = _preview(request, form, found.shape if found.pk else None) | {"funnel": found, "most_steps": MOST_STEPS}
    context["is_drawing"] = bool(do)
    return render(request, "tracking/funnels/edit.html", context, status=status)


def _preview(request: Request, form: FunnelForm, shape: Shape | None = None) -> dict[str, Any]:
    """The form with the figures of what it asks, as far as that is complete; over the last 28 days."""
    look = look_at(request.GET)
    context = about(look) | {"form": form, "figures": [], "may_see_people": False, "funnel": None}
    only_name_missing = form.is_bound and set(form.errors) <= {"name"}
    if only_name_missing:
        shape = form.shape
    elif form.is_bound:
        shape = None
    if shape:
        try:
            context |= _figures(shape, look, timezone.now())
        except OutsideFault as error:
            context["fault"] = str(error)
    return context


def _figures(shape: Shape, look: Look, now: datetime, by: str = "") -> dict[str, Any]:
    return {"figures": reads.figures(shape, look, now, by), "shape": shape}


def _lines(shape: Shape, look: Look, now: datetime) -> list[list[Any]]:
    return [
        [n, one.step.match, one.reached, round(one.of_first, 4), round(one.of_before, 4), one.minutes, one.dropped]
        for n, one in enumerate(reads.figures(shape, look, now), 1)
    ]


def _live() -> Any:
    return Funnel.objects.filter(deleted_at=None)
