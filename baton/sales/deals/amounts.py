"""Amounts as people type them, in the reader's own way of writing numbers."""

from __future__ import annotations

from typing import Any

from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from baton.platform.money import decimals

LARGEST_MINOR = 9_000_000_000_000_000


class AmountField(forms.CharField):
    """An amount as typed ("12,400.50"), as a Decimal of the major unit; empty is None: not known."""

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            amount = parse_decimal(text, locale=translation.get_language() or "en", strict=False)
        except NumberFormatError:
            raise forms.ValidationError(_("Write an amount such as 12,400.50.")) from None
        if not amount.is_finite() or amount < 0 or amount > LARGEST_MINOR // 1000:
            raise forms.ValidationError(_("Write an amount of zero or more."))
        return amount


def to_minor(amount: Any, currency: str) -> int | None:
    """A Decimal of the major unit as minor units, half up."""
    return None if amount is None else int((amount * 10 ** decimals(currency)).quantize(1, rounding="ROUND_HALF_UP"))


def as_typed(minor: int | None, currency: str) -> str:
    """Minor units as one would type them into a field: 1240050 USD is "12,400.50"; "" for not known."""
    if minor is None:
        return ""
    digits = decimals(currency)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(minor / 10**digits, format=pattern, locale=translation.get_language() or "en")
