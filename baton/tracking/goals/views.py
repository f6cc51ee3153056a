"""The goals' page: what a visit should lead to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.organisation import organisation
from baton.tracking.goals.forms import GoalForm
from baton.tracking.goals.models import Goal

MOST_GOALS = 20


@require_GET
@may("marketing.view")
def goals(request: Request) -> HttpResponse:
    """All goals, and the form of a new one."""
    return _page(request, GoalForm())


@require_POST
@may("marketing.change")
def add_goal(request: Request) -> HttpResponse:
    """POST: a further goal; it counts for the past too."""
    form = GoalForm(request.POST)
    if form.is_valid() and Goal.objects.count() >= MOST_GOALS:
        form.add_error(None, _("There are %(most)s goals already. Delete one first.") % {"most": MOST_GOALS})
    if not form.is_valid():
        return _page(request, form, status=422)
    form.save()
    messages.success(request, _("Counted from now on, and for the past as well."))
    return redirect("website_goals")


@require_POST
@may("marketing.change")
def delete_goal(request: Request, goal_id: int) -> HttpResponse:
    """POST: a goal goes; what it counted stays with the events."""
    get_object_or_404(Goal, pk=goal_id).delete()
    messages.success(request, _("The goal is gone. The visits and events stay."))
    return redirect("website_goals")


def _page(request: Request, form: GoalForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "goals": Goal.objects.all(),
        "currency": organisation().currency,
        "may_change": request.user.may("marketing.change"),
    }
    return render(request, "tracking/goals/goals.html", context, status=status)
