"""Every number of a funnel is that of a plain walk over the raw events, whatever the order, equal or late times."""

from __future__ import annotations

import json
import random
import re
import statistics
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baton.people.contacts.models import Contact
from baton.platform.dates import Period
from baton.tracking.funnels.counts import counted, known
from baton.tracking.funnels.reads import figures, parts
from baton.tracking.funnels.rules import EVENT, PAGE, VISIT, VISITOR, Shape, Sign, Step, best_chain
from baton.tracking.identity.actions import STRONG, claim_visitor
from baton.tracking.sessions.channel_rules import channel_of
from baton.tracking.sessions.rules import Came
from baton.tracking.store import Event, append
from baton.tracking.store.erasure import erase_events, erase_pending
from baton.tracking.store.models import EventTail
from baton.tracking.store.mover import move
from baton.tracking.store.recent import forget_answers
from baton.tracking.store.snapshot import forget_looks
from baton.tracking.store.tests.made import END, START, an_event, some_events
from baton.tracking.store.tests.test_kept_visits import by_the_rule
from baton.tracking.store.visit_keeper import keep_visits
from baton.tracking.website.looks import Look

pytestmark = pytest.mark.django_db(databases=["default", "events"])
LATER = END + timedelta(days=40)
PAGES = (Step(PAGE, "/"), Step(PAGE, "/p*"), Step(EVENT, "order"))
SHAPES = [
    Shape(PAGES, 60),
    Shape(PAGES, 7 * 1440),
    Shape(PAGES, 7 * 1440, VISIT),
    Shape((Step(PAGE, "*"), Step(PAGE, "*"), Step(PAGE, "/pricing"), Step(EVENT, "order", "plan", "ä")), 3 * 1440),
    Shape((Step(PAGE, "/pricing"), Step(PAGE, "/pricing")), 1440, VISIT),
    Shape(tuple(Step(PAGE, "*") for _n in range(10)), 30 * 1440),
]


def a_look(until: datetime = END, **given: Any) -> Look:
    return Look("custom", Period(START.date(), until.date(), "UTC"), **given)


def fitting(event: Event, shape: Shape) -> frozenset[int]:
    return frozenset(n for n, step in enumerate(shape.steps, 1) if _fits(event, step))


def _fits(event: Event, step: Step) -> bool:
    if step.kind == PAGE:
        found = re.fullmatch(step.match.replace("*", ".*"), event.path)
        return event.name == "pageview" and found is not None
    held = json.loads(event.props).get(step.prop) if step.prop else None
    return event.name == step.match and (not step.prop or held == step.held)


def chains_of(
    events: list[Event], shape: Shape, since: datetime, until: datetime
) -> list[tuple[list[int], list[Event]]]:
    """Each chain that counts, with the visit of its first step."""
    last = _micros(until + timedelta(days=1, minutes=shape.minutes))
    visits = [one for one in by_the_rule(events) if _micros(since) <= one[0].at < last]
    told = [event for event in events if event.visitor and not event.machine and not event.host]
    may_begin = {one[0].id for one in visits if one[0].at < _micros(until)}
    of_whom: dict[str, list[list[Event]]] = defaultdict(list)
    for visit in visits:
        of_whom[visit[0].id if shape.per == VISIT else visit[0].visitor].append(visit)
    found = []
    for theirs in of_whom.values():
        signs = [_sign(event, shape, visit[0].id in may_begin) for visit in theirs for event in visit]
        signs += [
            _sign(event, shape, False)
            for event in told
            if event.visitor == theirs[0][0].visitor
            and _micros(since) <= event.at < last
            and (shape.per == VISITOR or theirs[0][0].at <= event.at < theirs[0][-1].at + 1_800_000_000)
        ]
        chain = best_chain([sign for sign in signs if sign.steps], minutes=shape.minutes)
        if chain:
            found.append((chain, min(_visits_of_first(chain[0], theirs, shape, may_begin), key=lambda one: one[-1].at)))
    return found


def _sign(event: Event, shape: Shape, may_begin: bool) -> Sign:
    is_sign = event.name != "engagement"
    return Sign(event.at, fitting(event, shape) if is_sign else frozenset(), may_begin)


def _visits_of_first(at: int, visits: list[list[Event]], shape: Shape, may_begin: set[str]) -> list[list[Event]]:
    return [
        visit
        for visit in visits
        if visit[0].id in may_begin and any(event.at == at and 1 in fitting(event, shape) for event in visit)
    ]


def _micros(at: datetime) -> int:
    return round((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def expected(events: list[Event], shape: Shape, until: datetime = END) -> dict[str, Any]:
    chains = chains_of(events, shape, START, until)
    reached = [sum(len(chain) >= n for chain, _visit in chains) for n in range(1, len(shape.steps) + 1)]
    minutes = []
    for n in range(1, len(shape.steps)):
        took = [(chain[n] - chain[n - 1]) / 60e6 for chain, _visit in chains if len(chain) > n]
        minutes.append(round(statistics.median(took), 6) if took else None)
    went: Counter[tuple[int, str]] = Counter()
    for chain, visit in chains:
        latest = chain[0] + shape.minutes * 60_000_000
        after = [
            (event.at, event.id, event.path)
            for one in ([visit] if shape.per == VISIT else by_the_rule(events))
            for event in one
            if event.name == "pageview" and event.visitor == visit[0].visitor and event.site == visit[0].site
            and chain[-1] < event.at <= latest
        ]  # fmt: skip
        if after and len(chain) < len(shape.steps):
            went[len(chain), min(after)[2]] += 1
    return {"reached": reached, "minutes": minutes, "went": dict(went)}


def told(shape: Shape, look: Look) -> dict[str, Any]:
    forget_answers()
    found = figures(shape, look, LATER)
    return {
        "reached": [one.reached for one in found],
        "minutes": [None if one.minutes is None else round(one.minutes, 6) for one in found[1:]],
        "went": {(n, path): count for n, one in enumerate(found, 1) for path, count in one.next_pages},
    }


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch) -> None:
    monkeypatch.setattr("baton.tracking.store.walks.VISITS_AT_ONCE", 2)


@pytest.fixture
def all_next_pages(monkeypatch) -> None:
    monkeypatch.setattr("baton.tracking.funnels.counts.NEXT_PAGES", 1000)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.usefixtures("all_next_pages")
def test_kept_or_not_the_figures_are_those_of_the_walk(shape) -> None:
    events = some_events(1_500, seed=11)
    append(events, consumed=True)
    want = expected(events, shape)
    assert want["reached"][1] > 0
    assert told(shape, a_look()) == want
    move(now=LATER)
    keep_visits(now=LATER)
    assert told(shape, a_look()) == want
    soon = START + timedelta(days=11)
    assert told(shape, a_look(soon)) == expected(events, shape, soon) != want


def test_what_is_told_after_a_visit_of_a_whole_day_is_reached_from_its_later_pages() -> None:
    """A day after its first page: too late for a chain that begins with that, in time for one that begins later."""
    events = [an_event(START + timedelta(minutes=29 * n)) for n in range(50)]
    ordered = START + timedelta(hours=24, minutes=5)
    events.append(an_event(ordered, name="order", host="", site="", path=""))
    append(events, consumed=True)
    for minutes, reached in ((1440, [1, 1]), (60, [1, 1]), (15, [1, 0])):
        shape = Shape((Step(PAGE, "/"), Step(EVENT, "order")), minutes, VISIT)
        got = told(shape, a_look())
        assert got == expected(events, shape)
        assert got["reached"] == reached


@pytest.mark.parametrize("per", [VISITOR, VISIT])
def test_parts_are_those_of_the_visit_of_the_first_step_and_filters_choose_it(per) -> None:
    events = some_events(1_500, seed=5)
    append(events, consumed=True)
    shape = Shape(PAGES, 7 * 1440, per)
    want: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for chain, visit in chains_of(events, shape, START, END):
        came = visit[0]
        channel = channel_of(
            Came(came.source, came.medium, came.campaign, came.click_kind, came.referrer_host, came.click_id)
        )
        for n in range(len(chain)):
            want[channel][n] += 1
    got = {part.key: part.reached for part in parts(shape, a_look(), "channel", LATER)}
    assert got == dict(want)


def test_visits_kept_in_part_are_filtered_parted_and_named_like_those_worked_out() -> None:
    """Kept, late, waiting, hidden and rewritten, on two sites."""
    ada = Contact.objects.create(last_name="Lovelace")
    events = some_events(1_500, seed=13)
    for event in events:
        if event.visitor.endswith(("1", "4")) and event.at % 2:
            event.site = event.host = "blog.example"
    for n in range(5):
        claim_visitor(f"v{n}", ada, STRONG, now=LATER)
    append(events, consumed=True)
    want = answers()
    assert want[0] != want[1] != want[2] != want[3]
    EventTail.objects.all().delete()
    chance = random.Random(2)
    chance.shuffle(events)
    for some in (events[:600], events[600:1_100]):
        append(some, consumed=True)
        move(now=LATER)
        keep_visits(now=LATER)
    append(events[1_100:1_300], consumed=True)
    move(now=LATER)
    append(events[1_300:], consumed=True)
    assert answers() == want
    erase_events(ada.pk + 1_000, visitors=["v9"], now=LATER)
    hidden = answers()
    assert hidden != want
    erase_pending(now=LATER)
    keep_visits(now=LATER + timedelta(hours=1))
    assert answers() == hidden


def answers() -> list[Any]:
    """What funnels count of visits filtered and parted, and who is known of them."""
    asked: list[dict[str, Any]] = [
        {"by": "channel"},
        {"by": "campaign", "channel": "email"},
        {"by": "device", "site": "blog.example"},
        {"by": "channel", "page": "/pricing", "site": "shop.example"},
    ]
    found: list[Any] = []
    for shape in SHAPES[1:4]:
        for params in asked:
            forget_looks()
            found.append(counted(shape, since=START, until=START + timedelta(days=20), **params))
            filters = {name: value for name, value in params.items() if name != "by"}
            found.append(known(shape, step=2, since=START, until=END, **filters))
    assert any(one for one in found[1::2])
    return found


MOMENTS = st.integers(0, 40)
RAW = st.lists(
    st.tuples(
        MOMENTS,
        st.sampled_from(["v1", "v2"]),
        st.sampled_from(["/", "/pricing", "/product", "/guide"]),
        st.sampled_from(["pageview", "pageview", "pageview", "order"]),
        st.sampled_from(["", "", "spring", "summer"]),
        st.sampled_from(["shop.example", "shop.example", "blog.example", ""]),
    ),
    max_size=25,
)


@given(RAW, st.sampled_from(SHAPES[:5]), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("all_next_pages")
def test_any_order_equal_times_and_late_events_count_alike(all_next_pages, raw, shape, chance) -> None:
    """Moments on a site are 11 minutes apart or equal, so that pauses, windows and ties all happen."""
    EventTail.objects.all().delete()
    events = [
        an_event(
            START + timedelta(days=3, minutes=11 * moment, seconds=site == "blog.example"), visitor,
            name=name, path=path if site else "",
            **({"source": "google", "campaign": campaign} if campaign and site else {}),
            host=site, site=site,
        )
        for moment, visitor, path, name, campaign, site in raw
    ]  # fmt: skip
    want = expected(events, shape)
    chance.shuffle(events)
    half = len(events) // 2
    for some in (events[:half], events[half:]):
        if some:
            append(some, consumed=True)
    assert told(shape, a_look()) == want
