"""A plan's numbers, how they spread, and an hour's room."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from baton.marketing.pacing.rules import MOST_DAYS, Plan, days_of, ends_at, is_put_off, lane_of, room_of

MONDAY = date(2026, 11, 23)
PLAN = Plan(MONDAY, 1.0, {"gmail": 50, "others": 0}, full=400)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def test_a_limit_grows_each_day_until_it_is_full() -> None:
    assert [PLAN.limit("gmail", day(n)) for n in (-5, 0, 1, 2, 3)] == [50, 50, 100, 200, None]
    assert PLAN.limit("others", MONDAY) is None
    assert PLAN.last_day() == day(2)


def test_what_is_more_than_a_day_takes_goes_to_the_next() -> None:
    assert days_of(120, "gmail", PLAN.limit, {}, MONDAY) == [(MONDAY, 50), (day(1), 70)]
    assert days_of(120, "gmail", PLAN.limit, {MONDAY: 45, day(1): 100}, MONDAY) == [(MONDAY, 5), (day(2), 115)]
    assert days_of(5_000, "others", PLAN.limit, {}, MONDAY) == [(MONDAY, 5_000)]
    assert days_of(0, "gmail", PLAN.limit, {}, MONDAY) == []


def test_a_plan_that_never_grows_ends_after_a_year() -> None:
    flat = Plan(MONDAY, 0.0, {"gmail": 1}, full=400)
    found = days_of(10_000, "gmail", flat.limit, {}, MONDAY)
    assert sum(number for _day, number in found) == 10_000
    assert len(found) <= MOST_DAYS + 1


@pytest.mark.parametrize(
    ("in_hour", "in_slot", "room"), [(0, 0, 10), (0, 10, 0), (50, 4, 6), (115, 0, 5), (120, 0, 0), (130, 0, 0)]
)
def test_an_hours_number_goes_out_in_twelve_parts(in_hour: int, in_slot: int, room: int) -> None:
    assert room_of(120, in_hour=in_hour, in_slot=in_slot) == room


def test_the_end_is_told_to_five_minutes() -> None:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert ends_at(10, 120, now) == now
    assert ends_at(11, 120, now) == now + timedelta(minutes=5)
    assert ends_at(240, 120, now) == now + timedelta(hours=1, minutes=55)


def test_a_few_that_are_put_off_hold_no_lane() -> None:
    assert not is_put_off(4, 4)
    assert not is_put_off(10, 100)
    assert is_put_off(20, 100)
    assert (lane_of("gmail"), lane_of("gmx")) == ("gmail", "others")
