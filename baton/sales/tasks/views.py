"""The verbs of tasks as addresses."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.platform.accounts.access import Request, may
from baton.sales.deals.forms import first_error
from baton.sales.tasks import actions
from baton.sales.tasks.about import about, go_back
from baton.sales.tasks.forms import DueForm, TaskForm, when
from baton.sales.tasks.models import Task


@require_POST
@may("sales.change")
def add_task(request: Request) -> HttpResponse:
    """POST: a follow-up, alone or about a contact, company or deal."""
    whom = about(request, required=False)
    form = TaskForm(request.POST)
    if form.is_valid():
        actions.add_task(actor=request.user, now=timezone.now(), **form.values(), **whom)
        messages.success(request, _("Next step set."))
    else:
        messages.error(request, first_error(form))
    return go_back(request, whom["deal"], whom["contact"], whom["company"])


@require_POST
@may("sales.change")
def task_done(request: Request, task_id: int) -> HttpResponse:
    """POST: tick a task off."""
    task = _task_of(request, task_id)
    actions.complete_task(task, actor=request.user, now=timezone.now())
    if task.deal and not task.deal.tasks.live().filter(done_at=None).exists() and task.deal.is_open:
        messages.success(request, _("Done. %(deal)s has no next step now.") % {"deal": task.deal})
    else:
        messages.success(request, _("Done."))
    return go_back(request, task.deal, task.contact, task.company)


@require_POST
@may("sales.change")
def task_reopen(request: Request, task_id: int) -> HttpResponse:
    """POST: take a tick back."""
    task = _task_of(request, task_id)
    actions.reopen_task(task, actor=request.user, now=timezone.now())
    return go_back(request, task.deal, task.contact, task.company)


@require_POST
@may("sales.change")
def task_move(request: Request, task_id: int) -> HttpResponse:
    """POST: another day, or another day and hour."""
    task = _task_of(request, task_id)
    form = DueForm(request.POST)
    if form.is_valid():
        actions.reschedule_task(task, actor=request.user, now=timezone.now(), **when(form.cleaned_data))
    else:
        messages.error(request, first_error(form))
    return go_back(request, task.deal, task.contact, task.company)


@require_POST
@may("sales.change")
def task_snooze(request: Request, task_id: int) -> HttpResponse:
    """POST: put a task off by some days (1 to 60), counted from today."""
    task = _task_of(request, task_id)
    days = request.POST.get("days", "1")
    actions.snooze(
        task, days=min(max(int(days), 1), 60) if days.isdecimal() else 1, actor=request.user, now=timezone.now()
    )
    messages.success(request, _("Put off."))
    return go_back(request, task.deal, task.contact, task.company)


def _task_of(request: Request, task_id: int) -> Task:
    tasks = Task.objects.visible_to(request.user).select_related("deal", "contact", "company")
    return get_object_or_404(tasks, pk=task_id)
