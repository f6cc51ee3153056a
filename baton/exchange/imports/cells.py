"""Cells as values: dates, money, numbers, yes and no. Pure; raises BadCell with a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from baton.exchange.imports.errors import BadCell

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day-first", "month-first", "year-first"
_DATE = re.compile(r"^(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?.*)?$")
YES, NO = {"yes", "y", "true", "1", "ja", "oui", "si", "sí", "x"}, {"no", "n", "false", "0", "nein", "non", ""}


def order_of(cells: Iterable[str]) -> str | None:
    """Which part of these dates comes first; None when both day and month first would fit all of them."""
    first_is_day = second_is_day = False
    for cell in cells:
        match = _DATE.match(cell.strip())
        if not match:
            continue
        first, second = int(match[1]), int(match[2])
        if len(match[1]) == 4:
            return YEAR_FIRST
        first_is_day |= first > 12
        second_is_day |= second > 12
    if first_is_day:
        return DAY_FIRST
    return MONTH_FIRST if second_is_day else None


def read_moment(cell: str, order: str) -> datetime:
    """A date, or date and time, as a moment in UTC; a day begins at midnight."""
    match = _DATE.match(cell.strip())
    if not match:
        raise BadCell(_("%(cell)r is not a date.") % {"cell": cell})
    a, b, c = int(match[1]), int(match[2]), int(match[3])
    if len(match[1]) == 4 or order == YEAR_FIRST:
        year, month, day = a, b, c
    else:
        day, month, year = (a, b, c) if order == DAY_FIRST else (b, a, c)
    year += 2000 if year < 100 else 0
    try:
        return datetime(year, month, day, int(match[4] or 0), int(match[5] or 0), int(match[6] or 0), tzinfo=UTC)
    except ValueError:
        raise BadCell(_("%(cell)r is not a date read %(order)s.") % {"cell": cell, "order": order}) from None


def read_day(cell: str, order: str) -> date:
    return read_moment(cell, order).date()


def read_decimal(cell: str, mark: str = "") -> Decimal:
    """A number in any usual writing: 1,234.56, 1.234,56, 1 234.56, with or without a currency sign.

    `mark` says which sign stands before the decimals where the numbers do not tell ("1.234" in a German file).
    """
    text = re.sub(r"[^\d,.\-]", "", cell)
    if mark:
        text = text.replace("." if mark == "," else ",", "").replace(mark, ".")
    elif "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        text = re.sub(r"[,.]", "", text[:decimal]) + "." + text[decimal + 1 :]
    elif text.count(",") == 1 and len(text.rpartition(",")[2]) != 3:
        text = text.replace(",", ".")
    else:
        text = text.replace(",", "") if text.count(".") <= 1 else text.replace(".", "")
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise BadCell(_("%(cell)r is not a number.") % {"cell": cell}) from None
    if abs(found) >= Decimal(10) ** 15:
        raise BadCell(_("%(cell)r is larger than can be kept.") % {"cell": cell})
    return found


def read_whole(cell: str, mark: str = "") -> int:
    found = read_decimal(cell, mark)
    if found != found.to_integral_value():
        raise BadCell(_("%(cell)r is not a whole number.") % {"cell": cell})
    return int(found)


def read_flag(cell: str) -> bool:
    small = cell.strip().lower()
    if small in YES or small in NO:
        return small in YES
    raise BadCell(_("%(cell)r is neither yes nor no.") % {"cell": cell})
