"""Filling by a job: in pieces that may end anywhere, whatever happens in between, members are those of the rule."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.segments import first_fill, keeping
from baton.marketing.segments.actions import save_segment
from baton.marketing.segments.first_fill import fill_segment
from baton.marketing.segments.follow import follow_some
from baton.marketing.segments.models import FillMissed, FillPart, Segment, SegmentFill, SegmentMember
from baton.marketing.segments.tests.test_follow import PEOPLE, RULES, START, World
from baton.people.contacts.models import Contact
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.tracking.store.projector import project
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])

GERMANY = {"attribute": "country", "op": "is", "value": "de"}
AUSTRIA = {"attribute": "country", "op": "is", "value": "at"}
DOINGS: list[tuple[str, int, list[Any]]] = [
    ("country", PEOPLE, ["DE", "AT", ""]), ("event", PEOPLE, [0, 1439, 2880]), ("order", PEOPLE, [0, 600]),
    ("visit", 2, [0, 60]), ("claim", PEOPLE, [0, 1]), ("consent", PEOPLE, [None, 1]), ("withdraw", PEOPLE, [0]),
    ("bin", PEOPLE, [0]), ("restore", PEOPLE, [0]), ("list", PEOPLE, [0]), ("reach", PEOPLE, [0]), ("new", 1, [0]),
]  # fmt: skip


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose clock everyone reads, and a job that makes way after every piece."""
    monkeypatch.setattr(first_fill, "SLICE_SECONDS", -1.0)
    monkeypatch.setattr(first_fill, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(first_fill, "ROWS_AT_ONCE", 2)
    made = World()
    monkeypatch.setattr(timezone, "now", lambda: made.now)
    return made


def tick(world: World) -> None:
    world.now += timedelta(seconds=1)
    project(now=world.now)
    follow_some()


def filled(world: World) -> None:
    """Work everything off."""
    for _round in range(300):
        jobs.run_due(limit=1)
        tick(world)
        if not SegmentFill.objects.exists() and not Job.objects.filter(state=Job.State.WAITING).exists():
            break
    assert not SegmentFill.objects.exists()
    tick(world)


def people_in(segment: Segment) -> set[int]:
    return set(segment.members.filter(left_at=None).values_list("contact_id", flat=True))


@pytest.mark.parametrize("seed", range(4))
def test_what_happens_while_segments_are_filled_is_not_lost(world: World, seed: int) -> None:
    chance = random.Random(seed)
    for number, rule in enumerate(RULES):
        save_segment(None, name=f"{number}", rule=rule, actor=None, now=world.now)
    save_segment(None, name="all", rule={"any": [*RULES[:5], {"none": [GERMANY]}]}, actor=None, now=world.now)
    for _round in range(40):
        jobs.run_due(limit=1)
        if chance.random() < 0.6:
            verb, people, what = chance.choice(DOINGS)
            world.do(verb, chance.randrange(people), chance.choice(what))
        if chance.random() < 0.2:
            world.now += timedelta(minutes=chance.choice([1, 60, 600]))
        tick(world)
        if chance.random() < 0.2:
            keeping.forget()  # as another process has it
    filled(world)
    world.check()
    assert not FillMissed.objects.exists()


def test_the_tick_leaves_a_new_rule_to_the_job(world: World) -> None:
    segment = Segment.objects.create(name="Germany", rule=GERMANY)
    follow_some()
    follow_some()
    assert people_in(segment) == set()
    assert Job.objects.filter(kind="segment.refresh").count() == 1
    filled(world)
    assert people_in(segment) == set(world.people)


def test_a_segment_follows_its_old_rule_until_the_new_one_is_worked_out(world: World) -> None:
    segment = save_segment(None, name="One country", rule=GERMANY, actor=None, now=START)
    filled(world)
    save_segment(
        segment,
        name="One country",
        rule={"all": [GERMANY, {"attribute": "email", "op": "known"}]},
        actor=None,
        now=START,
    )
    world.do("country", 0, "AT")
    tick(world)
    assert people_in(segment) == set(world.people[1:])
    save_segment(segment, name="One country", rule={"any": [AUSTRIA]}, actor=None, now=START)  # while it is filled
    filled(world)
    assert people_in(segment) == {world.people[0]}
    stay = SegmentMember.objects.get(segment=segment, left_at=None)
    assert stay.by_edit
    assert SegmentMember.objects.filter(segment=segment, left_at=None).count() == 1


def test_a_change_that_no_listener_tells_of_is_seen_in_the_very_first_filling(world: World) -> None:
    segment = save_segment(None, name="Germany", rule=GERMANY, actor=None, now=START)
    while not FillPart.objects.exists():
        jobs.run_due(limit=1)
    world.now += timedelta(seconds=1)
    Contact.objects.filter(pk=world.people[0]).update(country="AT", changed_at=world.now)
    filled(world)
    assert people_in(segment) == set(world.people[1:])


def test_a_rule_taken_up_again_is_asked_anew(world: World) -> None:
    """The bitmap of a condition that no rule had for a while is not believed."""
    segment = save_segment(None, name="One country", rule=GERMANY, actor=None, now=START)
    filled(world)
    save_segment(segment, name="One country", rule=AUSTRIA, actor=None, now=START)
    filled(world)
    world.do("country", 0, "")
    filled(world)
    save_segment(segment, name="One country", rule=GERMANY, actor=None, now=START)
    filled(world)
    assert people_in(segment) == set(world.people[1:])


def test_the_job_again_writes_nothing_twice(world: World) -> None:
    segment = save_segment(None, name="Germany", rule=GERMANY, actor=None, now=START)
    job = Job.objects.get(kind="segment.refresh")
    for _killed in range(3):
        with pytest.raises(jobs.TryAgain):
            fill_segment(job, segment_id=segment.pk)
    Job.objects.all().update(state=Job.State.WAITING)
    filled(world)
    fill_segment(job, segment_id=segment.pk)
    assert SegmentMember.objects.filter(segment=segment).count() == PEOPLE


def test_the_page_says_how_far_it_is_and_is_drawn_anew_at_the_end(client: Client) -> None:
    client.force_login(a_user("marketing_manager"))
    a_contact(country="DE")
    segment = save_segment(None, name="Germany", rule=GERMANY, actor=None, now=timezone.now())
    SegmentFill.objects.update(parts_total=5, parts_done=2)
    assert "Working out condition 3 of 5" in client.get(segment.get_absolute_url()).content.decode()
    part = client.get(f"{segment.get_absolute_url()}filling/")
    assert "every 2s" in part.content.decode()
    SegmentFill.objects.all().delete()
    assert client.get(f"{segment.get_absolute_url()}filling/")["HX-Refresh"] == "true"
