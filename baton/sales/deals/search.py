"""What a deal is found by."""

from __future__ import annotations

from baton.platform.search import forget_thing, index_thing
from baton.platform.search.actions import Findable
from baton.sales.deals.models import Deal

KIND = "deal"


def index_deal(deal: Deal) -> None:
    """Make the deal findable as it is now; one in the bin is forgotten."""
    if deal.deleted_at:
        forget_thing(KIND, deal.pk)
    else:
        index_thing(findable(deal))


def findable(deal: Deal) -> Findable:
    """By its name and its company's."""
    company = deal.company.name if deal.company else ""
    return Findable(
        kind=KIND,
        thing_id=deal.pk,
        side="sales",
        title=deal.name,
        words=company,
        note=company,
        url=deal.get_absolute_url(),
        owner_id=deal.owner_id,
    )
