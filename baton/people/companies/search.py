"""What a company is found by."""

from __future__ import annotations

from baton.people.companies.models import Company
from baton.platform.search import forget_thing, index_thing
from baton.platform.search.actions import Findable

KIND = "company"


def index_company(company: Company) -> None:
    """Make the company findable as it is now; one in the bin is forgotten."""
    if company.deleted_at:
        forget_thing(KIND, company.pk)
    else:
        index_thing(findable(company))


def findable(company: Company) -> Findable:
    return Findable(
        kind=KIND,
        thing_id=company.pk,
        side="people",
        title=company.name,
        words=f"{company.domain} {company.city}",
        note=company.domain or company.industry,
        url=company.get_absolute_url(),
        owner_id=company.owner_id,
    )
