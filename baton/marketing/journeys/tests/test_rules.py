"""Steps: their order, how long waits are, and how one edits them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from baton.marketing.journeys import rules
from baton.marketing.journeys.rules import NoSuchStep, Place, plan_of

BERLIN = ZoneInfo("Europe/Berlin")


def a(pk: str, kind: str = "end_of_nothing", **told: object) -> dict:
    return {"id": pk, "kind": kind, **told}


STEPS = [
    a("one", "list"),
    a("ask", "if", rule={}, yes=[a("y1", "list"), a("y2", "list")], no=[a("deep", "split", a=[], b=[a("b1", "end")])]),
    a("last", "list"),
]


def test_both_ways_of_a_question_lead_on_to_the_step_below() -> None:
    plan = plan_of(STEPS)
    assert plan.order == ["one", "ask", "y1", "y2", "deep", "b1", "last"]
    assert plan.after("one") == "ask"
    assert (plan.after("ask", "yes"), plan.after("ask", "no")) == ("y1", "deep")
    assert plan.after("y2") == plan.after("deep", "a") == "last", "an empty way leads on at once"
    assert plan.after("b1") == plan.after("last") == "", "the end, and the last step, lead nowhere"


def wait(amount: int, unit: str, since: str, zone: ZoneInfo = BERLIN, **told: object) -> str:
    begun = datetime.fromisoformat(since).replace(tzinfo=zone)
    ends = rules.wait_ends({"amount": amount, "unit": unit, **told}, begun.astimezone(UTC), zone)
    return ends.astimezone(zone).isoformat()


@pytest.mark.parametrize(
    ("asked", "told", "ends"),
    [
        ((90, "minutes", "2026-03-10T10:00"), {}, "2026-03-10T11:30:00+01:00"),
        ((1, "days", "2026-03-28T09:00"), {}, "2026-03-29T09:00:00+02:00"),  # 23 hours: summer time begins
        ((24, "hours", "2026-03-28T09:00"), {}, "2026-03-29T10:00:00+02:00"),
        ((1, "weeks", "2026-10-20T09:00"), {}, "2026-10-27T09:00:00+01:00"),
        ((1, "days", "2026-03-10T10:00"), {"at": "09:00"}, "2026-03-12T09:00:00+01:00"),  # the first nine o'clock after
        ((1, "days", "2026-03-10T08:00"), {"at": "09:00"}, "2026-03-11T09:00:00+01:00"),
        ((2, "hours", "2026-03-10T23:30"), {"at": "09:00"}, "2026-03-11T09:00:00+01:00"),
        ((1, "days", "2026-03-13T09:00"), {"workdays": True}, "2026-03-16T09:00:00+01:00"),  # Friday to Monday
        ((3, "hours", "2026-03-14T09:00"), {"workdays": True}, "2026-03-16T12:00:00+01:00"),
        ((1, "days", "2026-03-13T10:00"), {"at": "09:00", "workdays": True}, "2026-03-16T09:00:00+01:00"),
        ((1, "days", "2026-03-28T02:30"), {}, "2026-03-29T03:30:00+02:00"),  # an hour that is leapt over
    ],
)
def test_a_wait_ends_on_the_persons_clock(asked: tuple, told: dict, ends: str) -> None:
    assert wait(*asked, **told) == ends


def test_a_step_is_put_where_one_says() -> None:
    new = a("new", "list")
    assert plan_of(rules.put_in(STEPS, new, Place())).order[0] == "new"
    assert plan_of(rules.put_in(STEPS, new, Place.read("after:y1"))).order[2:5] == ["y1", "new", "y2"]
    assert plan_of(rules.put_in(STEPS, new, Place.read("in:deep:a"))).after("deep", "a") == "new"
    assert "new" not in plan_of(STEPS).steps, "what was there is left as it was"
    for gone in ("after:nobody", "in:one:yes", "in:ask:maybe"):
        with pytest.raises(NoSuchStep):
            rules.put_in(STEPS, new, Place.read(gone))


@pytest.mark.parametrize("place", ["", "after:a1", "in:c3:yes"])
def test_a_place_reads_back(place: str) -> None:
    assert str(Place.read(place)) == place


def test_a_changed_step_keeps_what_stands_on_its_ways() -> None:
    changed = rules.put_instead(STEPS, a("ask", "if", rule={"all": []}))
    assert rules.found(changed, "ask") == STEPS[1] | {"rule": {"all": []}}


def test_taking_a_step_out_takes_its_ways_along() -> None:
    assert plan_of(rules.taken_out(STEPS, "ask")).order == ["one", "last"]
    assert plan_of(rules.taken_out(STEPS, "b1")).after("deep", "b") == "last"


def test_steps_move_among_their_neighbours_only() -> None:
    assert plan_of(rules.shifted(STEPS, "last", -1)).order[:2] == ["one", "last"]
    assert rules.shifted(STEPS, "y1", -1) == STEPS
    assert plan_of(rules.shifted(STEPS, "y1", 1)).order[2:4] == ["y2", "y1"]


def test_a_new_id_is_one_that_no_step_has() -> None:
    drawn = iter(["y2", "last", "fresh"])
    assert rules.new_id(STEPS, lambda: next(drawn)) == "fresh"
