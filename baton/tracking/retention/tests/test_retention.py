"""Who came again is counted as a plain rule counts it: first visits of all times, weeks of a zone, consent only."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from baton.platform.dates import Period
from baton.tracking.retention.reads import cohorts, together
from baton.tracking.store import Event, append
from baton.tracking.store.mover import move
from baton.tracking.store.recent import forget_answers
from baton.tracking.store.tests.made import START, an_event
from baton.tracking.store.tests.test_kept_visits import by_the_rule
from baton.tracking.store.visit_keeper import keep_visits
from baton.tracking.website.looks import Look
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])
WEEKS = 9
NOW = START + timedelta(weeks=WEEKS, hours=7)


def ten_weeks(seed: int) -> list[Event]:
    """Visitors who come at random, half of them known for a day only; many near midnight and the end of a week."""
    chance = random.Random(seed)
    events = []
    for n in range(60):
        for _visit in range(chance.randrange(1, 6)):
            days = chance.choice([chance.randrange(7 * WEEKS), 7 * chance.randrange(WEEKS) + 2])
            at = START + timedelta(days=days, seconds=chance.choice([0, 1, 3600 * 23, chance.randrange(86_400)]))
            source = chance.choice([{}, {"referrer_host": "google.com"}])
            events.append(an_event(at, f"{chance.choice('vvd')}{n}", path=chance.choice(["/", "/pricing"]), **source))
    return [event for event in events if event.at < NOW.timestamp() * 1e6]


def plain(events: list[Event], look: Look, channel: str = "") -> dict[date, list[int]]:
    """For each Monday: visitors who came first in that week, then how many of them in each week after."""
    zone = ZoneInfo(look.period.zone)
    visits = defaultdict(list)
    for visit in by_the_rule(events):
        if visit[0].visitor.startswith("v"):
            visits[visit[0].visitor].append(visit[0])
    found: dict[date, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for begins in visits.values():
        first = min(begins, key=lambda event: event.at)
        if channel and not first.referrer_host:
            continue
        monday = _monday(first, zone)
        for week in {_monday(event, zone) for event in begins}:
            found[monday][(week - monday).days // 7] += 1
    return {monday: [counts[n] for n in range(max(counts) + 1)] for monday, counts in found.items()}


def _monday(event: Event, zone: ZoneInfo) -> date:
    day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=event.at)).astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def a_look(first: int, last: int, zone: str, **chosen: str) -> Look:
    """Days from START."""
    begins = START.date()
    return Look("custom", Period(begins + timedelta(days=first), begins + timedelta(days=last), zone), chosen=chosen)


def told(look: Look) -> dict[date, list[int]]:
    forget_answers()
    rows = {}
    for one in cohorts(look, NOW):
        counts = [one.visitors, *one.again]
        while counts and not counts[-1]:
            counts.pop()
        if counts:
            rows[one.monday] = counts
    return rows


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"])
def test_kept_or_not_the_figures_are_those_of_the_rule(zone) -> None:
    events = ten_weeks(seed=3)
    append(events, consumed=True)
    look = a_look(-7, 7 * WEEKS + 3, zone)
    want = plain(events, look)
    assert len(want) > 5
    assert told(look) == want
    move(now=NOW)
    keep_visits(now=NOW)
    assert told(look) == want


def test_a_first_visit_before_the_period_is_the_first_all_the_same_and_filters_choose_it() -> None:
    events = ten_weeks(seed=4)
    append(events, consumed=True)
    look = a_look(24, 40, "UTC", channel="organic_search")
    want = {monday: row for monday, row in plain(events, look, "organic_search").items() if _is_in(monday, look)}
    assert told(look) == want
    assert want


def _is_in(monday: date, look: Look) -> bool:
    return monday + timedelta(days=6) >= look.period.first and monday <= look.last_day


def test_the_line_of_all_leaves_out_the_week_that_is_not_over() -> None:
    append([an_event(START, f"v{n}") for n in range(4)])
    append([an_event(START + timedelta(weeks=1), "v1"), an_event(START + timedelta(weeks=1), "v2")])
    found = cohorts(a_look(0, 7, "UTC"), START + timedelta(weeks=1, days=1))
    assert (found[0].visitors, found[0].again, found[0].is_open) == (4, [2], True)
    assert together(found)[0] is None
    forget_answers()
    found = cohorts(a_look(0, 7, "UTC"), START + timedelta(weeks=2, days=1))
    assert together(found)[0] == pytest.approx(0.5)


def test_a_year_of_weeks_is_followed_for_twelve_more() -> None:
    first = START + timedelta(days=3)
    last = first + timedelta(weeks=52)
    append([an_event(at, f"v{at:%j}{at:%Y}") for at in (first, last)])
    again = [
        (first, first + timedelta(weeks=12)),
        (last, last + timedelta(weeks=12)),
        (last, last + timedelta(weeks=13)),
    ]
    append([an_event(later, f"v{at:%j}{at:%Y}") for at, later in again])
    found = cohorts(a_look(3, 2 + 7 * 53, "UTC"), first + timedelta(weeks=70))
    assert len(found) == 53
    assert [one.again for one in found if one.visitors] == [[0] * 11 + [1]] * 2


def test_the_page_shows_shares_and_is_a_file(client) -> None:
    client.force_login(a_user("marketer"))
    assert "Nobody who can be recognised" in client.get("/website/retention/").content.decode()
    then = timezone.now() - timedelta(days=15)
    append([an_event(then, "v1"), an_event(then + timedelta(days=7), "v1"), an_event(then, "v2"), an_event(then, "d3")])
    forget_answers()
    page = client.get("/website/retention/").content.decode()
    assert "50.0%" in page
    assert "agreed to be recognised" in page
    file = b"".join(client.get("/website/retention/?file=1").streaming_content).decode()
    assert any(line.split(",")[1:3] == ["2", "1"] for line in file.splitlines())
    assert client.get("/website/retention/?period=year&channel=email").status_code == 200


def test_a_rep_may_not_see_it(client) -> None:
    client.force_login(a_user("rep"))
    assert client.get("/website/retention/").status_code == 403
