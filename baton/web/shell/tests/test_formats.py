"""Numbers, money and time as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from baton.web.shell import formats

AT = datetime(2026, 3, 10, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "exact", "short"),
    [
        (1_234_567, "USD", "$12,345.67", "$12.3K"),
        (98_050, "EUR", "€980.50", "€980"),
        (1_234_567, "JPY", "¥1,234,567", "¥1.2M"),
        (1_500, "KWD", "KWD\xa01.500", "KWD\xa02"),
        (-5_000, "USD", "-$50.00", "-$50"),
        (0, "USD", "$0.00", "$0"),
        (None, "USD", "—", "—"),
    ],
)
def test_money_is_exact_in_records_and_short_in_tables(
    minor: int | None, currency: str, exact: str, short: str
) -> None:
    assert formats.money(minor, currency) == exact
    assert formats.money_short(minor, currency) == short


def test_price_shows_as_many_decimals_as_it_has() -> None:
    assert formats.price(12_000_000, "USD") == "$12.00"
    assert formats.price(1_250, "USD") == "$0.00125"


def test_numbers_follow_the_reader() -> None:
    with translation.override("de"):
        assert formats.money(1_234_567, "EUR") == "12.345,67\xa0€"
        assert formats.number(4812) == "4.812"
        assert formats.date(date(2026, 3, 10)) == "10.03.2026"
    with translation.override("en-gb"):
        assert formats.date(date(2026, 3, 10)) == "10 Mar 2026"


def test_unknown_language_is_written_as_english() -> None:
    with translation.override("xx"):
        assert formats.number(4812) == "4,812"


def test_counts_stop_at_ten_thousand() -> None:
    assert [formats.count(n) for n in (0, 4812, 10_000, 10_001, None)] == ["0", "4,812", "10,000", "10,000+", "—"]
    assert formats.count([1, 2, 3]) == "3"


def test_moments_are_shown_in_the_readers_zone() -> None:
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert formats.date(AT) == "Mar 11, 2026"
        assert formats.clock_time(AT).replace("\u202f", " ") == "7:30 AM"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (12, "12 s"), (2160, "36 min"), (93_600, "1 d 2 h"), (3_660, "1 h 1 min"), (None, "—")],
)
def test_durations_take_their_two_largest_units(seconds: int | None, words: str) -> None:
    assert formats.duration(seconds) == words


def test_relative_time_carries_the_exact_one() -> None:
    shown = formats.ago(timezone.now() - timedelta(hours=3))
    assert "3 hours ago" in shown
    assert 'title="' in shown
    assert "tomorrow" in formats.ago(timezone.localdate() + timedelta(days=1))


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lovelace", "AL"), ("jürgen", "J"), ("", "?"), ("A B C", "AC"), ("-", "?")]
)
def test_initials(name: str, letters: str) -> None:
    assert formats.initials(name) == letters


def test_shares() -> None:
    assert formats.percent(0.256) == "26%"
    assert formats.percent(0.256, 1) == "25.6%"
    assert formats.basis_points(1250) == "12.5%"
