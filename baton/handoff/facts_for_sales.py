"""All that sales may see of marketing: the evidence on a contact and a deal, and the new leads of a day.

With facts_for_marketing.py the whole treaty. What is not here, the sides do not know of each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from baton.handoff.assignments.reads import handoffs_of, waiting
from baton.marketing.campaigns.models import Campaign
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.sales.deals.models import Deal
from baton.sales.today.rules import NEW_LEAD, TodayAction, TodayRow

Panel = tuple[str, dict[str, Any]]


def evidence_of_contact(user: User, contact: Contact) -> Panel | None:
    """Panel on a contact: the latest handoff with its frozen evidence and state, and the ones before."""
    if not user.may("handoff.view"):
        return None
    found = list(handoffs_of(contact)[:6])
    if not found:
        return None
    return "handoff/assignments/_of_contact.html", {"handoff": found[0], "earlier": found[1:]}


def evidence_of_deal(user: User, deal: Deal) -> Panel | None:
    """Panel on a deal: why its lead was handed over, and the campaign it came from."""
    if deal.lead is None:
        return None
    found = list(handoffs_of(deal.lead.contact).filter(lead=deal.lead)[:6])
    campaign = Campaign.objects.live().filter(code=deal.campaign_code).first() if deal.campaign_code else None
    context = {"handoff": found[0] if found else None, "earlier": found[1:], "campaign": campaign, "lead": deal.lead}
    return "handoff/assignments/_of_deal.html", context


def new_leads_of_today(user: User, now: datetime) -> list[TodayRow]:
    """Rows of a rep's day: their own leads that wait for an answer, the shortest clock first."""
    rows = waiting(user).filter(owner=user)[:50]
    return [
        TodayRow(
            kind=NEW_LEAD,
            key=f"handoff:{handoff.pk}",
            title=str(handoff.lead.contact),
            who=str(handoff.lead.contact.company or ""),
            why=_("New lead: fit %(fit)s, engagement %(engagement)s")
            % {"fit": handoff.evidence["fit"]["score"], "engagement": handoff.evidence["engagement"]["score"]},
            url=handoff.get_absolute_url(),
            at=handoff.accept_by,
            clock=handoff.accept_by is not None,
            phone=handoff.lead.contact.phone,
            actions=(
                TodayAction(_("Accept"), reverse("accept_lead", kwargs={"handoff_id": handoff.pk}), post=True),
                TodayAction(_("Look"), handoff.get_absolute_url()),
            ),
        )
        for handoff in rows
    ]
