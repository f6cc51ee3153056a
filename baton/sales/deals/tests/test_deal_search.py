"""A deal is found by its name and its company's, by who may see it."""

import pytest

from baton.people.companies.actions import change_company
from baton.platform import jobs
from baton.platform.search import find
from baton.sales.deals.actions import change_deal, open_deal
from baton.sales.deals.binning import bin_deal, restore_deal
from baton.sales.deals.models import Deal
from tests.cast import NOW, a_company, a_pipeline, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@pytest.fixture(autouse=True)
def _pipeline() -> None:
    a_pipeline()


def opened(name: str, **fields) -> Deal:
    return open_deal(name=name, actor=None, now=NOW, **{"owner": None, **fields})


def found(user, text: str) -> list[str]:
    return [row.title for row in find(user, text, kind="deal")]


def test_a_deal_is_found_by_what_it_and_its_company_are_called_now() -> None:
    manager = a_user("operations")
    company = a_company(name="Nordwind GmbH")
    deal = opened("Twelve presses", company=company)
    assert found(manager, "press") == found(manager, "nordwind") == ["Twelve presses"]
    change_deal(deal, {"name": "Twenty presses"}, actor=manager, now=NOW)
    change_company(company, {"name": "Südwind GmbH"}, actor=manager, now=NOW)
    jobs.run_due(limit=20)
    assert found(manager, "twenty sudwind") == ["Twenty presses"]
    assert found(manager, "twelve") == found(manager, "nordwind") == []


def test_a_deal_in_the_bin_is_not_found_and_comes_back_with_it() -> None:
    manager = a_user("operations")
    deal = opened("Twelve presses")
    bin_deal(deal, actor=manager, now=NOW)
    assert found(manager, "press") == []
    restore_deal(deal, actor=manager, now=NOW)
    assert found(manager, "press") == ["Twelve presses"]


def test_a_rep_finds_only_their_own_deals() -> None:
    rep = a_user("rep")
    opened("Mine presses", owner=rep)
    opened("Their presses", owner=a_user("rep"))
    assert found(rep, "presses") == ["Mine presses"]
