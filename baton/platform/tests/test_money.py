"""Money as people write and read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.platform.money import MICROS, format_money, format_scaled, parse_scaled


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "shown"),
    [
        (1_234_567, "USD", "en", "$12,345.67"),
        (1_234_567, "EUR", "de", "12.345,67\N{NO-BREAK SPACE}€"),
        (-50, "USD", "en", "-$0.50"),
        (1_234, "JPY", "en", "¥1,234"),
        (1_234, "KWD", "en", "KWD\N{NO-BREAK SPACE}1.234"),
        (1_234, "IQD", "en", "IQD\N{NO-BREAK SPACE}1.234"),
        (5, "USD", "zz-nowhere", "$0.05"),
    ],
)
def test_an_amount_has_its_currencys_decimals(minor, currency, locale, shown):
    assert format_money(minor, currency, locale) == shown


@pytest.mark.parametrize(
    ("text", "locale", "micros"),
    [
        ("12,400.50", "en", 12_400_500_000),
        ("12400.5", "en", 12_400_500_000),
        ("12.400,50", "de", 12_400_500_000),
        (" 1 250,5 ", "fr", 1_250_500_000),
        ("0.0000005", "en", 1),
        ("-3", "en", -3_000_000),
        ("", "en", None),
    ],
)
def test_a_typed_number_is_read_in_the_readers_way(text, locale, micros):
    assert parse_scaled(text, scale=MICROS, locale=locale) == micros


@pytest.mark.parametrize("text", ["12,5", "1.250,50", "twelve", "1e9", "NaN", "Infinity", "--1", "9" * 30, "1,2,3"])
def test_what_could_be_meant_in_two_ways_is_refused(text):
    with pytest.raises(ValueError):
        parse_scaled(text, scale=MICROS, locale="en")


@given(st.integers(0, 10**15), st.sampled_from(["en", "de", "fr", "pt_BR", "sv", "hi"]))
def test_what_is_shown_can_be_typed_again(micros, locale):
    assert parse_scaled(format_scaled(micros, scale=MICROS, locale=locale), scale=MICROS, locale=locale) == micros
