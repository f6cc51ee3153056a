"""Figures of the origins report."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, Q

from baton.people.leads.models import Lead
from baton.platform.accounts.models import User
from baton.sales.deals.models import Deal


def origins_report(user: User | None = None) -> dict[str, Any]:
    """Leads and won deals per origin, who qualified and who closed, and what is flagged.

    An empty origin is one that nobody told; "unknown" is an answer of the source. `user` limits it to their sight.
    """
    leads = (Lead.objects.visible_to(user) if user else Lead.objects.live()).order_by()
    deals = Deal.objects.live().filter(lead__in=leads.values("pk")).order_by()
    won = dict(deals.filter(state="won").values_list("lead__source").annotate(Count("lead", distinct=True)))
    counts = leads.values_list("source").annotate(n=Count("pk")).order_by("-n", "source")
    qualifiers = set(deals.exclude(qualified_by=None).values_list("qualified_by", flat=True))
    closers = set(deals.exclude(owner=None).values_list("owner", flat=True))
    handed = deals.exclude(qualified_by=None).exclude(owner=None)
    return {
        "leads": leads.count(),
        "won": deals.filter(state="won").count(),
        "origins": [{"origin": source, "leads": n, "won": won.get(source, 0)} for source, n in counts],
        "handed_over": handed.count(),
        "same_person": handed.filter(qualified_by=F("owner")).count(),
        "qualifiers": len(qualifiers),
        "closers": len(closers),
        "people_in_both_roles": len(qualifiers & closers),
        "won_before_first_contact": leads.filter(Q(flags__icontains="won_before_first_contact")).count(),
    }
