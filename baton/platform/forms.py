"""What our forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet


def offer(form: forms.BaseForm, **rows: QuerySet[Any]) -> None:
    """Limit choice fields of `form` to these rows; fields the form does not have are passed over."""
    for name, offered in rows.items():
        field = form.fields.get(name)
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = offered
