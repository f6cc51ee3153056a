"""All that marketing may see of sales: which contacts have deals and handoffs, as sets for segments and counts.

With facts_for_sales.py the whole treaty. What is not here, the sides do not know of each other.
"""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from baton.handoff.assignments.models import Handoff
from baton.people.contacts.models import Contact
from baton.sales.deals.models import Deal, DealContact


def contacts_with_deal(state: str) -> QuerySet[DealContact, int]:
    """Ids of contacts who take part in a deal of `state` (open, won or lost)."""
    parts = DealContact.objects.filter(deal__state=state, deal__deleted_at=None)
    return parts.values_list("contact_id", flat=True).distinct()


def contacts_with_handoff(state: str) -> QuerySet[Handoff, int]:
    """Ids of contacts whose latest handoffs include one in `state` (assigned, accepted, rejected, ...)."""
    return Handoff.objects.live().filter(state=state).values_list("lead__contact_id", flat=True).distinct()


def contacts_rejected_because(reason: str) -> QuerySet[Handoff, int]:
    """Ids of contacts whom sales sent back with this reason."""
    return Handoff.objects.live().filter(reject_reason=reason).values_list("lead__contact_id", flat=True).distinct()


def state_of_contact(contact: Contact) -> dict[str, int]:
    """How many open and won deals a contact takes part in; amounts stay with sales."""
    deals = Deal.objects.live().filter(parts__contact=contact)
    return deals.aggregate(open=Count("pk", Q(state="open")), won=Count("pk", Q(state="won")))
