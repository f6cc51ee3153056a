"""People begin, move and leave; what steps do is done once, whatever is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from baton.marketing.journeys import actions, doing, jobs, moving
from baton.marketing.journeys.jobs import look_for_leavers, tend
from baton.marketing.journeys.models import Journey, JourneyCount, JourneyRun
from baton.marketing.journeys.tests.conftest import (
    a_journey,
    a_segment,
    email,
    enters,
    leaves,
    passed,
    run_of,
    running,
    settle,
    wait,
)
from baton.marketing.segments.models import ContactList, ListMember
from baton.people.deliveries.models import Delivery
from baton.platform.jobs.models import Job
from baton.platform.notifications.models import Notification
from tests.cast import NOW, a_contact, a_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def test_who_enters_after_the_start_begins_and_goes_all_the_way() -> None:
    journey = running(a_journey(email("e1", 1), wait("w1", 2), email("e2", 2), emails=2), NOW)
    early = enters(journey.segment, at=NOW - DAY)
    ada = enters(journey.segment, at=NOW + HOUR)
    tend(journey, now=NOW + HOUR)
    assert not JourneyRun.objects.filter(contact=early).exists(), "only who enters after the start"
    run = run_of(journey, ada)
    assert (run.state, run.step, run.due_at) == ("under_way", "e1", None)
    assert list(Delivery.objects.values_list("contact", "message_id", "state")) == [
        (ada.pk, journey.steps[0]["email"], "queued")
    ]
    tend(journey, now=NOW + 2 * HOUR)
    assert run_of(journey, ada).step == "e1", "they go on once the mail is handed over"
    settle()
    tend(journey, now=NOW + 3 * HOUR)
    run = run_of(journey, ada)
    assert (run.step, run.due_at) == ("w1", NOW + 3 * HOUR + 2 * DAY)
    tend(journey, now=NOW + 2 * DAY)
    assert run_of(journey, ada).step == "w1"
    tend(journey, now=NOW + 3 * HOUR + 2 * DAY)
    settle()
    tend(journey, now=NOW + 3 * DAY)
    run = run_of(journey, ada)
    assert (run.state, run.step, run.ended_at, run.passed) == ("finished", "", NOW + 3 * DAY, 3)
    assert passed(run) == [("e1", "sent"), ("w1", ""), ("e2", "sent")]
    counts = {(step, way): people for step, way, people in JourneyCount.objects.values_list("step", "way", "people")}
    assert counts == {("", "began"): 1, ("", "finished"): 1, ("e1", "sent"): 1, ("w1", ""): 1, ("e2", "sent"): 1}


def test_those_in_the_segment_at_the_start_begin_if_it_says_so() -> None:
    journey = a_journey(wait("w1"), takes_members=True)
    people = {enters(journey.segment, at=NOW - DAY).pk for _n in range(5)}
    running(journey, NOW)
    tend(journey, now=NOW)
    assert set(JourneyRun.objects.values_list("contact", flat=True)) == people
    assert journey.taken_to is not None
    tend(journey, now=NOW + HOUR)
    journey.refresh_from_db()
    assert journey.taken_to is None, "all were looked at"
    assert JourneyRun.objects.count() == 5


def test_looking_again_begins_nobody_twice() -> None:
    journey = running(a_journey(wait("w1", 1)), NOW)
    ada = enters(journey.segment, at=NOW + HOUR)
    for hours in (1, 2, 30, 40):
        tend(journey, now=NOW + hours * HOUR)
    assert JourneyRun.objects.filter(contact=ada).count() == 1
    leaves(journey.segment, ada, at=NOW + 2 * DAY)
    enters(journey.segment, ada, at=NOW + 3 * DAY)
    tend(journey, now=NOW + 3 * DAY)
    assert JourneyRun.objects.filter(contact=ada).count() == 1, "once only"


def test_who_comes_again_gets_the_same_mail_again_where_the_journey_allows_it() -> None:
    journey = running(a_journey(email("e1", 1), emails=1, again_days=30), NOW)
    ada = enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    settle()
    tend(journey, now=NOW + HOUR)
    for days, mails in ((10, 1), (40, 2)):
        leaves(journey.segment, ada, at=NOW + (days - 1) * DAY)
        enters(journey.segment, ada, at=NOW + days * DAY)
        Journey.objects.filter(pk=journey.pk).update(looked_at=NOW + days * DAY)
        journey.refresh_from_db()
        tend(journey, now=NOW + days * DAY)
        assert Delivery.objects.filter(contact=ada).count() == mails, f"after {days} days"
    assert list(Delivery.objects.order_by("pk").values_list("occasion", flat=True)) == [0, 1]
    assert run_of(journey, ada).step == "e1"


def test_a_condition_parts_people_and_a_wait_for_one_ends_as_soon_as_it_holds() -> None:
    rule = {"all": [{"attribute": "country", "op": "is", "value": "DE"}]}
    later = {"all": [{"attribute": "city", "op": "known"}]}
    journey = running(
        a_journey(
            {"id": "i1", "kind": "if", "rule": rule, "yes": [wait("y1")], "no": []},
            {"id": "u1", "kind": "await", "rule": later, "amount": 7, "unit": "days", "yes": [], "no": []},
        ),
        NOW,
    )
    german, other = (enters(journey.segment, a_contact(country=one), at=NOW) for one in ("DE", "FR"))
    tend(journey, now=NOW)
    assert (run_of(journey, german).step, run_of(journey, other).step) == ("y1", "u1")
    tend(journey, now=NOW + DAY)
    other.city = "Lyon"
    other.save()
    tend(journey, now=NOW + DAY + HOUR)
    assert run_of(journey, other).state == "finished"
    assert passed(run_of(journey, other)) == [("i1", "no"), ("u1", "yes")]
    tend(journey, now=NOW + 8 * DAY)
    assert passed(run_of(journey, german)) == [("i1", "yes"), ("y1", ""), ("u1", "no")]
    assert run_of(journey, german).passages.first().because == "Country is DE"


def test_steps_act_once_each() -> None:
    wanted, colleague = ContactList.objects.create(name="Welcomed"), a_user("rep")
    on = {"id": "l1", "kind": "list", "list": wanted.pk, "is_off": False}
    tell = {"id": "n1", "kind": "notify", "user": colleague.pk, "text": "worth a call"}
    off = {"id": "l2", "kind": "list", "list": wanted.pk, "is_off": True}
    journey = running(a_journey(on, tell, {"id": "h1", "kind": "hand_over"}, wait("w1"), off), NOW)
    ada = enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    assert list(ListMember.objects.values_list("contact", flat=True)) == [ada.pk]
    assert Notification.objects.get(user=colleague).text == f"{ada}: worth a call"
    assert Job.objects.get(kind="journey.hand_over").payload == {"contact_id": ada.pk}
    tend(journey, now=NOW + DAY)
    assert not ListMember.objects.exists()
    assert Notification.objects.filter(user=colleague).count() == 1


def test_of_many_at_once_somebody_is_told_in_one_message() -> None:
    colleague = a_user("rep")
    journey = running(a_journey({"id": "n1", "kind": "notify", "user": colleague.pk, "text": "worth a call"}), NOW)
    first, *_others = [enters(journey.segment, at=NOW) for _n in range(12)]
    tend(journey, now=NOW)
    assert Notification.objects.get(user=colleague).text == f"{first} and 11 more: worth a call"


def test_the_goal_ends_a_way_and_takes_back_mail_that_has_not_gone_out() -> None:
    goal = a_segment("Bought")
    journey = running(a_journey(email("e1", 1), emails=1, goal=goal), NOW)
    ada, there = enters(journey.segment, at=NOW), enters(journey.segment, at=NOW)
    enters(goal, there, at=NOW)
    tend(journey, now=NOW)
    assert not JourneyRun.objects.filter(contact=there).exists(), "who is at the goal does not begin"
    enters(goal, ada, at=NOW + HOUR)
    look_for_leavers(journey, now=NOW + HOUR)
    run = run_of(journey, ada)
    assert (run.state, run.because, run.ended_at) == ("goal", "is in Bought", NOW + HOUR)
    assert list(Delivery.objects.values_list("state", "reason")) == [("skipped", "left_journey")]


def test_who_leaves_the_segment_or_enters_the_stop_leaves_before_the_next_step() -> None:
    stop = a_segment("With sales")
    journey = running(a_journey(wait("w1"), wait("w2"), stop=stop, leaves_with_segment=True), NOW)
    ada, bob = enters(journey.segment, at=NOW), enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    leaves(journey.segment, ada, at=NOW + HOUR)
    enters(stop, bob, at=NOW + HOUR)
    moving.move_due(journey, now=NOW + DAY)
    assert [run_of(journey, one).because for one in (ada, bob)] == ["is no longer in Signed up", "is in With sales"]
    assert {run_of(journey, one).state for one in (ada, bob)} == {"left"}


def test_a_contact_put_away_leaves() -> None:
    journey = running(a_journey(wait("w1")), NOW)
    ada = enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    ada.deleted_at = NOW
    ada.save()
    tend(journey, now=NOW + DAY)
    assert run_of(journey, ada).state == "left"


@pytest.mark.parametrize(
    ("state", "reason", "way", "because"),
    [
        ("skipped", "no_consent", "skipped", "has not agreed to this topic"),
        ("bounced", "dead_address", "refused", "dead address"),
        ("unknown", "worker_lost", "unknown", "worker lost"),
        ("complained", "", "sent", ""),
    ],
)
def test_whatever_becomes_of_a_mail_they_go_on_and_it_is_told(state: str, reason: str, way: str, because: str) -> None:
    journey = running(a_journey(email("e1", 1), wait("w1"), emails=1), NOW)
    ada = enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    settle(state=state, reason=reason)
    tend(journey, now=NOW + HOUR)
    run = run_of(journey, ada)
    assert run.step == "w1"
    assert run.passages.values_list("way", "because").get() == (way, because)


def test_of_an_email_that_is_over_who_comes_to_it_goes_on_without() -> None:
    journey = running(a_journey(email("e1", 1), wait("w1"), emails=1), NOW)
    ada = enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    settle()
    journey.emails.update(state="sent")
    bob = enters(journey.segment, at=NOW + HOUR)
    tend(journey, now=NOW + HOUR)
    assert [passed(run_of(journey, one)) for one in (ada, bob)] == [[("e1", "sent")], [("e1", "skipped")]]
    assert not Delivery.objects.filter(contact=bob).exists()


def test_two_movers_at_once_do_everything_once(monkeypatch: Any) -> None:
    """The second has worked its batch out before the first wrote: it finds nobody where they stood."""
    journey = running(
        a_journey(email("e1", 1), {"id": "n1", "kind": "notify", "user": None, "text": "hi"}, emails=1), NOW
    )
    ada = enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    settle()
    write, others = moving._write, []

    def late(*told: Any) -> None:
        if not others:
            others.append(True)
            moving.move(journey, moving.under_way(journey), now=NOW + HOUR)
        write(*told)

    monkeypatch.setattr(moving, "_write", late)
    moving.move(journey, moving.under_way(journey), now=NOW + HOUR)
    assert passed(run_of(journey, ada)) == [("e1", "sent"), ("n1", "")]
    assert Notification.objects.count() == 1
    assert JourneyCount.objects.get(step="n1").people == 1


def test_a_fault_in_the_middle_of_writing_leaves_everybody_where_they_were(monkeypatch: Any) -> None:
    wanted = ContactList.objects.create(name="Welcomed")
    journey = running(a_journey({"id": "l1", "kind": "list", "list": wanted.pk, "is_off": False}, wait("w1")), NOW)
    ada = enters(journey.segment, at=NOW)
    with monkeypatch.context() as broken:
        broken.setattr(doing, "_tell", lambda *told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tend(journey, now=NOW)
    run = run_of(journey, ada)
    assert (run.step, run.passed) == ("l1", 0)
    assert not ListMember.objects.exists()
    tend(journey, now=NOW)
    assert (run_of(journey, ada).step, ListMember.objects.count()) == ("w1", 1)


def test_paused_nobody_begins_or_moves_and_resumed_who_is_too_late_may_be_left_out() -> None:
    marketer = a_user("marketer")
    journey = running(a_journey(wait("w1"), wait("w2", 30)), NOW)
    ada = enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    bob = enters(journey.segment, at=NOW + 5 * DAY)
    tend(journey, now=NOW + 5 * DAY)
    assert actions.pause(journey, actor=marketer, now=NOW + 5 * DAY)
    moving.move_due(journey, now=NOW + 9 * DAY)
    assert run_of(journey, bob).step == "w1"
    eve = enters(journey.segment, at=NOW + 6 * DAY)
    assert actions.resume(journey, actor=marketer, now=NOW + 10 * DAY, late_days=7)
    assert not actions.resume(journey, actor=marketer, now=NOW + 10 * DAY)
    tend(journey, now=NOW + 10 * DAY)
    assert [run_of(journey, one).state for one in (ada, bob, eve)] == ["under_way"] * 3
    assert run_of(journey, bob).step == "w2"
    assert run_of(journey, eve).began_at == NOW + 10 * DAY, "who entered meanwhile begins now"


def test_late_after_a_pause_is_told() -> None:
    marketer = a_user("marketer")
    journey = running(a_journey(wait("w1"), wait("w2", 30)), NOW)
    ada = enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    actions.pause(journey, actor=marketer, now=NOW + HOUR)
    actions.resume(journey, actor=marketer, now=NOW + 20 * DAY, late_days=7)
    assert run_of(journey, ada).because == "was more than 7 days late after a pause"


def test_closed_it_ends_when_the_last_one_is_through() -> None:
    marketer = a_user("marketer")
    journey = running(a_journey(email("e1", 1), wait("w1"), emails=1), NOW)
    ada = enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    settle()
    actions.close(journey, actor=marketer, now=NOW)
    assert (actions.pause(journey, actor=marketer, now=NOW), actions.resume(journey, actor=marketer, now=NOW)) == (
        True,
        True,
    )
    late = enters(journey.segment, at=NOW + HOUR)
    tend(journey, now=NOW + HOUR)
    assert not JourneyRun.objects.filter(contact=late).exists()
    tend(journey, now=NOW + 3 * DAY)
    journey.refresh_from_db()
    assert (run_of(journey, ada).state, journey.state) == ("finished", "ended")
    assert journey.emails.get().state == "sent"


def test_ended_everybody_leaves_and_what_waits_does_not_go_out() -> None:
    journey = running(a_journey(email("e1", 1), emails=1), NOW)
    ada = enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    assert actions.end(journey, actor=a_user("marketer"), now=NOW + HOUR)
    assert not actions.end(journey, actor=a_user("marketer"), now=NOW + HOUR)
    assert (run_of(journey, ada).state, run_of(journey, ada).because) == ("left", "the journey was ended")
    assert Delivery.objects.get().state == "skipped"
    assert journey.emails.get().state == "sent"


def test_by_hand_one_begins_outside_the_segment_and_is_taken_out() -> None:
    marketer, ada = a_user("marketer"), a_contact()
    journey = running(a_journey(wait("w1"), leaves_with_segment=True), NOW)
    assert actions.put_in(journey, [ada.pk], actor=marketer, now=NOW) == 1
    assert actions.put_in(journey, [ada.pk], actor=marketer, now=NOW) == 0
    tend(journey, now=NOW)
    run = run_of(journey, ada)
    assert (run.state, run.stay) == ("under_way", None)
    assert actions.take_out(run, actor=marketer, now=NOW)
    assert run_of(journey, ada).because == f"was taken out by {marketer}"
    assert not actions.take_out(run_of(journey, ada), actor=marketer, now=NOW)


@pytest.mark.parametrize("people", [3, 30])
def test_moving_many_asks_no_more_than_moving_few(people: int) -> None:
    journey = running(a_journey(email("e1", 1), wait("w1"), emails=1), NOW)
    for _n in range(people):
        enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    settle()
    with CaptureQueriesContext(connection) as asked:
        moving.move_mailed(journey, now=NOW + HOUR)
    assert JourneyRun.objects.filter(step="w1").count() == people
    assert len(asked) <= 24


def test_a_fault_in_one_journey_holds_up_no_other(monkeypatch: Any) -> None:
    wrong, right = (running(a_journey(wait("w1"), name=one), NOW) for one in ("Wrong", "Right"))
    people = [enters(one.segment, at=timezone.now()) for one in (wrong, right)]
    begin = jobs.take_newcomers
    monkeypatch.setattr(jobs, "take_newcomers", lambda of, **told: 1 / 0 if of == wrong else begin(of, **told))
    monkeypatch.setattr(jobs, "_rested", 0.0)
    jobs.move_journeys()
    assert [JourneyRun.objects.filter(contact=one).exists() for one in people] == [False, True]


def test_what_was_missed_begins_within_the_hour_and_nobody_where_a_journey_is_closed() -> None:
    now = timezone.now()
    missed, closed = (running(a_journey(wait("w1"), name=one), now - 2 * DAY) for one in ("Open", "Closed"))
    Journey.objects.update(looked_at=now)
    Journey.objects.filter(pk=closed.pk).update(closed_at=now)
    people = [enters(one.segment, at=now - DAY) for one in (missed, closed)]
    jobs.look_at_all(Job())
    assert [JourneyRun.objects.filter(contact=one).exists() for one in people] == [True, False]


def test_of_many_the_worker_lets_the_rest_leave_a_journey_that_has_ended(monkeypatch: Any) -> None:
    monkeypatch.setattr(actions, "BATCH", 2)
    journey = running(a_journey(wait("w1")), NOW)
    for _n in range(5):
        enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    actions.end(journey, actor=a_user("marketer"), now=NOW + HOUR)
    assert JourneyRun.objects.filter(state="left").count() == 2
    monkeypatch.setattr(jobs, "_rested", 0.0)
    jobs.move_journeys()
    assert JourneyRun.objects.filter(state="left", because="the journey was ended").count() == 5


def test_who_is_due_or_stands_at_a_step_is_found_by_an_index() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads a small table from its beginning, whatever the index")
    journey = running(a_journey(email("e1", 1), emails=1), NOW)
    enters(journey.segment, at=NOW)
    tend(journey, now=NOW)
    with CaptureQueriesContext(connection) as asked:
        moving.move_due(journey, now=NOW + DAY)
        moving.move_mailed(journey, now=NOW + DAY)
    about = [one["sql"] for one in asked if one["sql"].startswith("SELECT") and "marketing_journeyrun" in one["sql"]]
    plans = []
    with connection.cursor() as cursor:
        for question in about:
            cursor.execute(f"EXPLAIN QUERY PLAN {question}")
            plans.append(str(cursor.fetchall()))
    assert "journey_due" in plans[0]
    assert [plan for plan in plans[1:] if "journey_standing" not in plan] == [], about
