"""What is frozen with a handoff: why this lead, in facts that stay as they were when it was assigned."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from baton.handoff.agreement.models import Agreement
from baton.marketing.scoring.reads import reasons_of
from baton.people.consent.models import Consent
from baton.people.leads.models import Lead
from baton.people.timeline.models import TimelineEntry

ENTRIES_KEPT = 12


def frozen_evidence(lead: Lead, agreement: Agreement) -> dict[str, Any]:
    """Plain JSON: contact facts, both scores with their reasons, what was done last, consent, source, terms."""
    contact = lead.contact
    company = contact.company
    return {
        "contact": {"name": contact.name, "job_title": contact.job_title, "country": contact.country},
        "company": company
        and {
            "name": company.name,
            "industry": company.industry,
            "employees": company.employees,
            "country": company.country,
        },
        "fit": {"score": contact.fit_score, "reasons": reasons_of(contact, "fit")},
        "engagement": {
            "score": round(contact.engagement_score),
            "reasons": reasons_of(contact, "engagement"),
        },
        "needs": {"fit": agreement.fit_at_least, "engagement": agreement.engagement_at_least},
        "lead": {
            "origin": lead.origin,
            "source": lead.source,
            "campaign_code": lead.campaign_code,
            "landing_page": lead.landing_page,
            "interest": lead.interest,
        },
        "did": [
            {"at": entry.at.isoformat(), "kind": entry.kind, "title": entry.title}
            for entry in TimelineEntry.objects.filter(contact=contact)
            .exclude(side="handoff")
            .order_by("-at", "-id")[:ENTRIES_KEPT]
        ],
        "consents": sorted(
            Consent.objects.filter(contact=contact).in_force(timezone.now()).values_list("topic__label", flat=True)
        ),
    }
