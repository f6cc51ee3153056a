"""Weights, margins, stalling and the next step's colour."""

from datetime import UTC, datetime, timedelta

import pytest

from baton.sales.deals import rules

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
TODAY = NOW.date()


def test_weight_rounds_half_up_and_an_unknown_amount_weighs_nothing():
    assert rules.weighted_minor(5, 50) == 3
    assert rules.weighted_minor(None, 50) == 0


@pytest.mark.parametrize(
    ("lines", "margin"),
    [
        ([], None),
        ([rules.Line(100, 60), rules.Line(50, 10)], 80),
        ([rules.Line(100, 60), rules.Line(50, None)], None),
        ([rules.Line(None, 60)], None),
    ],
)
def test_margin_is_unknown_where_anything_is(lines, margin):
    assert rules.margin_minor(lines) == margin


@pytest.mark.parametrize(
    ("days", "close", "why"),
    [
        (10, None, ""),
        (31, None, "too_long"),
        (1, TODAY - timedelta(days=1), "past_close"),
        (1, TODAY, ""),
        (40, TODAY - timedelta(days=1), "past_close"),
    ],
)
def test_a_deal_stalls_by_its_stage_or_its_date(days, close, why):
    assert (
        rules.why_stalled(
            entered_stage_at=NOW - timedelta(days=days),
            stalled_after_days=30,
            expected_close_on=close,
            now=NOW,
            today=TODAY,
        )
        == why
    )


@pytest.mark.parametrize(
    ("due", "all_day", "colour"),
    [
        (None, True, "none"),
        (NOW - timedelta(hours=1), False, "late"),
        (NOW - timedelta(hours=1), True, "today"),
        (NOW + timedelta(hours=1), False, "today"),
        (NOW - timedelta(days=1), True, "late"),
        (NOW + timedelta(days=1), True, "planned"),
    ],
)
def test_the_next_step_has_its_colour(due, all_day, colour):
    assert rules.step_colour(due, is_all_day=all_day, now=NOW, today=TODAY) == colour


def test_missing_demands_keep_the_stages_order_and_unknown_ones_are_met():
    assert rules.missing_demands(["b", "a", "x"], {"a": False, "b": False}) == ["b", "a"]
