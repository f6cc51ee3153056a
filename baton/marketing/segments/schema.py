"""The published JSON schema of rules (draft 2020-12), made from the same tables that check them."""

from __future__ import annotations

from typing import Any

from baton.marketing.segments.rules import MAX_DAYS, MODES, PROP
from baton.marketing.segments.vocabulary import ATTRIBUTES, CONSENT_STATES, OPERATORS, SPANS


def rule_schema() -> dict[str, Any]:
    """What a rule may look like, for editors and other programs. rules.check decides; it knows own fields too."""
    leaves = [_attribute(), _event(), _consent(), _reached(), _named("fact", "string"), _named("segment", "integer")]
    groups = [_closed({mode: {"type": "array", "items": {"$ref": "#"}}}, [mode]) for mode in MODES]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A segment's rule",
        "description": "Groups all, any and none of conditions; a rule may be one condition alone.",
        "oneOf": [*groups, *leaves],
    }


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _named(kind: str, type_: str) -> dict[str, Any]:
    return _closed({kind: {"type": type_}}, [kind])


def _attribute() -> dict[str, Any]:
    own = {"type": "string", "pattern": r"^(company\.)?custom\.[-\w]+$"}
    operators = sorted({operator for kind in OPERATORS.values() for operator in kind})
    one = {"type": ["string", "number"], "description": f"A text, a number, a day, or one of {', '.join(SPANS)}."}
    value = {"oneOf": [one, {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1}]}
    name = {"anyOf": [{"enum": list(ATTRIBUTES)}, own]}
    return _closed({"attribute": name, "op": {"enum": operators}, "value": value}, ["attribute", "op"])


def _event() -> dict[str, Any]:
    text = {"type": "string"}
    return _closed(
        {
            "event": {"type": "string", "minLength": 1},
            "path": {**text, "description": "A part of the page's address."},
            "campaign": text,
            "prop": {"type": "string", "pattern": f"^{PROP.pattern}$"},
            "is": {**text, "description": "The value of prop."},
            "at_least": {"type": "integer", "minimum": 1, "default": 1},
            "at_most": {"type": "integer", "minimum": 0, "description": "Includes those who never did it."},
            "days": {**_days(), "default": 30, "description": "The window back from now; null is ever."},
        },
        ["event"],
    )


def _days() -> dict[str, Any]:
    return {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_DAYS}


def _consent() -> dict[str, Any]:
    state = {"enum": list(CONSENT_STATES), "default": "given"}
    return _closed({"consent": {"type": "string"}, "state": state}, ["consent"])


def _reached() -> dict[str, Any]:
    return _closed({"reached": {"type": "string"}, "days": _days()}, ["reached"])
