"""Following: whatever happens in whatever order, members are those a fresh and complete answer would give."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap64

from baton.marketing.segments import keeping
from baton.marketing.segments.actions import refresh, save_segment
from baton.marketing.segments.compile import Compiler
from baton.marketing.segments.follow import follow
from baton.marketing.segments.leaves import few_events
from baton.marketing.segments.models import (
    ContactList,
    LeafMembers,
    ListMember,
    Segment,
    SegmentMember,
    TouchedContact,
)
from baton.marketing.segments.touched import touch
from baton.people.consent.actions import Evidence, give_consent, withdraw_consent
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.actions import bin_contact, change_contact, restore_contact
from baton.people.contacts.models import Contact
from baton.people.lifecycle.actions import set_lifecycle
from baton.platform import jobs
from baton.platform.organisation import organisation
from baton.tracking.identity.actions import STRONG, TYPED, claim_visitor
from baton.tracking.store import ask_table, record_event
from baton.tracking.store.projector import project
from tests.cast import a_company, a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])

START = datetime(2026, 10, 24, 21, 59, tzinfo=UTC)  # a minute before the midnight of the day with 25 hours in Berlin
PEOPLE = 5
RULES: list[dict[str, Any]] = [
    {"attribute": "country", "op": "is", "value": "de"},
    {"none": [{"event": "pageview", "days": 1}]},
    {"all": [{"event": "pageview", "path": "/pricing", "at_least": 2, "days": 2},
             {"attribute": "email", "op": "known"}]},
    {"any": [{"attribute": "created_at", "op": "in_last_days", "value": 2}, {"attribute": "created_at", "op": "this",
                                                                            "value": "day"}]},
    {"any": [{"consent": "news", "state": "reachable"}, {"reached": "mql", "days": 1}, {"list": 1, "days": 1}]},
    {"event": "pageview", "then": "order", "within_minutes": 600, "days": 2},
    {"aggregate": "sum", "event": "order", "of": "n", "op": "at_least", "value": 3, "days": 1},
    {"any": [{"changed": "country", "days": 1}, {"has_been": "country", "value": "DE", "days": 1}]},
    {"related": "colleagues", "where": [{"field": "country", "op": "is", "value": "AT"}]},
    {"event": "pageview", "occurrence": "first", "days": 1},
]  # fmt: skip
steps = st.one_of(
    st.tuples(st.just("country"), st.integers(0, PEOPLE - 1), st.sampled_from(["DE", "AT", ""])),
    st.tuples(st.just("event"), st.integers(0, PEOPLE - 1), st.sampled_from([0, 1, 1439, 1440, 2880, -30])),
    st.tuples(st.just("order"), st.integers(0, PEOPLE - 1), st.sampled_from([0, 1, 600, 1440])),
    st.tuples(st.just("visit"), st.integers(0, 1), st.sampled_from([0, 60])),
    st.tuples(st.just("claim"), st.integers(0, PEOPLE - 1), st.integers(0, 1)),
    st.tuples(st.just("consent"), st.integers(0, PEOPLE - 1), st.sampled_from([None, 1, 25])),
    st.tuples(st.just("withdraw"), st.integers(0, PEOPLE - 1), st.just(0)),
    st.tuples(st.just("bin"), st.integers(0, PEOPLE - 1), st.just(0)),
    st.tuples(st.just("restore"), st.integers(0, PEOPLE - 1), st.just(0)),
    st.tuples(st.just("company"), st.integers(0, PEOPLE - 1), st.integers(0, 1)),
    st.tuples(st.just("list"), st.integers(0, PEOPLE - 1), st.just(0)),
    st.tuples(st.just("reach"), st.integers(0, PEOPLE - 1), st.just(0)),
    st.tuples(st.just("new"), st.just(0), st.just(0)),
    st.tuples(st.just("pass"), st.just(0), st.sampled_from([0, 1, 30, 60, 360, 1440, 1500, 2880])),
)


_runs = itertools.count()  # no two worlds tell the same events: the tail is remembered by what it holds


class World:
    """Some people, two companies, two unknown visitors, and a clock that only goes forward."""

    def __init__(self) -> None:
        organisation().__class__.objects.update(zone="Europe/Berlin")
        self.now, self.user, self.number = START, a_user("marketer"), 0
        self.run = next(_runs)
        self.topic = ConsentTopic.objects.create(key="news", label="News")
        self.on_list = ContactList.objects.create(pk=1, name="By hand")
        self.companies = [a_company(), a_company()]
        self.people = [self._person() for _n in range(PEOPLE)]

    def _person(self) -> int:
        contact = a_contact(country="DE", created_at=self.now, changed_at=self.now)
        return contact.pk

    def do(self, verb: str, who: int, what: Any) -> None:
        contact = Contact.objects.get(pk=self.people[who])
        at, self.number = self.now, self.number + 1
        if verb == "country":
            change_contact(contact, {"country": what}, actor=None, now=at)
        elif verb == "company":
            change_contact(contact, {"company": self.companies[what]}, actor=None, now=at)
        elif verb in ("event", "order"):
            name = "pageview" if verb == "event" else "order"
            for _twice in range(2):
                record_event(name, at=at - timedelta(minutes=what), contact=contact.pk, path="/pricing/eu",
                             props={"n": 2}, id=f"{self.run}:{self.number}")  # fmt: skip
        elif verb == "visit":
            record_event("pageview", at=at - timedelta(minutes=what), visitor=f"v{who}", host="x.example",
                         path="/pricing", id=f"{self.run}:{self.number}")  # fmt: skip
        elif verb == "claim":
            claim_visitor(f"v{what}", contact, STRONG if self.number % 2 else TYPED, now=at)
        elif verb == "consent":
            give_consent(contact, self.topic, evidence=Evidence(how="a test"), now=at,
                         expires_at=None if what is None else at + timedelta(hours=what))  # fmt: skip
        elif verb == "withdraw":
            withdraw_consent(contact, self.topic, evidence=Evidence(how="a test"), now=at)
        elif verb == "bin" and contact.deleted_at is None:
            bin_contact(contact, actor=self.user, now=at)
        elif verb == "restore":
            restore_contact(contact, actor=self.user, now=at)
        elif verb == "list":
            ListMember.objects.get_or_create(on_list=self.on_list, contact=contact, defaults={"added_at": at})
            touch([contact.pk], "list")
        elif verb == "reach":
            set_lifecycle(contact, "mql", now=at, because="a test")
        elif verb == "new":
            self.people.append(self._person())

    def settle(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes, microseconds=1)
        project(now=self.now)
        jobs.run_due()
        follow(now=self.now)

    def check(self) -> None:
        """Members and kept bitmaps are what a fresh look finds."""
        fresh = Compiler(now=self.now)
        for segment in Segment.objects.live():
            stays = SegmentMember.objects.filter(segment=segment, left_at=None)
            assert set(stays.values_list("contact_id", flat=True)) == set(fresh.members(segment.rule)), segment.rule
        for row in LeafMembers.objects.exclude(key__startswith="segment:").exclude(leaf={"all": []}):
            kept = BitMap64.deserialize(bytes(row.members)) & fresh.everyone
            assert kept == fresh.leaf(row.leaf) & fresh.everyone, row.leaf
        assert not TouchedContact.objects.exists()


class _Undo(Exception):
    """Leaves the database as it was before an example."""


@settings(
    max_examples=8, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(did=st.lists(st.tuples(steps, st.sampled_from([None, 0, 1, 60, 1440])), min_size=1, max_size=6))
def test_members_are_what_a_fresh_answer_gives(db: None, did: list[Any]) -> None:
    try:
        with transaction.atomic(), transaction.atomic(using="events"):
            world = World()
            for number, rule in enumerate(RULES):
                Segment.objects.create(name=f"{number}", rule=rule)
            inner = Segment.objects.get(name="0").pk
            Segment.objects.create(name="inside", rule={"none": [{"segment": inner}]})
            world.settle(0)
            world.check()
            for (verb, who, what), minutes in did:
                world.do(verb, who, what)
                if minutes is not None:
                    world.settle(minutes)
                    world.check()
            world.settle(1)
            world.check()
            raise _Undo
    except _Undo:
        pass


def test_time_alone_puts_people_out_at_the_moment_the_window_is_left() -> None:
    world = World()
    world.people = world.people[:1]
    world.do("event", 0, 0)
    rule = {"event": "pageview", "days": 1}
    segment = Segment.objects.create(name="Today", rule=rule)
    world.settle(0)
    stay = SegmentMember.objects.get(segment=segment)
    assert (stay.by_edit, stay.left_at) == (True, None)
    world.settle(1439)
    assert SegmentMember.objects.filter(left_at=None).exists()
    world.settle(1)
    stay.refresh_from_db()
    assert stay.left_at == world.now
    assert stay.left_because == "no longer: viewed a page at least once in the last day"
    assert not stay.left_by_edit


def test_conditions_on_events_fetch_together_whose_moments_have_come(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    segments = [Segment.objects.create(name=f"{n}", rule={"event": "pageview", "days": n + 1}) for n in range(3)]
    for who, day in enumerate((1, 2, 3)):
        world.do("event", who, day * 1440 - 30)
    world.settle(0)
    asked = []
    monkeypatch.setattr(few_events, "ask_table", lambda name, **given: asked.append(name) or ask_table(name, **given))
    world.settle(60)
    assert len(asked) == 1, "each of three people left another segment"
    for n, segment in enumerate(segments):
        there = SegmentMember.objects.filter(segment=segment, left_at=None).values_list("contact_id", flat=True)
        assert set(there) == set(world.people[:n])


def test_an_edited_rule_is_marked_as_the_reason() -> None:
    stays, leaves = a_contact(country="DE"), a_contact(country="AT")
    rule = {"attribute": "country", "op": "in", "value": ["DE", "AT"]}
    segment = save_segment(None, name="Near", rule=rule, actor=None, now=START)
    refresh(segment, now=START)
    segment = save_segment(segment, name="Near", rule={**rule, "value": ["DE"]}, actor=None, now=START)
    assert refresh(segment, now=START + timedelta(hours=1)) == (0, 1)
    gone = SegmentMember.objects.get(contact=leaves)
    assert (gone.left_by_edit, gone.left_because) == (True, "")
    assert SegmentMember.objects.get(contact=stays).left_at is None


def test_nothing_new_costs_a_handful_of_questions(django_assert_max_num_queries) -> None:
    for number in range(5):
        Segment.objects.create(name=f"{number}", rule={"attribute": "fit_score", "op": "at_least", "value": number})
    a_contact()
    follow(now=START)
    follow(now=START)
    with django_assert_max_num_queries(6):
        follow(now=START)


def test_a_hundred_nested_conditions_are_asked_once_each(django_assert_max_num_queries) -> None:
    a_contact(fit_score=50)
    rule: dict[str, Any] = {"attribute": "fit_score", "op": "at_least", "value": 0}
    parts = [{"attribute": "fit_score", "op": "at_least", "value": number} for number in range(100)]
    for mode in ("all", "any", "none", "all", "any"):
        rule = {mode: [rule, *parts[:20]]}
        parts = parts[20:]
    with django_assert_max_num_queries(104):
        Compiler(now=START).members(rule)


def test_whoever_tries_one_number_after_the_other_asks_for_the_attribute_once() -> None:
    people = [a_contact(fit_score=score) for score in (10, 10, 20, 30)]
    rules = [{"attribute": "fit_score", "op": "less_than", "value": value} for value in (5, 15, 25)]
    with CaptureQueriesContext(connection) as asked:
        found = [set(keeping.Previewer(now=START).members(rule)) for rule in rules]
    assert found == [set(), {one.pk for one in people[:2]}, {one.pk for one in people[:3]}]
    assert sum("fit_score" in query["sql"] for query in asked.captured_queries) == 1


def test_bitmaps_are_shared_between_processes() -> None:
    contact = a_contact(country="DE")
    rule = {"attribute": "country", "op": "is", "value": "de"}
    save_segment(None, name="Germany", rule=rule, actor=None, now=START)
    follow(now=START)
    keeping.forget()
    found = keeping.Previewer(now=START + timedelta(days=1)).members(rule)
    assert list(found) == [contact.pk]
