"""Custom fields of a deal: which there are, what they hold, and what was typed turned into what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from django.utils import translation
from django.utils.translation import gettext as _

from baton.platform.errors import Refusal
from baton.platform.fields.models import FieldDefinition
from baton.sales.deals.models import Deal

Kind = FieldDefinition.Kind


@dataclass(frozen=True)
class CustomValue:
    """A field of a deal with its value as kept in JSON; None where it is empty."""

    field: FieldDefinition
    value: Any

    @property
    def name(self) -> str:
        return f"custom-{self.field.pk}"

    @property
    def shown(self) -> str:
        if self.value is None:
            return ""
        if self.field.kind == Kind.FLAG:
            return _("Yes") if self.value else _("No")
        return str(self.value)


def custom_values(deal: Deal) -> list[CustomValue]:
    """Every field defined for deals that is not hidden, by label."""
    defined = FieldDefinition.objects.filter(on=FieldDefinition.On.DEAL, is_hidden=False).order_by("label")
    return [CustomValue(field, deal.custom.get(str(field.pk))) for field in defined]


def with_typed(deal: Deal, typed: Mapping[str, str]) -> dict[str, Any]:
    """The deal's custom values with those in `typed` ("custom-7": "12") set. Raises Refusal for what does not fit."""
    custom = dict(deal.custom)
    for known in custom_values(deal):
        if known.name in typed:
            value = _kept(known.field, typed[known.name].strip())
            custom[str(known.field.pk)] = value
            if value is None:
                del custom[str(known.field.pk)]
    return custom


def _kept(field: FieldDefinition, text: str) -> Any:
    if not text:
        return None
    if field.kind == Kind.NUMBER:
        return _number(field, text)
    if field.kind == Kind.DATE:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise Refusal(_("%(field)s: write a day.") % {"field": field.label}) from None
    if field.kind == Kind.FLAG:
        return text == "yes"
    if field.kind == Kind.CHOICE and text not in field.choices:
        raise Refusal(_("%(field)s: choose one of the list.") % {"field": field.label})
    return text[:2000]


def _number(field: FieldDefinition, text: str) -> int | float:
    try:
        number = parse_decimal(text, locale=translation.get_language() or "en")
    except (NumberFormatError, InvalidOperation):
        raise Refusal(_("%(field)s: write a number.") % {"field": field.label}) from None
    if not number.is_finite() or abs(number) > 10**15:
        raise Refusal(_("%(field)s: write a number.") % {"field": field.label})
    return int(number) if number == int(number) else float(number)
