"""Adding, finishing and putting off tasks."""

from datetime import timedelta

import pytest

from baton.people.timeline.models import TimelineEntry
from baton.platform.journal.models import JournalEntry
from baton.sales.tasks.actions import add_task, complete_task, reopen_task, reschedule_task, snooze
from tests.cast import NOW, a_company, a_deal, a_user

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


def test_a_deals_task_carries_its_company_and_belongs_to_its_maker():
    company, rep = a_company(), a_user()
    task = add_task("Call", actor=rep, now=NOW, due_at=LATER, deal=a_deal(company=company))
    assert (task.company, task.owner) == (company, rep)


def test_completing_twice_counts_once():
    rep = a_user()
    task = add_task("Call", actor=rep, now=NOW, due_at=LATER)
    complete_task(task, actor=rep, now=LATER)
    complete_task(task, actor=rep, now=LATER + timedelta(days=1))
    assert task.done_at == LATER
    assert JournalEntry.objects.filter(verb="task.completed").count() == 1
    assert TimelineEntry.objects.filter(key=f"task:{task.pk}").count() == 1


def test_a_completion_can_be_taken_back():
    rep = a_user()
    task = complete_task(add_task("Call", actor=rep, now=NOW, due_at=LATER), actor=rep, now=LATER)
    reopen_task(task, actor=rep, now=LATER)
    task.refresh_from_db()
    assert task.done_at is None


def test_rescheduling_keeps_before_and_after():
    rep = a_user()
    task = reschedule_task(add_task("Call", actor=rep, now=NOW, due_at=NOW), due_at=LATER, actor=rep, now=NOW)
    line = JournalEntry.objects.get(verb="task.rescheduled")
    assert task.due_at == LATER
    assert line.facts["after"].startswith("2026-03-13")


def test_snoozing_a_long_late_task_counts_from_today():
    rep = a_user()
    task = add_task("Call", actor=rep, now=NOW, due_at=NOW - timedelta(days=10))
    assert snooze(task, days=1, actor=rep, now=NOW).due_at == NOW + timedelta(days=1)
