"""The Website page shows who came from where; only marketing may see it, only changers may add sites."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from baton.people.contacts.models import Contact
from baton.platform.lists.models import SavedView
from baton.platform.organisation import organisation
from baton.tracking.collect.models import Site
from baton.tracking.store import append
from baton.tracking.store.recent import forget_answers
from baton.tracking.store.tests.made import an_event
from baton.tracking.website.looks import look_of
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
    for words in ("order", "1 event came from a machine", "against the time before"):
        assert words in page
    for by, words in {
        "channel": ["Paid search", "Direct"],
        "campaign": ["spring-2026", "unknown"],
        "page": ["/pricing"],
        "entry": ["/pricing"],
        "exit": ["/pricing"],
        "source": ["google"],
    }.items():
        panel = client.get(f"/website/panel/{by}/").content.decode()
        assert [word for word in words if word not in panel] == [], by


def test_a_line_filters_the_rest_and_the_chip_takes_it_away(client, marketer) -> None:
    now = timezone.now()
    google = {"referrer_host": "google.com"}
    then = now - timedelta(hours=30)
    append([an_event(then, path="/first", **google), an_event(then, "v2", path="/second")])
    panel = client.get("/website/panel/channel/").content.decode()
    assert "/website/?channel=organic_search" in panel
    page = client.get("/website/?channel=organic_search").content.decode()
    assert "Organic search" in page
    assert 'href="/website/?view=0"' in page
    assert "/second" not in client.get("/website/panel/page/?channel=organic_search").content.decode()
    assert "/first" in client.get("/website/panel/page/?channel=organic_search&source=google.com").content.decode()
    assert "No visit is like that" in client.get("/website/?channel=organic_search&page=/second").content.decode()
    assert "/second" in client.get("/website/panel/page/?source=(none)").content.decode()


def test_a_list_has_every_line_and_is_a_file(client, marketer) -> None:
    now = timezone.now()
    append([an_event(now - timedelta(hours=1), f"v{n}", path=f"/{n}") for n in range(20)])
    assert client.get("/website/by/entry/").content.decode().count("<tr>") == 21
    file = b"".join(client.get("/website/by/entry/?file=1").streaming_content).decode()
    assert len(file.splitlines()) == 21
    assert client.get("/website/by/nonsense/").status_code == 404
    assert client.get("/website/panel/nonsense/").status_code == 404


def test_known_visitors_are_those_one_may_see(client) -> None:
    ada = Contact.objects.create(last_name="Lovelace")
    append([an_event(timezone.now() - timedelta(hours=1), contact=ada.pk)])
    client.force_login(a_user("marketer"))
    assert "Lovelace" in client.get("/website/people/").content.decode()
    assert "Lovelace" not in client.get("/website/people/?channel=email").content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("period=custom&from=2026-01-05&to=2026-01-11&against=year", "2026-01-05"),
        ("period=custom&from=2026-01-11&to=2026-01-05", "No visits"),
        ("period=custom&from=x&to=2026-13-01", "No visits"),
        ("against=nothing&period=%2F", "No visits"),
        ("device=" + "x" * 5000, "No visit is like that"),
    ],
)
def test_odd_addresses_are_answered(client, marketer, query, words) -> None:
    answer = client.get(f"/website/?{query}")
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_a_period_under_way_is_compared_with_as_much_of_the_one_before(client) -> None:
    own = organisation()
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    look = look_of(QueryDict("period=this_month"), sites=set(), own=own, now=now)
    then = look.asked(look.earlier, now)
    assert then["since"] == look.earlier.since
    assert then["until"] - then["since"] == now - look.period.since
    leap = look_of(QueryDict("period=custom&from=2024-02-29&to=2024-02-29&against=year"), sites=set(), own=own, now=now)
    assert f"{leap.earlier.first}" == "2023-02-28"


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
    forget_answers()
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


def test_who_is_on_the_site_now(client, marketer) -> None:
    now = timezone.now()
    append([an_event(now - timedelta(minutes=1), path="/old"), an_event(now - timedelta(seconds=5), path="/latest")])
    append(
        [an_event(now - timedelta(minutes=9), "v2", path="/gone"), an_event(now, "v3", machine="crawler", path="/bot")]
    )
    page = client.get("/website/now/").content.decode()
    assert "/latest" in page
    assert [path for path in ("/old", "/gone", "/bot") if path in page] == []
    part = client.get("/website/now/", headers={"HX-Request": "true"}).content.decode()
    assert part.startswith("<div")


def test_a_look_is_kept_as_a_view_and_may_be_what_the_page_opens_with(client, marketer) -> None:
    append([an_event(timezone.now() - timedelta(hours=2), device="phone")])
    query = "period=week&device=phone"
    saved = client.post("/website/views/save/", {"query": query, "name": "Phones", "is_shared": "1"})
    assert saved.url == f"/website/?{query}"
    view = SavedView.objects.get()
    page = client.get(saved.url).content.decode()
    assert f'<a href="?{query.replace("&", "&amp;")}" aria-current="page">Phones' in page
    assert client.post("/website/views/open-with/", {"view": view.pk}).status_code == 302
    assert client.get("/website/").url == f"/website/?{query}"
    assert client.get("/website/?view=0").status_code == 200
    assert "opens first" in client.get("/website/views/").content.decode()
    assert client.post(f"/website/views/{view.pk}/change/", {"name": " "}).status_code == 302
    client.post(f"/website/views/{view.pk}/change/", {"name": "By phone"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("By phone", False)
    client.post(f"/website/views/{view.pk}/delete/")
    assert client.get("/website/").status_code == 200
    client.post(f"/website/views/{view.pk}/restore/")
    assert client.get("/website/").url == f"/website/?{query}"
    client.post("/website/views/open-with/", {})
    assert client.get("/website/").status_code == 200


def test_shared_views_are_found_by_colleagues_and_changed_by_their_owner_alone(client, marketer) -> None:
    mine = {"listing": "website", "owner": a_user("marketer")}
    own = SavedView.objects.create(name="Private", query="device=phone", **mine)
    shared = SavedView.objects.create(name="For all", query="device=tablet", is_shared=True, **mine)
    page = client.get("/website/").content.decode()
    assert "For all" in page
    assert "Private" not in page
    for verb in ("change", "delete", "restore"):
        assert client.post(f"/website/views/{shared.pk}/{verb}/", {"name": "x"}).status_code == 404
    assert client.post("/website/views/open-with/", {"view": own.pk}).status_code == 404
    assert client.post("/website/views/open-with/", {"view": shared.pk}).status_code == 302
    assert client.get("/website/").url == "/website/?device=tablet"


def test_a_look_too_long_to_be_kept_is_refused(client, marketer) -> None:
    client.post("/website/views/save/", {"query": "page=/" + "x" * 1100, "name": "Long"})
    client.post("/website/views/save/", {"query": "device=phone", "name": ""})
    assert not SavedView.objects.exists()


def test_addresses_not_found_with_where_people_came_from(client, marketer) -> None:
    then = timezone.now() - timedelta(hours=3)
    minute = timedelta(minutes=1)
    blog = {"referrer_host": "blog.example", "referrer_path": "/old-post"}

    def lost(at: datetime, visitor: str, path: str = "/gone", **came: str) -> list:
        page = an_event(at, visitor, path=path, **came)
        return [page, an_event(at + minute / 60, visitor, path=path, name="not found", **came)]

    append(
        [
            an_event(then, path="/pricing"),
            *lost(then + minute, "v1"),
            *lost(then, "v2", **blog),
            *lost(then, "v3", **blog),
        ]
    )
    append([*lost(then, "v4", "/other"), *lost(then, "v5", device="phone"), *lost(then, "v6", machine="crawler")])
    part = client.get("/website/not-found/", headers={"HX-Request": "true"}).content.decode()
    assert part.index("/gone") < part.index("/other")
    for words in ("blog.example/old-post</span> ×2", "/pricing", "unknown"):
        assert words in part
    file = b"".join(client.get("/website/not-found/?file=1").streaming_content).decode().splitlines()
    cells = [line.split(",") for line in file[1:]]
    assert [(one[0], one[1], one[2], one[4], one[5]) for one in cells] == [
        ("/gone", "4", "4", "blog.example/old-post", "2"),
        ("/gone", "4", "4", "", "1"),
        ("/gone", "4", "4", "/pricing", "1"),
        ("/other", "1", "1", "", "1"),
    ]
    filtered = client.get("/website/not-found/?device=phone").content.decode()
    assert "/gone" in filtered
    assert "/other" not in filtered
    assert "Every address was found" in client.get("/website/not-found/?source=nowhere").content.decode()


def test_pages_say_how_long_and_how_far_they_were_read(client, marketer) -> None:
    then = timezone.now() - timedelta(hours=3)

    def read(visitor: str, *told: tuple[float, object, object]) -> list:
        signs = [{"seconds": seconds, "scroll": scroll} for _after, seconds, scroll in told]
        return [
            an_event(then, visitor, path="/long"),
            *(
                an_event(
                    then + timedelta(seconds=one[0]), visitor, path="/long", name="engagement", props=json.dumps(sign)
                )
                for one, sign in zip(told, signs, strict=True)
            ),
        ]

    append(
        [*read("v1", (10, 10, 40), (90, 20, 80)), *read("v2", (5, 5, 100)), *read("v3", (9, 99_999, None)), *read("v4")]
    )
    page = client.get("/website/by/page/").content.decode()
    assert "60%" in page
    file = b"".join(client.get("/website/by/page/?file=1").streaming_content).decode().splitlines()
    assert file[1] == "/long,4,4,4,30.0,60.0"
