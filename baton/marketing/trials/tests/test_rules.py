"""Who gets which variant."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from baton.marketing.trials.rules import HELD, REST, Plan, lot, part_of, released_at

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def test_the_parts_are_as_large_as_planned() -> None:
    plan = Plan("ABC", test_share=0.3, held_share=0.1)
    found = Counter(part_of(plan, lot("salt", contact)) for contact in range(20_000))
    assert abs(found[HELD] - 2000) < 150
    assert abs(found[REST] - 12_600) < 250
    assert all(abs(found[letter] - 1800) < 150 for letter in "ABC")


def test_a_lot_stays_and_another_test_draws_anew() -> None:
    assert lot("salt", 7) == lot("salt", 7)
    assert lot("salt", 7) != lot("other", 7)
    assert 0 <= lot("salt", 7) < 1


def test_a_test_of_all_leaves_no_rest() -> None:
    plan = Plan("A", test_share=1.0, held_share=0.5)
    assert {part_of(plan, number / 1000) for number in range(1000)} == {HELD, "A"}


def test_a_tested_hour_is_kept_for_the_rest() -> None:
    assert released_at(NOW, 5, NOW + timedelta(hours=30), is_hour_tested=False) == NOW + timedelta(hours=30)
    assert released_at(NOW, 5, NOW + timedelta(hours=30), is_hour_tested=True) == NOW + timedelta(days=2, hours=5)
    assert released_at(NOW, 5, NOW + timedelta(hours=2), is_hour_tested=True) == NOW + timedelta(hours=5)
    assert released_at(NOW, 5, NOW + timedelta(hours=5), is_hour_tested=True) == NOW + timedelta(hours=5)
