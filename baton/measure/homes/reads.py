"""One home per role: which template it takes and what stands on it. Reps and SDRs start their day on Today instead."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from baton.handoff.assignments.reads import waiting
from baton.measure.homes import marketing, operations, sales
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.platform.organisation import organisation

TEMPLATE = "measure/homes/home.html"
LEADS_SHOWN = 8


def role_home(user: User) -> tuple[str, dict[str, Any]] | None:
    """Template and context of the user's home; None where there is nothing to count yet."""
    if not Contact.objects.exists():
        return None
    now = timezone.now()
    context: dict[str, Any] = {"now": now, "currency": organisation().currency}
    if user.role == "sales_manager":
        context |= {"figures": sales.manager_figures(user, now), "attainment": sales.attainment(user, now)}
        context["waiting"] = list(waiting(user)[:LEADS_SHOWN])
    elif user.role == "marketer":
        context |= {"figures": marketing.marketer_figures(user, now), "sources": marketing.sources_of_leads(now)}
    elif user.role == "marketing_manager":
        context |= {"figures": marketing.manager_figures(user, now), "budgets": marketing.budgets(now)}
        context["sources"] = marketing.sources_of_leads(now)
    else:
        context |= {"figures": operations.operations_figures(user, now), "attainment": sales.attainment(user, now)}
        context["waiting"] = list(waiting(user)[:LEADS_SHOWN])
    return TEMPLATE, context
