"""What deals show on a contact's and a company's page: open deals, the next step, and the composer. See web/wiring."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.sales.deals.models import Deal
from baton.sales.deals.page import composer
from baton.sales.deals.reads import as_cards, deals_of_contact, with_names
from baton.sales.deals.rules import step_colour
from baton.sales.tasks.models import Task

Panel = tuple[str, dict[str, Any]]
AT_MOST = 8


def deals_of_contact_panel(user: User, contact: Contact) -> Panel | None:
    """Deals the contact takes part in."""
    if not user.may("sales.view"):
        return None
    return _deals(user, list(deals_of_contact(user, contact)[:AT_MOST]), {"contact": contact, "company": None})


def deals_of_company_panel(user: User, company: Company) -> Panel | None:
    """Deals with the company."""
    if not user.may("sales.view"):
        return None
    deals = with_names(Deal.objects.visible_to(user).filter(company=company)).order_by("-state", "-opened_at")
    return _deals(user, list(deals[:AT_MOST]), {"contact": None, "company": company})


def composer_panel(user: User, thing: Contact | Company) -> Panel | None:
    """Log a call, mail, meeting or note, or set a task, about the contact or company; with its next step on top."""
    if not user.may("sales.change"):
        return None
    whom = "contact" if isinstance(thing, Contact) else "company"
    now = timezone.localtime()
    step = Task.objects.visible_to(user).filter(done_at=None, **{whom: thing}).order_by("due_at").first()
    colour = step_colour(
        timezone.localtime(step.due_at) if step else None,
        is_all_day=bool(step and step.is_all_day),
        now=now,
        today=now.date(),
    )
    context = {"about": {whom: thing.pk}, "back": thing.get_absolute_url(), "step": step, "step_colour": colour}
    return "sales/deals/_composer_panel.html", {**context, "now": now, **composer()}


def _deals(user: User, deals: list[Deal], whom: dict[str, Any]) -> Panel:
    now = timezone.localtime()
    context = {"cards": as_cards(deals, now=now), "now": now, "may_change": user.may("sales.change"), **whom}
    return "sales/deals/_of_record.html", context
