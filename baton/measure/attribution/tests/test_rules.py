"""Each method adds up to the cent."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from baton.measure.attribution.rules import FIRST, LAST, LINEAR, METHODS, Touch, shares

CLOSED = datetime(2026, 3, 10, tzinfo=UTC)


def touch(days_before: int, code: str = "", channel: str = "email") -> Touch:
    return Touch(at=CLOSED - timedelta(days=days_before), channel=channel, campaign_code=code)


def test_first_gives_all_to_the_first_and_last_to_the_last() -> None:
    touches = [touch(1, "late"), touch(90, "early"), touch(30, "middle")]
    first = shares(touches, FIRST, amount_minor=100, margin_minor=40, closed_at=CLOSED)
    last = shares(touches, LAST, amount_minor=100, margin_minor=40, closed_at=CLOSED)
    assert [(part.touch.campaign_code, part.amount_minor) for part in first] == [("early", 100)]
    assert [(part.touch.campaign_code, part.margin_minor) for part in last] == [("late", 40)]


def test_linear_shares_a_cent_that_cannot_be_split_without_losing_it() -> None:
    parts = shares([touch(day) for day in (3, 2, 1)], LINEAR, amount_minor=100, margin_minor=None, closed_at=CLOSED)
    assert [part.amount_minor for part in parts] == [34, 33, 33]


def test_without_any_known_touch_the_whole_is_unknowns() -> None:
    parts = shares([touch(3, channel="")], LINEAR, amount_minor=100, margin_minor=None, closed_at=CLOSED)
    assert [(part.touch.is_known, part.amount_minor) for part in parts] == [(False, 100)]


def test_what_comes_after_the_sale_earns_nothing() -> None:
    parts = shares([touch(5, "before"), touch(-1, "after")], LAST, amount_minor=100, margin_minor=1, closed_at=CLOSED)
    assert parts[0].touch.campaign_code == "before"


@given(
    days=st.lists(st.integers(-10, 400), max_size=12),
    amount=st.integers(-(10**12), 10**12),
    margin=st.none() | st.integers(-(10**12), 10**12),
    method=st.sampled_from(METHODS),
)
def test_every_method_adds_up_to_the_cent(days: list[int], amount: int, margin: int | None, method: str) -> None:
    parts = shares([touch(day) for day in days], method, amount_minor=amount, margin_minor=margin, closed_at=CLOSED)
    assert sum(part.amount_minor for part in parts) == amount
    assert margin is None or sum(part.margin_minor for part in parts) == margin
