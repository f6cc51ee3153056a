"""The Website page shows who came from where; only marketing may see it, only changers may add sites."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from baton.tracking.collect.models import Site
from baton.tracking.store import append
from baton.tracking.store.recent import forget_answers
from baton.tracking.store.tests.made import an_event
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@pytest.fixture
def marketer(client):
    user = a_user("marketer")
    client.force_login(user)
    return user


def test_figures_channels_campaigns_and_pages_are_shown(client, marketer) -> None:
    now = timezone.now()
    spring = {"source": "google", "medium": "cpc", "campaign": "spring-2026"}
    append([an_event(now - timedelta(days=2), path="/pricing", **spring), an_event(now - timedelta(days=1), "v2")])
    append([an_event(now - timedelta(days=40), "v3"), an_event(now, machine="crawler"), an_event(now, name="order")])
    page = client.get("/website/").content.decode()
    for words in ("Paid search", "spring-2026", "/pricing", "Direct", "order", "1 event came from a machine"):
        assert words in page
    assert "against the time before" in page


def test_an_empty_page_says_what_to_do(client, marketer) -> None:
    page = client.get("/website/?period=nonsense&site=nowhere.example").content.decode()
    assert "Install the script" in page
    assert "No visits in this period" in page


@pytest.mark.parametrize("period", ["day", "week", "month", "this_month", "year", "this_year"])
def test_every_period_can_be_chosen(client, marketer, period) -> None:
    append([an_event(timezone.now() - timedelta(minutes=1))])
    assert client.get(f"/website/?period={period}").status_code == 200


def test_a_page_costs_few_queries(client, marketer, django_assert_max_num_queries) -> None:
    append([an_event(timezone.now() - timedelta(minutes=n), f"v{n}") for n in range(50)])
    forget_answers()
    with django_assert_max_num_queries(25):
        client.get("/website/")
    with django_assert_max_num_queries(25, using="events"):
        client.get("/website/")


def test_a_rep_may_not_see_it(client) -> None:
    client.force_login(a_user("rep"))
    assert client.get("/website/").status_code == 403
    assert client.get("/website/install/").status_code == 403


def test_a_site_is_added_once_and_removed(client, marketer) -> None:
    added = {"name": "Shop", "domain": " https://www.Shop.example/start "}
    assert client.post("/website/sites/", added).status_code == 302
    assert client.post("/website/sites/", added).status_code == 422
    site = Site.objects.get()
    assert site.domain == "shop.example"
    assert "shop.example" in client.get("/website/install/").content.decode()
    assert client.get(f"/website/sites/{site.pk}/remove/").status_code == 405
    client.post(f"/website/sites/{site.pk}/remove/")
    assert not Site.objects.exists()


@pytest.mark.parametrize("domain", ["", "exa mple.com", "-x.com", "x..com", "é" * 80, "<script>"])
def test_a_wrong_domain_is_refused(client, marketer, domain) -> None:
    assert client.post("/website/sites/", {"name": "Shop", "domain": domain}).status_code == 422
    assert not Site.objects.exists()


def test_the_snippet_names_this_installation(client, marketer, settings) -> None:
    settings.BATON_URL = "https://baton.example"
    assert "https://baton.example/b.js" in client.get("/website/install/").content.decode()
