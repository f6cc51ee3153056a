"""The pages of journeys: made, edited, started, changed while people are under way, and explained."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.email.models import Broadcast
from baton.marketing.journeys import actions, rules
from baton.marketing.journeys.jobs import tend
from baton.marketing.journeys.models import Journey, JourneyRun
from baton.marketing.journeys.tests.conftest import a_journey, a_segment, email, enters, run_of, running, wait
from baton.marketing.segments.actions import refresh, save_segment
from baton.marketing.segments.models import ContactList
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])
DAY = timedelta(days=1)


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user("marketing_manager"))
    return client


def ids(journey: Journey) -> list[str]:
    journey.refresh_from_db()
    return [step["kind"] for step, _depth in rules.walk(journey.steps)]


def test_from_a_segment_a_journey_is_made_and_steps_are_added(marketer: Client) -> None:
    segment = a_segment("Trial began")
    page = marketer.get(f"/segments/{segment.pk}/").content.decode()
    assert f"/journeys/new/?segment={segment.pk}" in page
    assert "Journey of Trial began" in marketer.get(f"/journeys/new/?segment={segment.pk}").content.decode()
    marketer.post("/journeys/new/", {"name": "Onboarding", "segment": segment.pk})
    journey = Journey.objects.get()
    new = f"/journeys/{journey.pk}/steps/new/"
    assert "Hand to sales" in marketer.get(new).content.decode()
    marketer.post(f"{new}?kind=wait", {"kind": "wait", "amount": "3", "unit": "days", "at": "09:00", "workdays": "1"})
    ask = {"kind": "if", "row": ["0", "1"], "mode-0": "all", "depth-1": "1", "what-1": "attribute:country",
           "op-1": "is", "value-1": "DE"}  # fmt: skip
    first = ids(journey) and journey.steps[0]["id"]
    answer = marketer.post(f"{new}?kind=if&at=after:{first}", ask)
    assert answer.status_code == 302
    assert ids(journey) == ["wait", "if"]
    asked = journey.steps[1]
    assert asked["rule"] == {"all": [{"attribute": "country", "op": "is", "value": "DE"}]}
    marketer.post(f"{new}?kind=end&at=in:{asked['id']}:no", {"kind": "end"})
    page = marketer.get(journey.get_absolute_url()).content.decode()
    for said in ("Wait 3 days, then until 09:00 on a workday", "Is it so that Country is DE?", "End here"):
        assert said in page
    assert "Onboarding" in marketer.get(f"/segments/{segment.pk}/").content.decode(), "the segment says what uses it"


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("wait", {"amount": "0", "unit": "days"}, "Give how long"),
        ("wait", {"amount": "3", "unit": "years"}, "Give how long"),
        ("wait", {"amount": "3", "unit": "days", "at": "25:00"}, "Give the hour"),
        ("split", {"percent": "100"}, "1 to 99"),
        ("list", {"list": ""}, "Choose a contact list"),
        ("notify", {"text": "  "}, "what they are told"),
        ("if", {"row": ["0"], "mode-0": "all"}, "Complete a condition"),
        ("await", {"amount": "1", "unit": "days", "json": "{"}, "not JSON"),
    ],
)
def test_a_step_that_says_nothing_is_refused_and_kept(marketer: Client, kind: str, typed: dict, said: str) -> None:
    journey = a_journey()
    answer = marketer.post(f"/journeys/{journey.pk}/steps/new/?kind={kind}", {"kind": kind} | typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert ids(journey) == []


def test_steps_move_and_go_with_undo(marketer: Client) -> None:
    journey = a_journey(wait("w1"), {"id": "l1", "kind": "split", "percent": 30, "a": [wait("w2")], "b": []})
    at = f"/journeys/{journey.pk}/steps"
    marketer.post(f"{at}/l1/up/")
    assert ids(journey) == ["split", "wait", "wait"]
    gone = marketer.post(f"{at}/l1/take-out/", follow=True)
    assert ids(journey) == ["wait"]
    undo = f"/journeys/{journey.pk}/undo/{journey.revision}/"
    assert undo in gone.content.decode()
    marketer.post(undo)
    assert ids(journey) == ["split", "wait", "wait"]
    marketer.post(undo)
    assert ids(journey) == ["split", "wait", "wait"], "an old undo does nothing"


def test_two_who_edit_at_once_lose_nothing(marketer: Client) -> None:
    journey = a_journey(wait("w1"))
    stale = Journey.objects.get(pk=journey.pk)
    marketer.post(f"/journeys/{journey.pk}/steps/new/?kind=end", {"kind": "end"})
    with pytest.raises(Exception, match="Someone else changed this"):
        actions.change_steps(stale, [], actor=a_user("marketer"))
    assert ids(journey) == ["end", "wait"]


def test_of_two_who_edit_the_same_step_or_the_settings_the_second_is_told(marketer: Client) -> None:
    journey = a_journey(wait("w1"))
    at, typed = f"/journeys/{journey.pk}/steps/w1/", {"kind": "wait", "unit": "days"}
    was = re.search(r'name="was" value="(\w+)"', marketer.get(at).content.decode())[1]
    assert marketer.post(at, typed | {"amount": "5", "was": was}).status_code == 302
    behind = marketer.post(at, typed | {"amount": "9", "was": was})
    assert behind.status_code == 409
    assert 'value="9"' in behind.content.decode(), "what was typed stands there"
    anew = re.search(r'name="was" value="(\w+)"', behind.content.decode())[1]
    assert marketer.post(at, typed | {"amount": "9", "was": anew}).status_code == 302
    journey.refresh_from_db()
    assert journey.steps[0]["amount"] == 9

    at, typed = f"/journeys/{journey.pk}/edit/", {"name": "Mine", "segment": journey.segment_id}
    behind = marketer.post(at, typed | {"revision": 1})
    assert behind.status_code == 409
    assert 'value="Mine"' in behind.content.decode()
    journey.refresh_from_db()
    assert journey.name == "Welcome"
    assert marketer.post(at, typed | {"revision": journey.revision}).status_code == 302


def test_a_step_writes_its_own_email(marketer: Client) -> None:
    journey = a_journey()
    answer = marketer.post(f"/journeys/{journey.pk}/steps/new/?kind=email", {"kind": "email", "email": ""})
    assert answer.url.endswith("/email/"), "a new email is written next"
    assert 'name="design"' in marketer.get(answer.url).content.decode()
    written = marketer.post(answer.url, {"design": "announcement"})
    draft = Broadcast.objects.get()
    journey.refresh_from_db()
    assert written.url == f"/emails/{draft.pk}/edit/"
    assert (draft.journey, journey.steps[0]["email"], draft.name) == (journey, draft.pk, "Welcome, email 1")
    assert not draft.segments.exists()


def test_what_stands_in_the_way_is_said_and_nothing_starts(marketer: Client) -> None:
    away = ContactList.objects.create(name="Old", deleted_at=timezone.now())
    journey = a_journey(
        email("e1", 1), email("e2", 1), {"id": "l1", "kind": "list", "list": away.pk, "is_off": False}, emails=1
    )
    page = marketer.get(journey.get_absolute_url()).content.decode()
    for said in ("Two steps send the same email", "contact list that is put away"):
        assert said in page
    answer = marketer.post(f"/journeys/{journey.pk}/start/", follow=True)
    assert "Two steps send the same email" in answer.content.decode()
    journey.refresh_from_db()
    assert (journey.state, Broadcast.objects.get().state) == ("draft", "draft")


def test_started_it_runs_and_a_second_start_changes_nothing(marketer: Client, monkeypatch: Any) -> None:
    journey = a_journey(wait("w1"))
    for _n in range(2):
        marketer.post(f"/journeys/{journey.pk}/start/")
    journey.refresh_from_db()
    assert (journey.state, journey.versions.count()) == ("running", 1)


def test_published_anew_those_under_way_finish_or_go_over(marketer: Client) -> None:
    now = timezone.now()
    stays, goes = (running(a_journey(wait("w1", 5), name=one), now - 3 * DAY) for one in ("Stays", "Goes"))
    people = {one: enters(one.segment, at=now - 2 * DAY) for one in (stays, goes)}
    for one in (stays, goes):
        tend(one, now=now - 2 * DAY)
        steps = [wait("w1", 1), wait("w9", 1)]
        actions.change_steps(Journey.objects.get(pk=one.pk), steps, actor=a_user("marketer"))
        page = marketer.get(one.get_absolute_url()).content.decode()
        assert "not published yet" in page
        assert "The person under way finishes" in page
    marketer.post(f"/journeys/{stays.pk}/publish/", {"moves": "0"})
    marketer.post(f"/journeys/{goes.pk}/publish/", {"moves": "1"})
    for one in (stays, goes):
        tend(Journey.objects.get(pk=one.pk), now=timezone.now())
    assert (run_of(stays, people[stays]).version.number, run_of(stays, people[stays]).step) == (1, "w1")
    moved = run_of(goes, people[goes])
    assert (moved.version.number, moved.step) == (2, "w9"), "the wait is reckoned anew from when they came there"
    assert "not published yet" not in marketer.get(goes.get_absolute_url()).content.decode()


def test_dropped_changes_leave_what_was_published(marketer: Client) -> None:
    journey = running(a_journey(wait("w1")), timezone.now())
    actions.change_steps(journey, [], actor=a_user("marketer"))
    marketer.post(f"/journeys/{journey.pk}/drop-changes/")
    assert ids(journey) == ["wait"]


def test_somebodys_way_is_explained_step_by_step(marketer: Client) -> None:
    now = timezone.now()
    rule = {"all": [{"attribute": "country", "op": "is", "value": "DE"}]}
    journey = running(a_journey({"id": "i1", "kind": "if", "rule": rule, "yes": [wait("w1", 2)], "no": []}), now - DAY)
    ada = enters(journey.segment, a_contact(country="DE"), at=now - DAY)
    tend(journey, now=now - DAY)
    page = marketer.get(run_of(journey, ada).get_absolute_url()).content.decode()
    for said in (
        "Began: entered Signed up",
        "Is it so that Country is DE?",
        "Yes",
        "Wait 2 days",
        "here since",
        "goes on",
    ):
        assert said in page
    found = marketer.get(journey.get_absolute_url(), {"who": ada.email}).content.decode()
    assert run_of(journey, ada).get_absolute_url() in found
    assert "Wait" in marketer.get(f"/contacts/{ada.pk}/").content.decode(), "the contact's page says where they stand"


def test_nobody_has_an_address_that_is_unknown_or_of_somebody_unseen(client: Client) -> None:
    client.force_login(a_user("marketer"))
    journey = a_journey(wait("w1"))
    assert "Nobody you may see" in client.get(journey.get_absolute_url(), {"who": "x@y.example"}).content.decode()


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("nowhere", "Is not in Signed up"),
        ("before", "Was in the segment before the start"),
        ("goal", "Is in Bought already"),
    ],
)
def test_why_somebody_is_not_in_it(marketer: Client, where: str, said: str) -> None:
    now = timezone.now()
    goal = a_segment("Bought")
    journey = running(a_journey(wait("w1"), goal=goal), now - DAY)
    ada = a_contact()
    if where != "nowhere":
        enters(journey.segment, ada, at=now - 2 * DAY)
    if where == "goal":
        enters(goal, ada, at=now)
    assert said in marketer.get(journey.get_absolute_url(), {"who": ada.email}).content.decode()


def test_people_are_listed_by_state_and_step_and_as_a_file(marketer: Client) -> None:
    now = timezone.now()
    journey = running(a_journey(wait("w1")), now - 3 * DAY)
    ada = enters(journey.segment, at=now - 3 * DAY)
    tend(journey, now=now - 3 * DAY)
    tend(journey, now=now)
    bob = enters(journey.segment, at=now)
    tend(journey, now=now)
    at = f"/journeys/{journey.pk}/people"
    assert ada.email in marketer.get(f"{at}/?state=finished").content.decode()
    assert bob.email not in marketer.get(f"{at}/?state=finished").content.decode()
    assert bob.email in marketer.get(f"{at}/?step=w1").content.decode()
    marketer.force_login(a_user("administrator"))
    lines = b"".join(marketer.get(f"{at}.csv?state=under_way").streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert bob.email in lines[1]


def test_the_simulator_shows_the_way_and_what_if(marketer: Client) -> None:
    rule = {"all": [{"attribute": "country", "op": "is", "value": "DE"}]}
    journey = a_journey(
        email("e1", 1),
        {"id": "u1", "kind": "await", "rule": rule, "amount": 7, "unit": "days", "yes": [wait("y1", 1)], "no": []},
        emails=1,
    )
    ada = enters(journey.segment, a_contact(country="FR"), at=timezone.now())
    at = f"/journeys/{journey.pk}/try/"
    page = marketer.get(at, {"who": ada.email}).content.decode()
    assert "What if so?" in page
    assert "Wait 1 day" not in page
    supposed = marketer.get(at, {"who": ada.email, "is-u1": "yes"}).content.decode()
    assert "Wait 1 day" in supposed
    assert "supposed" in supposed
    assert "One person would be through" in marketer.get(at, {"everyone": "1"}).content.decode()
    assert not JourneyRun.objects.exists()


def test_a_copy_has_emails_of_its_own(marketer: Client) -> None:
    journey = a_journey(email("e1", 1), wait("w1"), emails=1)
    marketer.post(f"/journeys/{journey.pk}/copy/")
    copy = Journey.objects.exclude(pk=journey.pk).get()
    assert copy.name == "Copy of Welcome"
    assert copy.steps[0]["email"] not in (None, journey.steps[0]["email"])
    assert (copy.emails.get().name, copy.emails.get().subject) == ("Email 1", "Mail 1")


def test_a_journey_that_runs_is_not_put_away_and_a_draft_is_with_undo(marketer: Client) -> None:
    goes, draft = running(a_journey(wait("w1")), timezone.now()), a_journey(email("e1", 1), emails=1)
    for one in (goes, draft):
        marketer.post(f"/journeys/{one.pk}/bin/")
        one.refresh_from_db()
    assert (goes.deleted_at, bool(draft.deleted_at), bool(draft.emails.get().deleted_at)) == (None, True, True)
    marketer.post(f"/journeys/{draft.pk}/restore/")
    draft.refresh_from_db()
    assert (draft.deleted_at, draft.emails.get().deleted_at) == (None, None)


def test_a_segment_or_list_of_a_journey_is_not_put_away(marketer: Client) -> None:
    wanted = ContactList.objects.create(name="Welcomed")
    journey = a_journey({"id": "l1", "kind": "list", "list": wanted.pk, "is_off": False})
    for address in (f"/segments/{journey.segment_id}/bin/", f"/lists/{wanted.pk}/bin/"):
        assert "It is used by: Welcome" in marketer.post(address, follow=True).content.decode()
    actions.put_away(journey, actor=a_user("marketer"), now=timezone.now())
    marketer.post(f"/segments/{journey.segment_id}/bin/")
    journey.segment.refresh_from_db()
    assert journey.segment.deleted_at


@pytest.mark.parametrize("journeys", [2, 12])
def test_the_list_of_journeys_asks_no_more_for_many(
    marketer: Client, journeys: int, django_assert_max_num_queries: Any
) -> None:
    for n in range(journeys):
        running(a_journey(wait("w1"), name=f"Journey {n}"), timezone.now())
    with django_assert_max_num_queries(20):
        page = marketer.get("/journeys/").content.decode()
    assert page.count("begins with Signed up") == journeys


def test_an_edit_of_a_segment_says_which_journeys_those_who_enter_begin(marketer: Client) -> None:
    segment = save_segment(None, name="German", rule=rule_of("DE"), actor=None, now=timezone.now())
    a_contact(country="FR")
    refresh(segment, now=timezone.now())
    running(a_journey(wait("w1"), name="Salut", segment=segment), timezone.now())
    typed = {"segment": segment.pk, "json": json.dumps(rule_of("FR"))}
    assert "Salut" in marketer.post("/segments/preview/", typed).content.decode()
    same = {"segment": segment.pk, "json": json.dumps(rule_of("DE"))}
    assert "Salut" not in marketer.post("/segments/preview/", same).content.decode()


def rule_of(country: str) -> dict[str, Any]:
    return {"all": [{"attribute": "country", "op": "is", "value": country}]}
