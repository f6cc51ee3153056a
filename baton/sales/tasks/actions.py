"""The verbs of tasks: add, complete, reopen, reschedule, snooze."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.timeline import write_entry
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.sales.deals.models import Deal
from baton.sales.tasks.models import Task


@transaction.atomic
def add_task(
    title: str,
    *,
    actor: User | None,
    now: datetime,
    due_at: datetime,
    owner: User | None = None,
    kind: str = Task.Kind.TODO,
    is_all_day: bool = True,
    note: str = "",
    contact: Contact | None = None,
    company: Company | None = None,
    deal: Deal | None = None,
) -> Task:
    """A follow-up for `owner` (default: the actor). A whole-day task carries noon of its day in the owner's zone.

    A deal's task is its next step.
    """
    task = Task(
        title=title.strip()[:200] or str(Task.Kind(kind).label),
        kind=kind,
        note=note,
        due_at=due_at,
        is_all_day=is_all_day,
        owner=owner or actor,
        contact=contact,
        company=company or (deal.company if deal else None),
        deal=deal,
        created_at=now,
        changed_at=now,
    )
    task.save()
    journal.record("task.added", task, actor=actor, title=task.title, due_at=due_at, deal=deal, contact=contact)
    return task


@transaction.atomic
def complete_task(task: Task, *, actor: User | None, now: datetime) -> Task:
    """Mark a task done and put it on the timeline. A task already done stays as it is."""
    if not Task.objects.filter(pk=task.pk, done_at=None).update(done_at=now, changed_at=now):
        task.refresh_from_db(fields=["done_at"])
        return task
    task.done_at = now
    journal.record("task.completed", task, actor=actor, title=task.title, deal=task.deal_id, contact=task.contact_id)
    write_entry(
        f"task:{task.pk}",
        at=now,
        side="sales",
        kind="task.completed",
        title=_("Done: %(title)s") % {"title": task.title},
        contact_id=task.contact_id,
        company_id=task.company_id,
        deal_id=task.deal_id,
        actor=actor,
        body=task.note,
    )
    return task


@transaction.atomic
def reopen_task(task: Task, *, actor: User | None, now: datetime) -> Task:
    """Take a completion back."""
    if Task.objects.filter(pk=task.pk).exclude(done_at=None).update(done_at=None, changed_at=now):
        journal.record("task.reopened", task, actor=actor, before=task.done_at)
    task.done_at = None
    return task


@transaction.atomic
def reschedule_task(
    task: Task, *, due_at: datetime, actor: User | None, now: datetime, is_all_day: bool | None = None
) -> Task:
    """Give a task another due moment (or day). The one it has is no change."""
    is_all_day = task.is_all_day if is_all_day is None else is_all_day
    if (task.due_at, task.is_all_day) == (due_at, is_all_day):
        return task
    was, task.due_at, task.is_all_day, task.changed_at = task.due_at, due_at, is_all_day, now
    task.save(update_fields=["due_at", "is_all_day", "changed_at"])
    journal.record("task.rescheduled", task, actor=actor, before=was, after=due_at)
    return task


def snooze(task: Task, *, days: int, actor: User | None, now: datetime) -> Task:
    """Put a task off: `days` from today at the hour it had, never from a day long past."""
    late_by = max((now.date() - task.due_at.date()).days, 0)
    return reschedule_task(task, due_at=task.due_at + timedelta(days=late_by + days), actor=actor, now=now)
