"""Custom fields as attributes of a rule: custom.KEY of the contact, company.custom.KEY of the company."""

from __future__ import annotations

from dataclasses import dataclass

from baton.marketing.segments.rules import Attributes
from baton.marketing.segments.vocabulary import DATE, FLAG, NUMBER, TEXT
from baton.platform.fields.models import FieldDefinition

_KINDS: dict[str, str] = {
    FieldDefinition.Kind.TEXT: TEXT,
    FieldDefinition.Kind.NUMBER: NUMBER,
    FieldDefinition.Kind.DATE: DATE,
    FieldDefinition.Kind.FLAG: FLAG,
    FieldDefinition.Kind.CHOICE: TEXT,
}
_COLUMNS: dict[str, str] = {FieldDefinition.On.CONTACT: "custom", FieldDefinition.On.COMPANY: "company__custom"}


@dataclass(frozen=True)
class CustomField:
    """Where a custom field's values stand: `column` holds the JSON, `key` is the field's place in it."""

    label: str
    kind: str
    column: str
    key: str


def custom_fields() -> dict[str, CustomField]:
    """Every custom field of contacts and companies by attribute; hidden ones too, for rules that have them."""
    found = FieldDefinition.objects.filter(on__in=_COLUMNS).order_by("on", "label")
    return {
        f"{_COLUMNS[one.on].replace('__', '.')}.{one.key}": CustomField(
            one.label, _KINDS[one.kind], _COLUMNS[one.on], str(one.pk)
        )
        for one in found
    }


def custom_attributes() -> Attributes:
    """The same as rules.check and the sentence take them."""
    return {name: (field.label, field.kind) for name, field in custom_fields().items()}
