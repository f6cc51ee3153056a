"""Cells as people write them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from baton.exchange.imports.cells import (
    DAY_FIRST,
    MONTH_FIRST,
    YEAR_FIRST,
    order_of,
    read_decimal,
    read_flag,
    read_moment,
)
from baton.exchange.imports.errors import BadCell


@pytest.mark.parametrize(
    ("cells", "order"),
    [(["03-04-2026", "25-04-2026"], DAY_FIRST), (["03/04/2026", "04/25/2026"], MONTH_FIRST),
     (["2026-04-03"], YEAR_FIRST), (["03-04-2026", "05-06-2026"], None), ([], None)],
)  # fmt: skip
def test_the_order_of_dates_is_told_by_the_day_that_cannot_be_a_month(cells: list[str], order: str | None) -> None:
    assert order_of(cells) == order


def test_a_date_is_read_in_the_order_given() -> None:
    assert read_moment("03-04-2026", DAY_FIRST) == datetime(2026, 4, 3, tzinfo=UTC)
    assert read_moment("03/04/26", MONTH_FIRST) == datetime(2026, 3, 4, tzinfo=UTC)
    assert read_moment("2018-02-26 19:58:54", YEAR_FIRST) == datetime(2018, 2, 26, 19, 58, 54, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["soon", "31-02-2026", "2026", "99-99-9999"])
def test_what_is_no_date_is_refused(cell: str) -> None:
    with pytest.raises(BadCell):
        read_moment(cell, DAY_FIRST)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,234.56", "1234.56"), ("1.234,56", "1234.56"), ("€ 1 234,5", "1234.5"), ("1,234", "1234"), ("-7.5", "-7.5"),
     ("1.234.567", "1234567"), ("$5", "5"), ("0,99", "0.99")],
)  # fmt: skip
def test_numbers_are_read_in_any_usual_writing(cell: str, number: str) -> None:
    assert read_decimal(cell) == Decimal(number)


@pytest.mark.parametrize("cell", ["", "many", "--", "1e400"])
def test_what_is_no_number_is_refused(cell: str) -> None:
    with pytest.raises(BadCell):
        read_decimal(cell * 1 if cell != "1e400" else "9" * 30)


def test_yes_and_no_in_several_languages() -> None:
    assert read_flag("Ja")
    assert not read_flag("non")
    with pytest.raises(BadCell):
        read_flag("perhaps")
