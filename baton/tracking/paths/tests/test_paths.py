"""What comes after and before a page is that of a plain walk over the visits' pages."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import groupby

import pytest
from django.utils import timezone

from baton.platform.dates import Period
from baton.tracking.paths import reads
from baton.tracking.paths.reads import Walk, levels
from baton.tracking.store import Event, append
from baton.tracking.store.mover import move
from baton.tracking.store.recent import forget_answers
from baton.tracking.store.tests.made import END, START, an_event, some_events
from baton.tracking.store.tests.test_kept_visits import by_the_rule
from baton.tracking.store.visit_keeper import keep_visits
from baton.tracking.website.looks import Look
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])
LATER = END + timedelta(days=40)
WALKS = [
    Walk("/pricing", chosen=("/", "/product")),
    Walk("/pricing", is_to=True, chosen=("/", "/product")),
    Walk("/", chosen=("/guide",)),
    Walk("/nowhere"),
]


def walked(events: list[Event], walk: Walk) -> list[dict[str, int]]:
    """How often each page is seen at each depth; an empty path is the visit's end or beginning."""
    found: list[Counter[str]] = [Counter() for _depth in range(len(walk.chosen) + 1)]
    for visit in by_the_rule(events):
        pages = [path for path, _again in groupby(event.path for event in visit if event.name == "pageview")]
        if walk.anchor not in {event.path for event in visit if event.name == "pageview"}:
            continue
        place = pages.index(walk.anchor)
        beside = [*(reversed(pages[:place]) if walk.is_to else pages[place + 1 :]), "", "", ""]
        for depth in range(len(walk.chosen) + 1):
            if tuple(beside[:depth]) == walk.chosen[:depth]:
                found[depth][beside[depth]] += 1
    return [dict(one) for one in found]


def told(walk: Walk) -> list[dict[str, int]]:
    forget_answers()
    found = levels(walk, Look("custom", Period(START.date(), END.date(), "UTC")), LATER)
    assert [level.others for level in found] == [0] * len(found)
    return [dict(level.pages) for level in found]


@pytest.mark.parametrize("walk", WALKS)
def test_kept_or_not_the_figures_are_those_of_the_walk(walk) -> None:
    events = [event for event in some_events(1_500, seed=21) if _is_inside(event)]
    append(events, consumed=True)
    want = walked(events, walk)
    assert told(walk) == want
    move(now=LATER)
    keep_visits(now=LATER)
    assert told(walk) == want


def _is_inside(event: Event) -> bool:
    """Not near the end of the span: visits that begin in it are counted, and here all do."""
    return event.at < int((END - timedelta(hours=12)).timestamp()) * 1_000_000


def test_what_is_beyond_the_most_seen_is_told_together(monkeypatch) -> None:
    monkeypatch.setattr(reads, "MOST_PAGES", 2)
    for n in range(5):
        append([an_event(START, f"v{n}"), an_event(START + timedelta(minutes=1), f"v{n}", path=f"/{n}")])
    level = levels(Walk("/"), Look("custom", Period(START.date(), END.date(), "UTC")), LATER)[0]
    assert (level.visits, len(level.pages), level.others) == (5, 2, 3)


def test_a_third_click_makes_the_next_page_the_beginning() -> None:
    walk = Walk("/a", chosen=("/b", "/c"))
    assert walk.query(1, "/x") == {"anchor": "/a", "toward": "", "one": "/x", "two": ""}
    assert walk.query(3, "/d") == {"anchor": "/b", "toward": "", "one": "/c", "two": "/d"}


def test_the_page_is_walked_by_clicking_and_is_a_file(client) -> None:
    client.force_login(a_user("marketer"))
    assert "No visits in this period" in client.get("/website/paths/").content.decode()
    then = timezone.now() - timedelta(hours=30)
    for n, path in enumerate(["/", "/pricing", "/pricing", "/contact"]):
        append([an_event(then + timedelta(minutes=n), path=path)])
    forget_answers()
    page = client.get("/website/paths/").content.decode()
    assert "After /" in page
    assert "/website/paths/?anchor=%2F&amp;one=%2Fpricing" in page
    page = client.get("/website/paths/?anchor=/&one=/pricing&two=/contact").content.decode()
    assert "The visit ended" in page
    assert "After /contact" in page
    page = client.get("/website/paths/?anchor=/pricing&toward=to&one=/").content.decode()
    assert "The visit began here" in page
    assert "Nobody saw this page" in client.get("/website/paths/?anchor=/nowhere").content.decode()
    file = b"".join(client.get("/website/paths/?anchor=/&one=/pricing&file=1").streaming_content).decode()
    assert file.splitlines()[1:] == ["1,/pricing,1,1.0", "2,/contact,1,1.0"]


def test_a_rep_may_not_see_it(client) -> None:
    client.force_login(a_user("rep"))
    assert client.get("/website/paths/").status_code == 403
