"""Campaigns are kept as typed, cost once per click, and make links that find their way back."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.marketing.campaigns.rules import tagged
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.forms.models import Form
from baton.marketing.segments.models import Segment, SegmentMember
from tests.cast import a_contact, a_user

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


def a_segment(name: str) -> Segment:
    return Segment.objects.create(name=name, rule={"all": []})


def chosen(marketer: Client, query: str) -> set[int]:
    """The segments that a new email's form has ticked."""
    page = marketer.get(f"/emails/new/?design=announcement&{query}").content.decode()
    boxes = re.findall(r'name="segments" value="(\d+)"([^>]*)>', page)
    assert len(boxes) == Segment.objects.count()
    return {int(number) for number, more in boxes if "checked" in more}


def test_a_campaign_is_for_segments_and_its_emails_begin_with_them(marketer: Client) -> None:
    spring, berlin, munich = a_campaign(), a_segment("Berlin"), a_segment("Munich")
    both = a_contact()
    for segment in (berlin, munich):
        SegmentMember.objects.create(segment=segment, contact=both, entered_at=timezone.now())
        marketer.post(f"/segments/{segment.pk}/campaign/", {"campaign": spring.pk})
        marketer.post(f"/segments/{segment.pk}/campaign/", {"campaign": spring.pk})
    page = marketer.get(f"/campaigns/{spring.pk}/").content.decode()
    assert "Berlin" in page
    assert '<h2>Audience <span class="total">1</span></h2>' in page
    assert "Spring" in marketer.get(f"/segments/{berlin.pk}/").content.decode()
    chooses = marketer.get(f"/emails/new/?campaign={spring.pk}").content.decode()
    assert f"?design=announcement&amp;campaign={spring.pk}" in chooses
    assert chosen(marketer, f"campaign={spring.pk}") == {berlin.pk, munich.pk}
    marketer.post(f"/campaigns/{spring.pk}/segments/{munich.pk}/remove/")
    assert list(spring.segments.all()) == [berlin]


def test_an_email_to_a_segment_begins_with_it(marketer: Client) -> None:
    berlin = a_segment("Berlin")
    a_segment("Munich")
    assert chosen(marketer, f"segment={berlin.pk}") == {berlin.pk}
    assert chosen(marketer, "segment=999") == chosen(marketer, "segment=x") == set()


@pytest.mark.parametrize("campaign", ["", "999", "x"])
def test_a_segment_is_for_a_campaign_that_is_there(marketer: Client, campaign: str) -> None:
    berlin = a_segment("Berlin")
    assert marketer.post(f"/segments/{berlin.pk}/campaign/", {"campaign": campaign}).url == berlin.get_absolute_url()
    assert not Campaign.segments.through.objects.exists()


def test_a_draft_keeps_its_audience_when_it_is_opened_again(marketer: Client) -> None:
    berlin = a_segment("Berlin")
    draft = an_email(0)
    draft.segments.set([berlin])
    page = marketer.get(f"/emails/{draft.pk}/edit/").content.decode()
    assert re.search(rf'name="segments" value="{berlin.pk}"[^>]* checked', page)
