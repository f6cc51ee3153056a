"""The statistics against figures that others have published."""

from __future__ import annotations

import pytest

from baton.marketing.trials.statistics import Tally, chance, difference, interval, judge, smallest_seen, stepped_down


@pytest.mark.parametrize(
    ("did", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_of_newcombes_table_of_single_shares(did, of, low, high) -> None:
    """Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3."""
    assert interval(Tally(did, of)) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        (Tally(56, 70), Tally(48, 80), 0.0524, 0.3339),
        (Tally(9, 10), Tally(3, 10), 0.1705, 0.8090),
        (Tally(10, 10), Tally(0, 10), 0.6075, 1.0),
    ],
)
def test_differences_are_those_of_newcombes_table(one, other, low, high) -> None:
    """Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10."""
    assert difference(one, other)[1:] == pytest.approx((low, high), abs=5e-5)


def test_the_z_test_is_that_of_statsmodels_manual() -> None:
    """proportions_ztest(count=[5, 12], nobs=[83, 99]) gives 0.159."""
    assert chance(Tally(5, 83), Tally(12, 99)) == pytest.approx(0.159, abs=5e-4)


def test_too_few_to_tell_is_not_a_chance() -> None:
    assert chance(Tally(1, 20), Tally(3, 20)) is None
    assert chance(Tally(0, 0), Tally(3, 20)) is None
    assert chance(Tally(0, 1000), Tally(0, 1000)) is None


def test_holms_correction_as_in_the_handbooks_example() -> None:
    """0.01, 0.04, 0.03, 0.005: at 5 % the last and the first are told apart, the others are not."""
    assert stepped_down([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert stepped_down([]) == []


def test_a_clear_winner_leads_all_others() -> None:
    found = judge({"A": Tally(30, 1000), "B": Tally(70, 1000), "C": Tally(31, 1000)})
    assert (found.leader, found.is_clear) == ("B", True)
    assert set(found.chances) == {"A", "C"}
    found = judge({"A": Tally(30, 1000), "B": Tally(70, 1000), "C": Tally(66, 1000)})
    assert (found.leader, found.is_clear) == ("B", False)


def test_equals_and_nobody_are_no_win() -> None:
    assert judge({"A": Tally(9, 90), "B": Tally(9, 90)}).is_clear is False
    assert judge({"A": Tally(0, 0), "B": Tally(0, 0)}).leader == "A"
    assert judge({"A": Tally(1, 3)}).is_clear is False


def test_what_so_many_people_can_show() -> None:
    """From 10 to 20 % needs 199 in each group, from 50 to 60 % needs 388 (power.prop.test of R: 198.9634, 387.3385)."""
    assert smallest_seen(199, 0.1) == pytest.approx(0.1, abs=1e-3)
    assert smallest_seen(388, 0.5) == pytest.approx(0.1, abs=1e-3)
    assert smallest_seen(388, 0.5, pairs=3) > smallest_seen(388, 0.5)
    assert smallest_seen(0, 0.1) is None
    assert smallest_seen(2, 0.9) is None
