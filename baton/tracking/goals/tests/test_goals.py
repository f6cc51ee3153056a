"""Goals are counted over the visits that led to them, on a page or told by the server, with what they were worth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from baton.tracking.goals.models import Goal
from baton.tracking.goals.reads import pattern_of
from baton.tracking.store import append, ask
from baton.tracking.store.tests.made import START, an_event
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])
GOOGLE = {"referrer_host": "google.com"}


def later(minutes: int, visitor: str = "v1", **fields: object):
    return an_event(START + timedelta(minutes=minutes), visitor, **fields)


def an_order(minutes: int, visitor: str = "v1", value: int | None = 4900, **fields: object):
    told = {"name": "order", "value_minor": value, "currency": "EUR" if value is not None else "", **fields}
    return later(minutes, visitor, **told)


def counted(**given: object) -> dict[str, tuple[int, int, int, int]]:
    names = ("visits", "visitors", "times", "value_minor")
    rows = ask("goal_by_event", event="order", **given)
    return {row["currency"]: tuple(row[name] for name in names) for row in rows}


def test_an_event_counts_for_the_visit_it_happened_in_or_soon_after() -> None:
    append(
        [
            later(0, **GOOGLE),
            an_order(5),
            an_order(6),
            an_order(34, host="", site=""),  # told by the server, 28 minutes after the last sign
            later(0, "v2"),
            an_order(31, "v2", host="", site=""),  # too late
            an_order(1, "v3", machine="crawler"),
            later(0, "v4"),
            an_order(1, "v4", value=None),
            later(0, "v5"),
            an_order(2, "v5", value=100, currency="USD"),
        ]
    )
    assert counted() == {"": (3, 3, 5, 0), "EUR": (1, 1, 3, 14_700), "USD": (1, 1, 1, 100)}
    assert counted(channel="organic_search") == {"": (1, 1, 3, 0), "EUR": (1, 1, 3, 14_700)}
    assert counted(channel="email") == {"": (0, 0, 0, 0)}


def test_a_page_counts_for_every_visit_that_read_it() -> None:
    append([later(0, path="/thanks"), later(1, path="/thanks"), later(0, "v2", path="/thanks/you"), later(0, "v3")])
    asked = {"pattern": pattern_of("/thanks")}
    assert ask("goal_by_page", **asked) == [{"visits": 1, "visitors": 1, "times": 2}]
    assert ask("goal_by_page", pattern=pattern_of("/thanks*")) == [{"visits": 2, "visitors": 2, "times": 3}]
    assert ask("goal_by_page", pattern=pattern_of("/th.nks")) == [{"visits": 0, "visitors": 0, "times": 0}]


def test_a_goal_is_made_shown_and_deleted(client) -> None:
    client.force_login(a_user("marketer"))
    now = timezone.now()
    append([an_event(now - timedelta(hours=1)), an_event(now - timedelta(minutes=59), path="/thanks")])
    made = {"name": "Said thanks", "kind": "page", "match": "/thanks", "worth": "12.50"}
    assert client.post("/website/goals/add/", made).status_code == 302
    assert client.post("/website/goals/add/", made).status_code == 422
    assert Goal.objects.get().value_minor == 1250
    page = client.get("/website/").content.decode()
    assert "Said thanks" in page
    assert "12.50" in page
    client.post(f"/website/goals/{Goal.objects.get().pk}/delete/")
    assert not Goal.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"match": "thanks"}, {"name": ""}, {"worth": "much"}, {"worth": "-1"}, {"worth": "9" * 25}, {"kind": "x"}]
)
def test_a_wrong_goal_is_refused_with_what_was_typed(client, wrong) -> None:
    client.force_login(a_user("marketer"))
    told = {"name": "Said thanks", "kind": "page", "match": "/thanks", "worth": ""} | wrong
    answer = client.post("/website/goals/add/", told)
    assert answer.status_code == 422
    assert told["match"] in answer.content.decode()
    assert not Goal.objects.exists()
