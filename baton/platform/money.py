"""Money: integers of the minor unit with an ISO 4217 code, one rounding, one table of decimals.

Unit prices and costs are in micros (millionths of the major unit); line amounts are minor units; percentages are
basis points. Rounding is half away from zero, as commerce and EN 16931 examples do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberFormatError, format_currency, format_decimal, parse_decimal

MICROS = 1_000_000
LARGEST = 9_000_000_000_000_000_000  # what a 64-bit column holds, with room
BASIS_POINTS = 10_000

# ISO 4217, minor units other than two (list one, read 2026-11).
_DECIMALS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


@dataclass(frozen=True, order=True)
class Money:
    """An amount of one currency; `minor` counts cents or whatever the currency's smallest unit is."""

    minor: int
    currency: str


def decimals(currency: str) -> int:
    """How many digits the currency's minor unit takes: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _DECIMALS.get(currency, 2)


def divide_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` rounded half away from zero; denominator positive."""
    sign = -1 if numerator < 0 else 1
    return sign * ((abs(numerator) * 2 + denominator) // (denominator * 2))


def micros_to_minor(micros: int, currency: str) -> int:
    """A price in micros as minor units: 12_345_000 micros of USD are 1235 cents."""
    return divide_half_up(micros * 10 ** decimals(currency), MICROS)


def minor_to_micros(minor: int, currency: str) -> int:
    return minor * MICROS // 10 ** decimals(currency)


def split_evenly(minor: int, weights: list[int]) -> list[int]:
    """Share `minor` by weights so that the parts add up exactly; leftover units go to the largest remainders.

    Hamilton's method. Weights that are all zero share equally; no weights give no parts.
    """
    if not weights:
        return []
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    sign, amount = (-1, -minor) if minor < 0 else (1, minor)
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def format_money(minor: int, currency: str, locale: str) -> str:
    """An exact amount as people of `locale` write it: 1234567 USD is $12,345.67 in "en"."""
    digits = decimals(currency)
    pattern = babel_locale(locale).currency_formats["standard"]
    shown = format_currency(
        Decimal(minor).scaleb(-digits), currency, format=_with_digits(pattern.pattern, digits, digits),
        locale=babel_locale(locale), currency_digits=False,
    )  # fmt: skip
    # Currencies without a sign are written by their code, which Babel glues to the digits.
    return re.sub(rf"{currency}(?=\d)", currency + "\N{NO-BREAK SPACE}", shown)


def format_scaled(value: int, *, scale: int, locale: str, least: int = 0, most: int = 6) -> str:
    """`value / scale` with `least` to `most` decimals: 12_500_000 micros with least=2 is "12.50"."""
    pattern = _with_digits(babel_locale(locale).decimal_formats[None].pattern, least, most)
    return format_decimal(Decimal(value) / scale, format=pattern, locale=babel_locale(locale))


def parse_scaled(text: str, *, scale: int, locale: str) -> int | None:
    """A number as typed, times `scale`, rounded half up; None for empty. "12,500.5" as micros is 12_500_500_000.

    Separators must stand where `locale` puts them, so that "12,5" typed the German way is refused in English rather
    than read as 125. Raises ValueError for anything that is no such number or too large to be kept.
    """
    text = "".join(text.split())
    if not text:
        return None
    if any(letter.isalpha() for letter in text):
        raise ValueError(text)
    try:
        number = parse_decimal(text, locale=babel_locale(locale), strict=True)
    except NumberFormatError as error:
        raise ValueError(text) from error
    if not number.is_finite() or abs(number) * scale > LARGEST:
        raise ValueError(text)
    top, bottom = (number * scale).as_integer_ratio()
    return divide_half_up(top, bottom)


def babel_locale(name: str) -> Locale:
    """The locale of "de", "en-gb" or "pt_BR"; English where Babel does not know it."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale("en")


def _with_digits(pattern: str, least: int, most: int) -> str:
    decimal_part = "." + "0" * least + "#" * (most - least) if most else ""
    return re.sub(r"\.[0#]+", decimal_part, pattern)
