"""Logging what was done, with the lead's first attempt and the next step."""

from datetime import timedelta

import pytest

from baton.people.timeline.models import TimelineEntry
from baton.platform.journal.models import JournalEntry
from baton.sales.activities.actions import NextStep, log_activity, log_and_next
from baton.sales.activities.models import Activity
from baton.sales.deals.actions import add_contact
from baton.sales.tasks.actions import add_task
from baton.sales.tasks.models import Task
from tests.cast import NOW, a_contact, a_deal, a_lead, a_user

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def test_the_first_unanswered_call_is_the_leads_first_attempt():
    lead, rep = a_lead(), a_user()
    activity = log_activity("call", actor=rep, now=LATER, contact=lead.contact, outcome="no_answer")
    lead.refresh_from_db()
    assert (lead.status, lead.first_attempt_at, activity.lead) == ("attempting", LATER, lead)


def test_a_second_call_that_reaches_connects_and_keeps_the_first_attempt():
    lead, rep = a_lead(), a_user()
    log_activity("call", actor=rep, now=LATER, contact=lead.contact, outcome="voicemail")
    log_activity("call", actor=rep, now=LATER + timedelta(days=1), contact=lead.contact, outcome="reached")
    log_activity("call", actor=rep, now=LATER + timedelta(days=2), contact=lead.contact, outcome="no_answer")
    lead.refresh_from_db()
    assert (lead.status, lead.first_attempt_at) == ("connected", LATER)


def test_a_note_is_no_attempt():
    lead = a_lead()
    log_activity("note", actor=a_user(), now=LATER, contact=lead.contact, body="Asked around")
    lead.refresh_from_db()
    assert (lead.status, lead.first_attempt_at) == ("new", None)


def test_a_call_before_the_lead_opened_is_not_its_attempt():
    lead = a_lead()
    log_activity("call", actor=a_user(), now=LATER, at=NOW - timedelta(days=9), contact=lead.contact)
    lead.refresh_from_db()
    assert lead.first_attempt_at is None


def test_logging_leaves_one_journal_line_and_one_timeline_row():
    deal, contact, rep = a_deal(), a_contact(), a_user()
    add_contact(deal, contact, actor=rep, now=NOW)
    activity = log_activity("meeting", actor=rep, now=LATER, deal=deal, body="Showed the plan", outcome="reached")
    row = TimelineEntry.objects.get(key=f"activity:{activity.pk}")
    assert (row.deal_id, row.contact_id, row.body) == (deal.pk, contact.pk, "Showed the plan")
    assert JournalEntry.objects.filter(verb="activity.logged", thing_id=activity.pk).count() == 1


def test_log_and_next_does_all_three_at_once():
    deal, rep = a_deal(), a_user()
    fulfilled = add_task("Call", actor=rep, now=NOW, due_at=NOW, deal=deal)
    step = NextStep("Send the offer", LATER + timedelta(days=1))
    log_and_next("call", actor=rep, now=LATER, deal=deal, completes=fulfilled, next_step=step)
    fulfilled.refresh_from_db()
    assert fulfilled.done_at == LATER
    assert Activity.objects.count() == 1
    assert Task.objects.get(done_at=None).title == "Send the offer"
