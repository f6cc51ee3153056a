"""The numbers of the homes: the bridge adds up, months are judged when they are old enough, ages, medians."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from baton.measure.homes.figures import Figure
from baton.measure.homes.last_email import Letter, _percent, is_unusual, median_share
from baton.measure.homes.rules import STEPS, Moved, bridge, by_age, days_most_take, is_immature, running_total
from baton.measure.homes.week import last_monday
from tests.cast import NOW


def moved(number: int, then: int | None, now: int | None, amount: int, state: str = "open", *, is_new: bool = False):
    return Moved(number, then, now, amount, state, is_new)


def test_every_step_of_the_bridge_takes_what_belongs_to_it() -> None:
    made = bridge(
        [
            moved(1, 100, 150, 150),
            moved(2, None, 40, 40, is_new=True),
            moved(3, None, 25, 25),
            moved(4, 60, None, 70),
            moved(5, 30, None, 35, "won"),
            moved(6, 20, None, 20, "lost"),
            moved(7, None, None, 9, "won", is_new=True),
            moved(8, None, None, 5, "lost", is_new=True),
        ],
        unmoved_minor=1000,
    )
    assert made.minor == {
        "opening": 1210,
        "new": 49,
        "pulled_in": 25,
        "changed": 65,
        "slipped": -70,
        "won": -44,
        "lost": -20,
        "closing": 1215,
    }
    assert made.deals["changed"] == [1, 4, 5]
    assert made.deals["won"] == [5, 7]
    assert made.adds_up


def test_any_week_adds_up_to_the_cent() -> None:
    chance = random.Random(7)
    for _ in range(200):
        deals = []
        for number in range(30):
            then = chance.choice([None, chance.randrange(10_000)])
            state = chance.choice(["open", "won", "lost"])
            amount = chance.randrange(10_000)
            now = amount if state == "open" and chance.random() < 0.6 else None
            deals.append(moved(number, then, now, amount, state, is_new=then is None and chance.random() < 0.5))
        made = bridge(deals, unmoved_minor=chance.randrange(10**9))
        assert made.adds_up
        assert sum(made.minor[step] for step in STEPS[:-1]) == made.minor["closing"]


def test_a_month_is_judged_once_the_last_of_it_had_the_time_most_take() -> None:
    ends = date(2026, 2, 1)
    assert is_immature(ends, takes_days=30, today=date(2026, 3, 2))
    assert not is_immature(ends, takes_days=30, today=date(2026, 3, 3))


def test_most_is_nine_of_ten_and_few_cases_teach_nothing() -> None:
    assert days_most_take([n + 0.5 for n in range(100)], otherwise=30) == 90
    assert days_most_take([1.0] * 19, otherwise=30) == 30
    assert days_most_take([], otherwise=30) == 30


def test_ages_fall_into_bands_whose_edge_belongs_to_the_older_one() -> None:
    hours = [0, 23, 24, 47, 48, 24 * 7, 24 * 30, 24 * 400]
    assert by_age((NOW - timedelta(hours=hour) for hour in hours), NOW) == [2, 2, 1, 1, 2]


def test_a_running_total_stops_where_the_future_begins() -> None:
    assert running_total([-10, 4, 9, 0], months=3) == [-10, -6, 3, None]


@pytest.mark.parametrize(("day", "monday"), [(24, 23), (23, 16), (29, 23)])
def test_on_a_monday_the_week_is_the_one_that_just_ended(day: int, monday: int) -> None:
    assert last_monday(date(2026, 11, day)) == date(2026, 11, monday)


def test_the_median_of_emails_leaves_out_those_that_went_to_nobody() -> None:
    letters = [Letter(10, 10, 1), Letter(10, 10, 5), Letter(10, 10, 2), Letter()]
    assert median_share("clicked", letters) == 0.2
    assert median_share("clicked", [Letter()]) is None


def test_losing_twice_as_many_people_as_usual_is_unusual() -> None:
    assert is_unusual("unsubscribed", 0.03, 0.01)
    assert not is_unusual("unsubscribed", 0.02, 0.01)
    assert is_unusual("clicked", 0.01, 0.03)
    assert not is_unusual("clicked", 0.01, None)


def test_a_share_changes_in_points_and_an_amount_by_its_own_size() -> None:
    assert Figure("", 0.5, "share", "", before=0.4).change == 0.1
    assert Figure("", 120, "money", "", before=100).change == 0.2
    assert Figure("", 120, "money", "", before=0).change is None
    assert Figure("", None, "share", "", before=0.4).change is None
    assert Figure("", 30, "money", "", of=120).share_of == 0.25


@pytest.mark.parametrize(("share", "told"), [(0.0, "0%"), (0.0299, "3.0%"), (0.2266, "23%"), (1.0, "100%")])
def test_a_share_is_rounded_not_cut_off(share: float, told: str) -> None:
    assert _percent(share) == told
