"""Visits split exactly at the edges, the same in SQL as in the plain rule; channels by GA4's vectors."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.tracking.sessions import channels
from baton.tracking.sessions.channel_rules import (
    OWN_FIELDS,
    OWN_OPS,
    STANDARD,
    ChannelTable,
    Condition,
    Rule,
    as_json,
    channel_of,
    rules_from,
)
from baton.tracking.sessions.rules import Came, Seen, split_visits
from baton.tracking.store import append, ask
from baton.tracking.store.engines.files import Files
from baton.tracking.store.engines.words import channel_word, duckdb_channel
from baton.tracking.store.tests.made import END, START, an_event, some_events

NOON = START + timedelta(hours=12)
SPRING = {"source": "google", "medium": "cpc", "campaign": "spring"}

VECTORS = [
    (Came("google", "cpc"), "paid_search"),
    (Came("google", "organic"), "organic_search"),
    (Came("(direct)", "(none)"), "direct"),
    (Came(), "direct"),
    (Came("linkedin.com", "social"), "organic_social"),
    (Came("linkedin", "paid_social"), "paid_social"),
    (Came("facebook.com", "referral", click_kind="fbclid"), "organic_social"),
    (Came(click_kind="fbclid"), "organic_social"),
    (Came("newsletter", "email"), "email"),
    (Came("newsletter", "email", "workshop-2026"), "email"),
    (Came("newsletter", "email", "eshop"), "email"),
    (Came("partnerx", "podcast"), "unassigned"),
    (Came("x", "push"), "mobile_push"),
    (Came("amazon.com", "referral"), "organic_shopping"),
    (Came("anything", "cpc", "spring-shopping"), "paid_shopping"),
    (Came("anything", "cpc", "my-shop"), "paid_shopping"),
    (Came("anything", "cpc", "shoptalk"), "paid_shopping"),
    (Came("anything", "cpc", "eshop"), "paid_shopping"),
    (Came("anything", "cpc", "workshop"), "paid_other"),
    (Came("chatgpt.com"), "ai_assistants"),
    (Came(referrer="gemini.google.com"), "ai_assistants"),
    (Came("google", click_kind="gclid"), "paid_search"),
    (Came(click_kind="gclid"), "paid_search"),
    (Came("bing", click_kind="msclkid"), "paid_search"),
    (Came("google", "cpc", "x cross-network y"), "cross_network"),
    (Came("youtube.com", "referral"), "organic_video"),
    (Came("x", "cpm"), "display"),
    (Came("google", "cpm"), "paid_search"),
    (Came("firebase", "any"), "mobile_push"),
    (Came("sms", "any"), "sms"),
    (Came(referrer="www.google.co.uk"), "organic_search"),
    (Came(referrer="news.ycombinator.com"), "organic_social"),
    (Came(referrer="x.com"), "organic_social"),
    (Came(referrer="linux.com"), "referral"),
    (Came("partner", "affiliate"), "affiliates"),
    (Came("GOOGLE", "CPC"), "paid_search"),
    (Came(campaign="only-a-name"), "unassigned"),
]


@pytest.mark.parametrize(("came", "channel"), VECTORS)
def test_channel_of_known_arrivals(came, channel) -> None:
    assert channel_of(came) == channel


WORDS = [
    "",
    "google",
    "bing",
    "facebook.com",
    "x.com",
    "newsletter",
    "amazon",
    "youtube",
    "sms",
    "firebase",
    "claude.ai",
]
MEDIUMS = [
    "",
    "cpc",
    "cpm",
    "email",
    "social",
    "organic",
    "referral",
    "display",
    "podcast",
    "paid",
    "video",
    "(none)",
    "Push",
]
CAMPAIGNS = ["", "spring", "my-shop", "workshop", "Cross-Network", "Größe 'x'"]


ODD_VALUES = ["a'b", "a\\", ".*", "%", "größe", "new", "(none)", ":since", "{x:String}"]


@st.composite
def own_tables(draw) -> ChannelTable:
    """Standard rules in any order, some off, between rules of one's own with words that need care."""
    words = st.sampled_from([*(word.lower() for word in [*WORDS, *MEDIUMS, *CAMPAIGNS] if word), *ODD_VALUES])
    conditions = st.builds(
        Condition, st.sampled_from(OWN_FIELDS), st.sampled_from(OWN_OPS), st.lists(words, min_size=1, max_size=3)
    )
    groups = draw(st.lists(st.lists(conditions, min_size=1, max_size=2), min_size=1, max_size=4))
    own = [Rule(f"own-{n}", f"o'wn {n}", tuple((one,) for one in group)) for n, group in enumerate(groups)]
    rules = draw(st.permutations([*own, *STANDARD.rules]))
    return ChannelTable(1, rules_from(as_json(replace(one, is_on=draw(st.booleans())) for one in rules)))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.builds(
            Came, st.sampled_from(WORDS), st.sampled_from(MEDIUMS), st.sampled_from(CAMPAIGNS),
            st.sampled_from(["", *channels.CLICK_KINDS]), st.sampled_from(WORDS),
        ),
        min_size=200, max_size=300,
    ),
    st.just(STANDARD) | own_tables(),
)  # fmt: skip
def test_the_channel_in_sql_is_the_rules(cames, table) -> None:
    cames = [*cames, *(came for came, _channel in VECTORS)]
    database = Files().connect().cursor()
    database.execute(duckdb_channel(table))
    rows = [(came.source, came.medium, came.campaign, came.click_kind, came.referrer) for came in cames]
    marks = ", ".join(["(?, ?, ?, ?, ?)"] * len(rows))
    found = database.execute(
        f"SELECT {channel_word(table)}(a, b, c, d, e) FROM (VALUES {marks}) AS t(a, b, c, d, e)",
        [value for row in rows for value in row],
    ).fetchall()
    assert [row[0] for row in found] == [channel_of(came, table) for came in cames]


def by_hand(events) -> list[tuple[str, object, int]]:
    """Visitor, beginning and views of every visit, by the plain rule."""
    of_visitor = defaultdict(list)
    for event in events:
        if not event.machine and event.host:
            came = Came(
                event.source, event.medium, event.campaign, event.click_kind, event.referrer_host, event.click_id
            )
            of_visitor[event.visitor].append((Seen(event.at, event.id, came), event.name))
    visits = []
    for visitor, told in of_visitor.items():
        names = {seen.id: name for seen, name in told}
        seen = [Seen(_moment(one.at), one.id, one.came) for one, _name in told]
        for visit in split_visits(seen):
            views = sum(names[one.id] == "pageview" for one in visit)
            visits.append((visitor, visit[0].at, views, channel_of(visit[0].came)))
    return visits


def _moment(micros: int) -> object:
    return START + timedelta(microseconds=micros - int(START.timestamp()) * 1_000_000)


@pytest.mark.django_db(databases=["default", "events"])
@pytest.mark.parametrize(("since", "until"), [(START, END), (START + timedelta(days=9, hours=5, minutes=7), END)])
def test_visits_in_sql_are_those_of_the_rule(since, until) -> None:
    events = some_events(3_000, seed=11)
    append(events)
    expected = [visit for visit in by_hand(events) if since <= visit[1] < until]
    total = ask("website_total", since=since, until=until)[0]
    assert total["visits"] == len(expected)
    assert total["visitors"] == len({visit[0] for visit in expected})
    assert total["views"] == sum(visit[2] for visit in expected)
    counted: dict[str, int] = defaultdict(int)
    for visit in expected:
        counted[visit[3]] += 1
    assert {
        row["label"]: row["visits"] for row in ask("website_parts", by="channel", most=50, since=since, until=until)
    } == counted


@pytest.mark.django_db(databases=["default", "events"])
@pytest.mark.parametrize(
    ("told", "visits"),
    [
        ([(0, {}), (1799.999999, {})], 1),
        ([(0, {}), (1800, {})], 2),
        ([(0, {}), (60, SPRING)], 2),
        ([(0, SPRING), (60, {}), (120, SPRING)], 1),
        ([(0, SPRING), (60, SPRING | {"campaign": "summer"})], 2),
        ([(0, SPRING), (60, SPRING | {"campaign": "summer"}), (120, SPRING)], 3),
        ([(0, SPRING), (3600, {}), (3660, SPRING)], 2),
        ([(0, SPRING), (86_400 - 1700, {}), (86_400 - 60, SPRING)], 2),
        ([(0, SPRING), (86_400 - 60, {}), (86_400, SPRING)], 3),
        ([(43_140, {}), (43_260, {})], 1),
    ],
)
def test_where_a_visit_ends(told, visits) -> None:
    append([an_event(NOON + timedelta(seconds=seconds), **came) for seconds, came in told])
    assert ask("website_total")[0]["visits"] == visits
    seen = [Seen(NOON + timedelta(seconds=s), str(s), Came(**came)) for s, came in told]
    assert len(split_visits(seen)) == visits


@pytest.mark.django_db(databases=["default", "events"])
def test_a_visit_that_began_before_the_span_is_not_counted_in_it() -> None:
    append([an_event(NOON - timedelta(minutes=5)), an_event(NOON + timedelta(minutes=5))])
    assert ask("website_total", since=NOON)[0]["visits"] == 0
    assert ask("website_total", since=NOON - timedelta(minutes=5))[0]["visits"] == 1


@pytest.mark.django_db(databases=["default", "events"])
def test_machines_make_no_visits() -> None:
    append([an_event(NOON, machine="crawler"), an_event(NOON, "v2")])
    assert ask("website_total")[0]["visitors"] == 1
    assert ask("machines") == [{"machine": "crawler", "times": 1}]


@pytest.mark.django_db(databases=["default", "events"])
def test_a_visit_belongs_to_the_day_of_the_zone() -> None:
    append([an_event(START + timedelta(hours=23, minutes=30))])
    assert f"{ask('website_days', zone='Europe/Berlin')[0]['day']}" == "2026-02-21"
    assert f"{ask('website_days', zone='UTC')[0]['day']}" == "2026-02-20"
