"""One home per role: which template it takes and what stands on it. Reps and SDRs start their day on Today instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from baton.handoff.assignments.reads import waiting
from baton.measure.homes import marketing, operations, sales
from baton.measure.homes.behind import STEP_NAMES
from baton.measure.homes.cohorts import Cohorts
from baton.measure.homes.last_email import last_email_row
from baton.measure.homes.payback import payback
from baton.measure.homes.rules import STEPS
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.platform.organisation import organisation

LEADS_SHOWN = 8
MONTHS_OF_CAMPAIGNS, MONTHS_OF_FUNNEL = 6, 12


def role_home(user: User) -> tuple[str, dict[str, Any]] | None:
    """Template and context of the user's home; None where there is nothing to count yet."""
    if not Contact.objects.exists():
        return None
    now = timezone.localtime()
    name, context = _HOMES.get(user.role, _HOMES["operations"])
    return f"measure/homes/{name}.html", {"now": now, "currency": organisation().currency, **context(user, now)}


def _sales_manager(user: User, now: datetime) -> dict[str, Any]:
    home = sales.SalesHome(user, now)
    return {
        "home": home,
        "rows": [sales.quarter_row(home), sales.closed_row(home)],
        "steps": [(step, STEP_NAMES[step]) for step in STEPS],
        "waiting": list(waiting(user)[:LEADS_SHOWN]),
        "breaches": sales.breaches_by_owner(user, now),
    }


def _marketer(user: User, now: datetime) -> dict[str, Any]:
    email = last_email_row()
    cohorts = Cohorts(now, months=MONTHS_OF_CAMPAIGNS)
    return {
        "rows": [*([email] if email else []), marketing.four_weeks_row(user, now)],
        "has_sent": email is not None,
        "cohorts": cohorts,
        "campaigns": cohorts.by_campaign(),
        "rejections": marketing.rejections(user, now),
    }


def _marketing_manager(user: User, now: datetime) -> dict[str, Any]:
    cohorts = Cohorts(now, months=MONTHS_OF_FUNNEL)
    funnel, running = cohorts.funnel(), marketing.budgets(now)
    return {
        "takes_days": cohorts.takes_days,
        "rows": [marketing.money_row(now, funnel, running)],
        "funnel": funnel,
        "budgets": running,
        "payback": payback(now),
    }


def _operations(user: User, now: datetime) -> dict[str, Any]:
    ages = operations.untouched_ages(user, now)
    broken = operations.breaches(user, now)
    return {
        "rows": [operations.promises_row(user, now, ages=ages)],
        "ages": ages,
        "breaches": list(broken[: operations.BREACHES_SHOWN]),
        "broken": broken.count(),
        "providers": operations.providers(now),
        "failed_jobs": operations.failed_jobs(),
    }


_HOMES = {
    "sales_manager": ("sales_manager", _sales_manager),
    "marketer": ("marketer", _marketer),
    "marketing_manager": ("marketing_manager", _marketing_manager),
    "operations": ("operations", _operations),
}
