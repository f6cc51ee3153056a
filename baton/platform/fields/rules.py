"""What a custom field may hold, and what was typed turned into what is kept. JSON values by field id."""

from __future__ import annotations

from datetime import date
from decimal import InvalidOperation
from typing import Any, Protocol

from babel.numbers import NumberFormatError, parse_decimal
from django.utils.translation import gettext as _

from baton.platform.errors import Refusal

LONGEST = 2000
LARGEST = 10**15  # what JSON readers and both databases keep exactly enough


class BadField(Refusal):
    """A value does not fit its custom field; nothing was changed."""


class Defined(Protocol):
    """What the rules ask of a field's definition."""

    label: str
    kind: str
    choices: list[str]


def kept_value(field: Defined, value: Any) -> Any:
    """`value` as JSON keeps it, checked against the field's kind; None or "" is empty (None). Raises BadField."""
    if value is None or value == "":
        return None
    if field.kind == "flag" and isinstance(value, bool):
        return value
    if field.kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) <= LARGEST:
            return value
    elif isinstance(value, str) and "\x00" not in value:
        if field.kind == "text":
            return value.strip()[:LONGEST]
        if field.kind == "choice" and value in field.choices:
            return value
        if field.kind == "date":
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                pass
    raise BadField(_wanted(field))


def from_text(field: Defined, text: str, *, locale: str = "en") -> Any:
    """What a person typed, as kept_value keeps it; numbers as the locale writes them, "yes" for a flag."""
    text = text.strip()
    if not text:
        return None
    if field.kind == "flag":
        return text == "yes"
    if field.kind != "number":
        return kept_value(field, text)
    try:
        number = parse_decimal(text, locale=locale.replace("-", "_"))
    except (NumberFormatError, InvalidOperation):
        raise BadField(_wanted(field)) from None
    if not number.is_finite():
        raise BadField(_wanted(field))
    return kept_value(field, int(number) if number == int(number) else float(number))


def _wanted(field: Defined) -> str:
    wants = {
        "text": _("write text"),
        "number": _("write a number"),
        "date": _("write a day as in 2026-11-24"),
        "flag": _("yes or no"),
        "choice": _("choose one of the list"),
    }
    return f"{field.label}: {wants[field.kind]}."
