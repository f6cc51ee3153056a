"""The closed loop adds up, keeps unknown apart and asks few questions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.measure.attribution.actions import credit_deal
from baton.measure.attribution.rules import METHODS, Touch
from baton.measure.loop.reads import CAMPAIGN, CHANNEL, closed_loop, totals
from baton.sales.deals.models import Deal, DealLine
from tests.cast import a_contact, a_deal, a_lead, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])

NOW = timezone.now()


def won(amount: int, cost: int | None, *codes: str) -> Deal:
    deal = a_deal(state="won", closed_at=NOW, amount_minor=amount)
    DealLine.objects.create(deal=deal, amount_minor=amount, cost_minor=cost)
    credit_deal(deal, [Touch(NOW - timedelta(days=n + 1), "email", code) for n, code in enumerate(codes)])
    return deal


@pytest.fixture
def spring() -> Campaign:
    campaign = Campaign.objects.create(
        name="Spring", code="spring", objective="demand", starts_on=NOW.date(), currency="USD"
    )
    CampaignCost.objects.create(campaign=campaign, on=NOW.date() - timedelta(days=1), amount_minor=50_00)
    return campaign


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("by", [CAMPAIGN, CHANNEL])
def test_every_method_adds_up_to_what_was_booked(spring: Campaign, by: str, method: str) -> None:
    won(100_01, 40_00, "spring", "summer", "autumn")
    won(33_33, 10_00)
    total = totals(closed_loop(by, method, since=None, until=NOW + timedelta(days=1), currency="USD"))
    assert (total.bookings_minor, total.margin_minor, round(total.won, 2)) == (133_34, 83_34, 2)


def test_what_is_unknown_stands_last_and_is_said(spring: Campaign) -> None:
    won(100_00, 40_00, "spring")
    won(70_00, 10_00)
    rows = closed_loop(CAMPAIGN, "first", since=None, until=NOW + timedelta(days=1), currency="USD")
    assert (rows[-1].is_unknown, rows[-1].bookings_minor) == (True, 70_00)


def test_an_unknown_cost_makes_the_profit_unknown_and_never_full(spring: Campaign) -> None:
    won(100_00, 40_00, "spring")
    won(20_00, None, "spring")
    row = closed_loop(CAMPAIGN, "last", since=None, until=NOW + timedelta(days=1), currency="USD")[0]
    assert (row.margin_minor, row.unmargined_minor, row.profit_minor) == (60_00, 20_00, None)


def test_profit_is_margin_less_cost_on_both_horizons(spring: Campaign) -> None:
    won(100_00, 40_00, "spring")
    ever = closed_loop(CAMPAIGN, "last", since=None, until=NOW + timedelta(days=1), currency="USD")[0]
    before = closed_loop(CAMPAIGN, "last", since=NOW - timedelta(days=9), until=NOW - timedelta(days=3), currency="USD")
    assert ever.profit_minor == 10_00
    assert before[0].bookings_minor == 0


def test_winning_twice_or_reopening_leaves_one_credit_or_none() -> None:
    deal = won(100_00, 40_00, "spring")
    credit_deal(deal, [])
    assert totals(closed_loop(CHANNEL, "first", since=None, until=NOW + timedelta(days=1), currency="USD")).won == 1
    Deal.objects.filter(pk=deal.pk).update(state="open", closed_at=None)
    deal.refresh_from_db()
    assert credit_deal(deal) == []


def test_the_page_asks_few_questions(
    client: Client, spring: Campaign, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        a_lead(a_contact(), source="email", campaign_code=f"c{number}")
    client.force_login(a_user("marketing_manager"))
    with django_assert_max_num_queries(25):
        assert client.get("/reports/closed-loop/").status_code == 200
