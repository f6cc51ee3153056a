"""All that the deal's page shows, read in one place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.panels import drawn
from baton.people.timeline.reads import timeline
from baton.platform import wiring
from baton.platform.accounts.access import Request
from baton.platform.accounts.models import User
from baton.platform.organisation import organisation
from baton.sales.activities.models import Activity
from baton.sales.deals.amounts import as_typed
from baton.sales.deals.custom import custom_values
from baton.sales.deals.forms import DealForm, possible_owners
from baton.sales.deals.models import Deal, DealContact
from baton.sales.deals.reads import as_cards
from baton.sales.deals.rules import LOST_REASONS, Line, margin_minor
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.products.models import Product
from baton.sales.tasks.models import Task


def context(
    request: Request,
    deal: Deal,
    *,
    conflict: str = "",
    typed: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What the template needs. `conflict` and `typed` show a change that came too late."""
    now = timezone.localtime()
    user = request.user
    parts = list(deal.parts.select_related("contact__company").order_by("-is_primary", "pk"))
    lines = list(deal.lines.select_related("product").order_by("pk"))
    tasks = list(deal.tasks.live().filter(done_at=None).select_related("owner").order_by("due_at", "pk"))
    return {
        "deal": deal,
        "card": as_cards([deal], now=now)[0],
        "now": now,
        "stages": list(Stage.objects.filter(pipeline_id=deal.pipeline_id).order_by("position")),
        "parts": parts,
        "colleagues": _colleagues(user, deal, parts),
        "roles": DealContact.Role.choices,
        "lines": lines,
        "products": _products(user, deal),
        "margin": margin_minor(Line(line.amount_minor, line.cost_minor) for line in lines),
        "tasks": tasks,
        "slips": [move for move in deal.close_date_moves.order_by("-at").select_related("actor") if move.is_slip],
        **timeline(request.GET, deal_id=deal.pk),
        "owners": possible_owners(user) if user.may("sales.change") else [],
        "may_change": user.may("sales.change"),
        "lost_reasons": LOST_REASONS,
        "lost_reason": dict(LOST_REASONS).get(deal.lost_reason, deal.lost_reason),
        "panels": drawn(wiring.page().DEAL_PANELS, request, deal),
        "amount_text": as_typed(deal.amount_minor, deal.currency),
        "custom_fields": custom_values(deal),
        "conflict": conflict,
        "typed": typed or {},
        **composer(),
    }


def composer() -> dict[str, Any]:
    """What the composer part needs besides whom it is about."""
    return {
        "kinds": Activity.Kind.choices,
        "outcomes": [choice for choice in Activity.Outcome.choices if choice[0]],
        "task_kinds": Task.Kind.choices,
        "tomorrow": next_workday(timezone.localdate()).isoformat(),
    }


def new_context(user: User, form: DealForm, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the form of a new deal needs: only the company and contact it came with are offered by name."""
    return {
        "form": form,
        "given": given,
        "company": _one(Company.objects.visible_to(user), given.get("company")),
        "contact": _one(Contact.objects.visible_to(user), given.get("contact")),
        "pipelines": Pipeline.objects.filter(is_active=True).prefetch_related("stages"),
        "owners": possible_owners(user),
        "currency": organisation().currency,
    }


def next_workday(today: date) -> date:
    """The day after `today`, or Monday when that is a weekend."""
    day = today + timedelta(days=1)
    return day + timedelta(days=max(7 - day.weekday(), 0) % 7 if day.weekday() >= 5 else 0)


def _one(rows: QuerySet[Any], pk: Any) -> Any:
    return rows.filter(pk=int(pk)).first() if str(pk or "").isdecimal() else None


def _products(user: User, deal: Deal) -> list[Product]:
    """What could be put into the deal: sold now, in its currency; at most two hundred."""
    if not (deal.is_open and user.may("sales.change")):
        return []
    return list(Product.objects.live().filter(is_active=True, currency=deal.currency)[:200])


def _colleagues(user: User, deal: Deal, parts: list[DealContact]) -> list[Contact]:
    """Others of the deal's company who could take part; at most fifty."""
    if deal.company_id is None:
        return []
    taken = [part.contact_id for part in parts]
    others = Contact.objects.visible_to(user).filter(company_id=deal.company_id).exclude(pk__in=taken)
    return list(others.order_by("last_name", "first_name")[:50])
