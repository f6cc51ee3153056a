"""A qualified lead gets its deal through the journal."""

import pytest

from baton.people.leads.actions import move_lead
from baton.people.leads.rules import QUALIFIED
from baton.platform.journal.models import JournalEntry
from baton.sales.deals.listeners import on_lead_qualified
from baton.sales.deals.models import Deal
from tests.cast import NOW, a_lead, a_pipeline

pytestmark = pytest.mark.django_db


def test_being_told_twice_of_a_qualified_lead_makes_one_deal():
    a_pipeline()
    lead = a_lead()
    move_lead(lead, QUALIFIED, actor=None, now=NOW)
    entry = JournalEntry.objects.get(verb="lead.qualified")
    on_lead_qualified(entry)
    on_lead_qualified(entry)
    assert Deal.objects.get().lead == lead
