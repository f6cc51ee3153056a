"""What deals do when something happens elsewhere; listed in web/wiring.py."""

from __future__ import annotations

from baton.people.leads.models import Lead
from baton.people.leads.rules import QUALIFIED
from baton.platform.journal.models import JournalEntry
from baton.platform.search import index_many
from baton.sales.deals.actions import open_or_join_deal
from baton.sales.deals.models import Deal
from baton.sales.deals.search import findable


def on_lead_qualified(entry: JournalEntry) -> None:
    """A qualified lead gets its deal. Repeats find the deal made before; a lead gone meanwhile is left alone."""
    lead = Lead.objects.live().select_related("contact__company", "owner").filter(pk=entry.thing_id).first()
    if lead and lead.status == QUALIFIED:
        open_or_join_deal(lead, actor=entry.actor, now=entry.at)


def on_company_changed(entry: JournalEntry) -> None:
    """Its deals are found by the company's new name."""
    index_many(findable(deal) for deal in Deal.objects.live().filter(company=entry.thing_id).select_related("company"))
