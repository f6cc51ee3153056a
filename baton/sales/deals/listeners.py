"""What deals do when something happens elsewhere; listed in web/wiring.py."""

from __future__ import annotations

from baton.people.leads.models import Lead
from baton.people.leads.rules import QUALIFIED
from baton.platform.journal.models import JournalEntry
from baton.sales.deals.actions import open_or_join_deal


def on_lead_qualified(entry: JournalEntry) -> None:
    """A qualified lead gets its deal. Repeats find the deal made before; a lead gone meanwhile is left alone."""
    lead = Lead.objects.live().select_related("contact__company", "owner").filter(pk=entry.thing_id).first()
    if lead and lead.status == QUALIFIED:
        open_or_join_deal(lead, actor=entry.actor, now=entry.at)
