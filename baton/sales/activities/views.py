"""Logging what was done, with the next step in the same go."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.platform.accounts.access import Request, may
from baton.sales.activities import actions
from baton.sales.activities.forms import ActivityForm
from baton.sales.deals.forms import first_error
from baton.sales.tasks.about import about, go_back
from baton.sales.tasks.models import Task


@require_POST
@may("sales.change")
def log_activity(request: Request) -> HttpResponse:
    """POST: log and next. `task` names the task this fulfils."""
    task_id = request.POST.get("task", "")
    task = get_object_or_404(Task.objects.visible_to(request.user), pk=task_id) if task_id.isdecimal() else None
    whom = about(request, required=task is None)
    if task is not None:
        whom = {name: thing or getattr(task, name) for name, thing in whom.items()}
    form = ActivityForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return go_back(request, whom["deal"], whom["contact"], whom["company"])
    kind = form.cleaned_data["kind"]
    _activity, step = actions.log_and_next(
        kind, actor=request.user, now=timezone.now(), completes=task, **form.values(), **whom
    )
    messages.success(request, _("Logged, next step set.") if step else _("Logged."))
    return go_back(request, whom["deal"], whom["contact"], whom["company"])
