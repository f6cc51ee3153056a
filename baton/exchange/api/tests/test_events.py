"""Events by the API: one and many, whose they are, repeats of any age, each dropped one with its reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from baton.exchange.api.tests.test_api import Caller, is_problem
from baton.tracking.collect.models import Site
from baton.tracking.collect.sites import KnownSites
from baton.tracking.identity.models import VisitorClaim
from baton.tracking.store import ask
from baton.tracking.store.models import EventSeen, EventTail, VisitDay
from baton.tracking.store.mover import move
from baton.tracking.store.projector import project
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])

LONG_AGO = "2021-03-04T05:06:07Z"


@pytest.fixture(autouse=True)
def _own_home(tmp_path, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BATON_HOME = tmp_path
    monkeypatch.setattr("baton.exchange.api.events._sites", KnownSites())


def kept() -> list[dict[str, Any]]:
    names = ("id", "at", "name", "site", "visitor", "contact", "host", "path")
    return [dict(zip(names, json.loads(one.row), strict=False)) for one in EventTail.objects.order_by("pk")]


def states(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 202, answer.content
    return [(one["state"], one["reason"]) for one in answer.json()["events"]]


def test_each_event_of_a_batch_is_stored_or_dropped_with_its_reason() -> None:
    rep = a_user("rep")
    mine, theirs = a_contact(owner=rep, email="ada@engine.example"), a_contact(owner=a_user("rep"))
    Site.objects.create(name="Shop", domain="shop.example")
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    answer = Caller(rep).post("/events/batch", {"events": [
        {"name": "order", "id": "1", "contact_id": mine.pk, "value": 4900, "currency": "EUR"},
        {"name": "order", "id": "2", "email": "Ada@engine.example ", "at": LONG_AGO},
        {"name": "pageview", "id": "3", "visitor": "client-7", "url": "https://www.shop.example/a?utm_source=x"},
        {"name": "order", "id": "1", "contact_id": mine.pk},
        {"name": "order", "id": "4", "contact_id": theirs.pk},
        {"name": "order", "id": "5", "email": "nobody@engine.example"},
        {"name": "order", "id": "6"},
        {"name": "pageview", "id": "7", "visitor": "v", "url": "https://other.example/"},
        {"name": "order", "id": "8", "visitor": "v", "at": tomorrow},
        {"name": "order", "id": "9", "visitor": "v", "at": "1999-12-31T23:59:59Z"},
        {"name": "order", "id": "10", "visitor": "v", "value": 5},
        {"name": "order", "id": "11", "visitor": "v", "prop": {}},
        "no event",
        None,
    ]})  # fmt: skip
    assert states(answer) == [
        ("stored", ""), ("stored", ""), ("stored", ""), ("repeated", ""), ("dropped", "unknown_contact"),
        ("dropped", "unknown_contact"), ("dropped", "no_person"), ("dropped", "unknown_site"),
        ("dropped", "in_the_future"), ("dropped", "too_old"), *[("dropped", "invalid")] * 4,
    ]  # fmt: skip
    assert {name: answer.json()[name] for name in ("stored", "repeated", "dropped")} == {
        "stored": 3, "repeated": 1, "dropped": 10,
    }  # fmt: skip
    assert all(one["why"] for one in answer.json()["events"] if one["state"] == "dropped")
    assert [(one["contact"], one["site"], one["path"]) for one in kept()] == [
        (mine.pk, "", ""), (mine.pk, "", ""), (None, "shop.example", "/a"),
    ]  # fmt: skip
    assert kept()[2]["visitor"] not in ("", "client-7")


def test_the_same_batch_again_is_counted_once_however_old_its_events_are() -> None:
    caller, contact = Caller(a_user("operations")), a_contact()
    body = {"events": [{"name": "order", "id": f"{n}", "contact_id": contact.pk, "at": LONG_AGO} for n in range(3)]}
    assert states(caller.post("/events/batch", body)) == [("stored", "")] * 3
    assert states(caller.post("/events/batch", body)) == [("repeated", "")] * 3
    project(now=timezone.now())
    move(now=timezone.now())
    assert states(caller.post("/events/batch", body)) == [("repeated", "")] * 3
    EventSeen.objects.all().delete()  # a month later the ids of moved events are forgotten
    assert states(caller.post("/events/batch", body)) == [("repeated", "")] * 3
    one = {**body["events"][0]}
    assert caller.post("/events", one).status_code == 202
    assert len(ask("events_of_contact", contact=contact.pk)) == 3


def test_a_late_event_has_its_day_worked_out_again() -> None:
    day = datetime(2021, 3, 4, tzinfo=UTC).date()
    VisitDay.objects.create(day=day, is_stale=False)
    event = {"name": "pageview", "id": "1", "visitor": "client-7", "url": "https://shop.example/", "at": LONG_AGO}
    assert Caller(a_user("operations")).post("/events", event).status_code == 202
    project(now=timezone.now())
    move(now=timezone.now())
    assert VisitDay.objects.get(day=day).is_stale


def test_a_visitor_told_together_with_a_contact_is_that_contact() -> None:
    contact, caller = a_contact(email="ada@engine.example"), Caller(a_user("operations"))
    page = {"name": "pageview", "visitor": "client-7", "url": "https://shop.example/"}
    caller.post("/events/batch", {"events": [{**page, "id": "1"}, {**page, "id": "2", "email": contact.email}]})
    project(now=timezone.now())
    assert VisitorClaim.objects.get(holds=True).contact_id == contact.pk


def test_machines_are_kept_with_the_reason() -> None:
    event = {"name": "pageview", "id": "1", "visitor": "c", "user_agent": "Googlebot/2.1", "url": "https://a.example/"}
    Caller(a_user("operations")).post("/events", event)
    assert json.loads(EventTail.objects.get().row)[24] != ""


def test_the_whole_request_is_refused_where_it_is_none() -> None:
    caller = Caller(a_user("operations"))
    too_many = {"events": [{"name": "a", "id": f"{n}", "visitor": "v"} for n in range(1001)]}
    assert is_problem(caller.post("/events/batch", too_many), 422)
    assert is_problem(caller.post("/events/batch", {"events": []}), 422)
    assert is_problem(caller.post("/events/batch", {"events": ["x" * 3_000_000]}), 413)
    broken = caller.client.post("/api/v1/events/batch", b'{"events": [', "application/json")
    assert is_problem(broken, 400)
    assert is_problem(Caller(a_user("rep"), "read").post("/events/batch", {"events": [{}]}), 403)
    assert not EventTail.objects.exists()
