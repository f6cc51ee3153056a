"""A funnel is built, shown, changed, deleted and brought back; who may see people sees who is behind a step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from baton.people.contacts.models import Contact
from baton.tracking.funnels.models import Funnel
from baton.tracking.funnels.rules import Step
from baton.tracking.store import append
from baton.tracking.store.tests.made import an_event
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@pytest.fixture
def marketer(client):
    user = a_user("marketer")
    client.force_login(user)
    return user


def typed(*rows: tuple[str, ...], **more: object) -> dict[str, object]:
    """The builder's fields; a row is kind, match, and perhaps a detail with what it is."""
    full = [(*row, "", "")[:4] for row in rows or [("page", "/"), ("page", "/pricing"), ("event", "order")]]
    columns = dict(zip(("kind", "match", "prop", "held"), map(list, zip(*full, strict=True)), strict=True))
    return {"name": "Buying", "per": "visitor", "within": "7", "unit": "1440", "site": "", **columns} | more


def some_visits() -> Contact:
    ada = Contact.objects.create(last_name="Lovelace")
    then = timezone.now() - timedelta(hours=30)
    for n in range(4):
        append([an_event(then, f"v{n}", contact=ada.pk if n == 3 else None)])
        append([an_event(then + timedelta(minutes=3), f"v{n}", path="/pricing" if n > 1 else "/blog")])
    append([an_event(then + timedelta(minutes=5), "v3", name="order", path="/pricing")])
    return ada


def test_a_funnel_is_built_shown_and_taken_as_a_file(client, marketer) -> None:
    some_visits()
    answer = client.post(
        "/website/funnels/new/", typed(("page", "/"), ("page", ""), ("page", "/pricing"), ("event", "order"))
    )
    made = Funnel.objects.get()
    assert answer.headers["Location"] == f"/website/funnels/{made.pk}/"
    assert made.shape.steps == (Step("page", "/"), Step("page", "/pricing"), Step("event", "order"))
    page = client.get(f"/website/funnels/{made.pk}/").content.decode()
    for words in ("2 stopped here", "/blog", "100.0%", "50.0%", "25.0%", "3 min"):
        assert words in page, words
    assert "Direct" in client.get(f"/website/funnels/{made.pk}/?by=channel").content.decode()
    assert "Nobody took the first step" in client.get(f"/website/funnels/{made.pk}/?channel=email").content.decode()
    file = b"".join(client.get(f"/website/funnels/{made.pk}/?file=1").streaming_content).decode().splitlines()
    assert file[1:] == ["1,/,4,1.0,1.0,,2", "2,/pricing,2,0.5,0.5,3.0,1", "3,order,1,0.25,0.5,2.0,0"]
    assert "Buying" in client.get("/website/funnels/").content.decode()


def test_who_is_behind_a_step_of_those_one_may_see(client, marketer) -> None:
    some_visits()
    client.post("/website/funnels/new/", typed())
    made = Funnel.objects.get()
    assert "Lovelace" in client.get(f"/website/funnels/{made.pk}/people/3/").content.decode()
    assert client.get(f"/website/funnels/{made.pk}/people/4/").status_code == 404
    client.force_login(a_user("rep"))
    assert client.get(f"/website/funnels/{made.pk}/people/3/").status_code == 403


def test_the_preview_counts_what_is_typed_and_keeps_nothing(client, marketer) -> None:
    some_visits()
    told = client.post("/website/funnels/preview/", typed(name="", do="up:2")).content.decode()
    assert "2 stopped here" in told
    assert "Fill in two steps" in client.post("/website/funnels/preview/", typed(("page", "/"))).content.decode()
    assert not Funnel.objects.exists()


def test_rows_are_added_moved_and_removed_without_losing_what_was_typed(client, marketer) -> None:
    page = client.post("/website/funnels/new/", typed(("page", "/a"), ("event", "b"), do="up:1")).content.decode()
    assert page.index('value="b"') < page.index('value="/a"')
    page = client.post("/website/funnels/new/", typed(("page", "/a"), ("page", "/b"), do="add")).content.decode()
    assert page.count('name="match"') == 3
    assert "is-wrong" not in page
    page = client.post("/website/funnels/new/", typed(("page", "/a"), ("page", "/b"), do="remove:0")).content.decode()
    assert 'value="/a"' not in page
    assert not Funnel.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        typed(name=""),
        typed(("page", "/only")),
        typed(("page", "pricing"), ("page", "/b")),
        typed(("page", "/a"), ("event", "order", "", "team")),
        typed(("page", "/a"), ("event", "order", 'pl"an', "team")),
        typed(("page", "/a"), ("event", "order", "*", "team")),
        typed(("page", "/a", "plan", "x"), ("event", "order")),
        typed(("nonsense", "/a"), ("page", "/b")),
        typed(("page", "/a"), ("event", "pageview")),
        typed(("page", "/a"), ("event", "engagement", "seconds", "3")),
        typed(within="0"),
        typed(within="91"),
        typed(within="x"),
        typed(per="x"),
        typed(site="nowhere.example"),
    ],
)
def test_a_wrong_funnel_is_refused_with_what_was_typed(client, marketer, wrong) -> None:
    answer = client.post("/website/funnels/new/", wrong)
    assert answer.status_code == 422
    assert wrong["match"][0] in answer.content.decode()
    assert not Funnel.objects.exists()


@pytest.mark.parametrize("odd", ["a.b", "$", "[0]", "#-1", "a*", "'; --"])
def test_odd_words_are_asked_for_as_they_are(client, marketer, odd) -> None:
    some_visits()
    told = client.post("/website/funnels/preview/", typed(("page", "/"), ("event", odd, odd, odd + "\0")))
    assert told.status_code == 200
    assert "4 stopped here" in told.content.decode()
    assert client.get("/website/paths/", {"anchor": odd, "one": odd, "two": odd}).status_code == 200


def test_a_funnel_is_changed_deleted_and_brought_back(client, marketer) -> None:
    client.post("/website/funnels/new/", typed())
    made = Funnel.objects.get()
    assert 'value="/pricing"' in client.get(f"/website/funnels/{made.pk}/edit/").content.decode()
    client.post(f"/website/funnels/{made.pk}/edit/", typed(("page", "/a*"), ("event", "b", "plan", "team"), unit="60"))
    made.refresh_from_db()
    assert made.shape.steps[1] == Step("event", "b", "plan", "team")
    assert made.within_minutes == 420
    client.post(f"/website/funnels/{made.pk}/delete/")
    assert client.get(f"/website/funnels/{made.pk}/").status_code == 404
    assert "No funnel yet" in client.get("/website/funnels/").content.decode()
    client.post(f"/website/funnels/{made.pk}/back/")
    assert client.get(f"/website/funnels/{made.pk}/").status_code == 200


def test_who_may_not_change_marketing_changes_no_funnel(client) -> None:
    client.force_login(a_user("rep"))
    assert client.get("/website/funnels/").status_code == 403
    assert client.post("/website/funnels/new/", typed()).status_code == 403
    assert not Funnel.objects.exists()
