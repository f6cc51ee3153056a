"""How a deal's changes are said on the timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from baton.people.timeline import write_entry
from baton.platform.accounts.models import User
from baton.sales.deals.models import Deal, DealContact


def say(
    deal: Deal, key: str, kind: str, title: str, *, actor: User | None, now: datetime, body: str = "", **facts: Any
) -> None:
    """Write one timeline row of the deal, its company and its first contact. `key` need be unique in the deal only."""
    first = (
        DealContact.objects.filter(deal=deal).order_by("-is_primary", "pk").values_list("contact_id", flat=True).first()
    )
    write_entry(
        f"deal:{deal.pk}:{key}",
        at=now,
        side="sales",
        kind=kind,
        title=title,
        contact_id=first,
        company_id=deal.company_id,
        deal_id=deal.pk,
        actor=actor,
        body=body,
        url=deal.get_absolute_url(),
        facts={"deal": deal.pk, "name": deal.name, **facts},
    )
