"""Everything that touched the people of a deal before it closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from baton.measure.attribution.rules import Touch
from baton.sales.deals.models import Deal, DealContact
from baton.tracking.store import ask


def touches_of(deals: Iterable[Deal]) -> dict[int, list[Touch]]:
    """By deal: visits of its contacts from the event store; the lead's own source where no visit is known.

    The lead's source counts once too when it names a campaign no visit named: a fair leaves no visit. All deals are
    answered by one question.
    """
    found = list(deals)
    people = _people_of(found)
    visits = _visits({contact for contacts in people.values() for contact in contacts})
    return {deal.pk: _joined(deal, [visit for pk in people[deal.pk] for visit in visits[pk]]) for deal in found}


def _joined(deal: Deal, visits: list[Touch]) -> list[Touch]:
    stated = _stated(deal)
    named = {visit.campaign_code for visit in visits}
    if stated and (not visits or (stated.campaign_code and stated.campaign_code not in named)):
        return [stated, *visits]
    return visits


def _people_of(deals: list[Deal]) -> dict[int, set[int]]:
    people: dict[int, set[int]] = {deal.pk: {deal.lead.contact_id} if deal.lead else set() for deal in deals}
    for deal_id, contact_id in DealContact.objects.filter(deal__in=deals).values_list("deal_id", "contact_id"):
        people[deal_id].add(contact_id)
    return people


def _visits(contacts: set[int]) -> dict[int, list[Touch]]:
    """Visits by contact; a direct visit names no source, so it earns nothing."""
    found: dict[int, list[Touch]] = defaultdict(list)
    if not contacts:
        return found
    for row in ask("touches_of_contacts", contacts=sorted(contacts), since=None, until=None, site=None):
        if row["channel"] != "direct" or row["campaign"]:
            touch = Touch(at=row["at"], channel=row["channel"], campaign_code=row["campaign"])
            found[row["contact"]].append(touch)
    return found


def _stated(deal: Deal) -> Touch | None:
    if deal.lead and (deal.lead.source or deal.lead.campaign_code):
        return Touch(at=deal.lead.opened_at, channel=deal.lead.source, campaign_code=deal.lead.campaign_code)
    if deal.source or deal.campaign_code:
        return Touch(at=deal.opened_at, channel=deal.source, campaign_code=deal.campaign_code)
    return None
