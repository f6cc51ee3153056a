"""What an agreement would mean for the contacts of today."""

from __future__ import annotations

from baton.handoff.agreement.models import Agreement
from baton.people.contacts.models import Contact


def ready_now(agreement: Agreement) -> int:
    """How many contacts reach the agreement's terms now, whoever has them."""
    terms = agreement.terms
    return (
        Contact.objects.live()
        .filter(fit_score__gte=terms.fit_at_least, engagement_score__gte=terms.engagement_at_least)
        .exclude(lifecycle__in=terms.excluded_stages)
        .exclude(email="", phone="")
        .count()
    )
