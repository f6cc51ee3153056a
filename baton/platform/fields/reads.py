"""Custom fields of a record: which there are, what they hold, and changes to them checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from baton.platform.fields.models import FieldDefinition
from baton.platform.fields.rules import BadField, from_text, kept_value


@dataclass(frozen=True)
class CustomValue:
    """A field with its value as kept in JSON; None where it is empty."""

    field: FieldDefinition
    value: Any

    @property
    def name(self) -> str:
        """The name of its input on a page."""
        return f"custom-{self.field.pk}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What a choice may be, as pages want it."""
        return [(one, one) for one in self.field.choices]

    @property
    def shown(self) -> str:
        if self.value is None:
            return ""
        if self.field.kind == FieldDefinition.Kind.FLAG:
            return _("Yes") if self.value else _("No")
        return str(self.value)


def custom_values(on: str, custom: Mapping[str, Any]) -> list[CustomValue]:
    """Every field defined on `on` ("contact") that is not hidden, by label, with what `custom` holds of it."""
    defined = FieldDefinition.objects.filter(on=on, is_hidden=False).order_by("label", "pk")
    return [CustomValue(field, custom.get(str(field.pk))) for field in defined]


def with_typed(on: str, custom: Mapping[str, Any], typed: Mapping[str, str], *, locale: str) -> dict[str, Any]:
    """`custom` with what a page sent ("custom-7": "12") set; empty takes a value out. Raises BadField."""
    changes = {
        str(one.field.pk): from_text(one.field, typed[one.name], locale=locale)
        for one in custom_values(on, custom)
        if one.name in typed
    }
    return _with(custom, changes)


def with_values(on: str, custom: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """`custom` with JSON values set by field key or id; None takes a value out. Raises BadField, also if unknown."""
    defined = FieldDefinition.objects.filter(on=on, is_hidden=False)
    by_name = {name: field for field in defined for name in (str(field.pk), field.key)}
    unknown = [name for name in values if name not in by_name]
    if unknown:
        raise BadField(_("There is no custom field of that name."))
    return _with(custom, {str(by_name[name].pk): kept_value(by_name[name], value) for name, value in values.items()})


def _with(custom: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**custom, **changes}.items() if value is not None}
