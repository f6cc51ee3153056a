"""Campaigns are kept as typed, cost once per click, and make links that find their way back."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.marketing.campaigns.rules import tagged
from baton.marketing.email.models import Broadcast
from baton.marketing.forms.models import Form
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user("marketer"))
    return client


def a_campaign(**fields: object) -> Campaign:
    values = {
        "name": "Spring",
        "code": "spring",
        "objective": "demand",
        "starts_on": date(2026, 3, 1),
        "currency": "EUR",
    }
    return Campaign.objects.create(**{**values, **fields})


def typed(**fields: str) -> dict[str, str]:
    return {"name": "Spring", "code": "spring", "objective": "demand", "starts_on": "2026-03-01", "budget": "1250.50",
            **fields}  # fmt: skip


def test_a_campaign_is_kept_with_its_budget(marketer: Client) -> None:
    assert marketer.post("/campaigns/new/", typed(), follow=True).status_code == 200
    campaign = Campaign.objects.get()
    assert (campaign.budget_minor, campaign.currency) == (125_050, campaign.currency)
    marketer.post(f"/campaigns/{campaign.pk}/edit/", typed(name="Spring again"))
    assert Campaign.objects.get().name == "Spring again"


@pytest.mark.parametrize("wrong", [{"name": ""}, {"code": "a b"}, {"ends_on": "2026-02-01"}, {"budget": "-1"},
                                   {"objective": "world peace"}])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(marketer: Client, wrong: dict[str, str]) -> None:
    assert marketer.post("/campaigns/new/", typed(**wrong)).status_code == 422
    assert not Campaign.objects.exists()


def test_two_campaigns_cannot_share_a_code(marketer: Client) -> None:
    a_campaign()
    assert marketer.post("/campaigns/new/", typed(name="Other")).status_code == 422
    assert Campaign.objects.count() == 1


def test_a_cost_counts_once_however_often_it_is_clicked(marketer: Client) -> None:
    campaign = a_campaign()
    cost = {"on": "2026-03-02", "amount": "99,90", "note": "ads", "once": "k1"}
    for _twice in range(2):
        marketer.post(f"/campaigns/{campaign.pk}/costs/add/", cost)
    assert list(CampaignCost.objects.values_list("amount_minor", flat=True)) == [9990]
    for bad in ({"amount": "x"}, {"amount": "0"}, {"on": "soon"}, {"amount": "1e99"}, {"amount": "NaN"}):
        marketer.post(f"/campaigns/{campaign.pk}/costs/add/", {**cost, "once": "k2", **bad})
    assert CampaignCost.objects.count() == 1


def test_those_who_may_only_look_change_nothing(client: Client) -> None:
    campaign = a_campaign()
    client.force_login(a_user("rep"))
    assert client.get(f"/campaigns/{campaign.pk}/").status_code == 403
    assert client.post("/campaigns/new/", typed(code="x")).status_code == 403


def test_the_page_makes_a_link(marketer: Client) -> None:
    campaign = a_campaign()
    page = marketer.get(f"/campaigns/{campaign.pk}/", {"to": "https://site.example/p?a=1", "source": "linkedin"})
    assert "https://site.example/p?a=1&amp;utm_source=linkedin&amp;utm_campaign=spring" in page.content.decode()


@pytest.mark.parametrize(
    ("address", "link"),
    [("https://a.example/p?x=1&utm_source=old#end", "https://a.example/p?x=1&utm_source=new&utm_campaign=c#end"),
     ("a.example", "https://a.example?utm_source=new&utm_campaign=c"), ("", "utm_source=new&utm_campaign=c")],
)  # fmt: skip
def test_a_link_keeps_what_it_had_and_says_where_it_stands(address: str, link: str) -> None:
    assert tagged(address, source="new", campaign="c", content="") == link


def test_the_page_lists_its_emails_and_forms(marketer: Client) -> None:
    campaign = a_campaign()
    Broadcast.objects.create(name="The spring letter", campaign=campaign)
    Form.objects.create(name="The spring form", slug="spring", title="Spring", campaign=campaign)
    page = marketer.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert "The spring letter" in page
    assert "The spring form" in page
