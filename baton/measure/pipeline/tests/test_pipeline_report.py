"""The pipeline report counts every deal once and hides none."""

import pytest
from django.test import Client

from baton.measure.pipeline.reads import pipeline_report
from baton.platform.accounts.models import Team
from tests.cast import NOW, a_company, a_deal, a_team, a_user

pytestmark = pytest.mark.django_db


def test_deals_without_a_company_are_counted_as_such_and_sellers_by_office() -> None:
    office = a_team("Centre")
    manager = a_user("sales_manager")
    team = Team.create("Team One", parent=office, manager=manager)
    rep = a_user("rep", team=team)
    a_deal(company=a_company(), owner=rep, state="won", closed_at=NOW, amount_minor=500)
    a_deal(owner=rep)
    found = pipeline_report()
    assert (found["deals"], found["without_company"], found["margin_unknown"]) == (2, 1, 1)
    assert (found["agents"], found["managers"], found["offices"]) == (1, 1, 1)
    assert found["by_manager"][0] | {"office": "Centre", "won_minor": 500, "people": 1} == found["by_manager"][0]


def test_both_pages_answer_with_few_queries(client: Client, django_assert_max_num_queries) -> None:
    client.force_login(a_user("operations"))
    a_deal()
    for address in ("/reports/pipeline/", "/reports/origins/"):
        with django_assert_max_num_queries(25):
            assert client.get(address).status_code == 200
