"""What our forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

MAX_DIGITS = 18  # every number so long fits into a column


def number_of(text: str | None) -> int | None:
    """The whole number that was typed or stands in an address; None where it is none, or too long to be one of ours."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None


def offer(form: forms.BaseForm, **rows: QuerySet[Any]) -> None:
    """Limit choice fields of `form` to these rows; fields the form does not have are passed over."""
    for name, offered in rows.items():
        field = form.fields.get(name)
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = offered
