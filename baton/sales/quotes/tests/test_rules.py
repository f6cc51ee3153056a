"""The arithmetic: examples worked by hand, and what must hold for every quote."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from baton.sales.quotes.rules import PER_LINE, PER_RATE, PricedLine, quote_totals

LINES = st.builds(
    PricedLine,
    quantity_thousandths=st.integers(1, 10_000_000),
    price_micros=st.integers(0, 10**11),
    discount_bp=st.integers(0, 10_000),
    tax_bp=st.sampled_from([0, 700, 1900, 2100, 2550]),
    cost_micros=st.none() | st.integers(0, 10**11),
)
QUOTES = st.tuples(
    st.lists(LINES, max_size=25),
    st.sampled_from(["EUR", "JPY", "KWD", "CLF"]),
    st.integers(0, 10_000),
    st.sampled_from([PER_RATE, PER_LINE]),
)


def test_an_example_of_en_16931():
    lines = [
        PricedLine(3_000, 33_335_000, tax_bp=1900, cost_micros=20_000_000),  # 100.005 -> 100.01
        PricedLine(1_000, 49_990_000, discount_bp=1000, tax_bp=700, cost_micros=10_000_000),  # 49.99 - 5.00 = 44.99
    ]
    totals = quote_totals(lines, currency="EUR")
    assert [line.net_minor for line in totals.lines] == [10_001, 4_499]
    assert [(group.rate_bp, group.base_minor, group.tax_minor) for group in totals.taxes] == [
        (700, 4_499, 315),
        (1900, 10_001, 1_900),
    ]
    assert (totals.net_minor, totals.tax_minor, totals.total_minor) == (14_500, 2_215, 16_715)
    assert (totals.cost_minor, totals.margin_minor, totals.margin_bp) == (7_000, 7_500, 5_172)


def test_rounding_per_line_and_per_rate_differ_and_both_are_kept():
    lines = [PricedLine(1_000, 20_000, tax_bp=1900)] * 3  # three lines of 0.02
    assert quote_totals(lines, currency="EUR", rounding=PER_RATE).tax_minor == 1
    assert quote_totals(lines, currency="EUR", rounding=PER_LINE).tax_minor == 0


def test_one_unknown_cost_makes_the_margin_unknown():
    totals = quote_totals([PricedLine(1_000, 10_000_000, cost_micros=0), PricedLine(1_000, 1)], currency="EUR")
    assert (totals.cost_minor, totals.margin_minor, totals.margin_bp) == (None, None, None)
    assert totals.lines[0].margin_minor == 1_000


def test_nothing_offered_is_nothing():
    totals = quote_totals([], currency="EUR", discount_bp=1000)
    assert (totals.total_minor, totals.discount_minor, totals.taxes, totals.margin_bp) == (0, 0, (), None)


@given(QUOTES)
def test_every_quote_reconciles_to_the_minor_unit(quote):
    lines, currency, discount_bp, rounding = quote
    totals = quote_totals(lines, currency=currency, discount_bp=discount_bp, rounding=rounding)
    assert totals.lines_minor == sum(line.net_minor for line in totals.lines)
    assert totals.net_minor == totals.lines_minor - totals.discount_minor
    assert totals.net_minor == sum(line.sold_minor for line in totals.lines)
    assert totals.net_minor == sum(group.base_minor for group in totals.taxes)
    assert totals.tax_minor == sum(group.tax_minor for group in totals.taxes)
    assert totals.total_minor == totals.net_minor + totals.tax_minor
    assert all(0 <= line.sold_minor <= line.net_minor <= line.gross_minor for line in totals.lines)
    if all(line.cost_micros is not None for line in lines):
        assert totals.margin_minor == sum(line.margin_minor for line in totals.lines)
    else:
        assert totals.margin_minor is None


@given(QUOTES)
def test_whole_numbers_agree_with_decimals(quote):
    lines, currency, discount_bp, _rounding = quote
    totals = quote_totals(lines, currency=currency, discount_bp=discount_bp)
    unit = Decimal(1).scaleb(-{"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4}[currency])
    for line, total in zip(lines, totals.lines, strict=True):
        gross = (Decimal(line.price_micros) * line.quantity_thousandths / 10**9).quantize(unit, ROUND_HALF_UP)
        assert total.gross_minor * unit == gross
        assert (total.gross_minor - total.net_minor) * unit == (gross * line.discount_bp / 10_000).quantize(
            unit, ROUND_HALF_UP
        )
    for group in totals.taxes:
        assert group.tax_minor * unit == (group.base_minor * unit * group.rate_bp / 10_000).quantize(
            unit, ROUND_HALF_UP
        )
