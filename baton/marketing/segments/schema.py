"""The published JSON schema of rules (draft 2020-12), made from the same tables that check them."""

from __future__ import annotations

from typing import Any

from baton.marketing.segments.rules import MODES, PROP
from baton.marketing.segments.shapes import MAX_DAYS, MAX_WHERE, SHAPES, Param
from baton.marketing.segments.vocabulary import ATTRIBUTES, OPERATORS, SPANS

_PLAIN: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "count": {"type": "integer", "minimum": 1},
    "whole": {"type": "integer", "minimum": 0},
    "days": {
        "type": ["integer", "null"],
        "minimum": 1,
        "maximum": MAX_DAYS,
        "description": "Back from now, or ever.",
    },
    "number": {"type": "number"},
    "id": {"type": "integer", "minimum": 0},
    "day": {"type": "string", "format": "date"},
}


def rule_schema() -> dict[str, Any]:
    """What a rule may look like, for editors and other programs. rules.check decides; it knows own fields too."""
    leaves = [_attribute(), *[_of_kind(params) for params in SHAPES.values()]]
    groups = [_closed({mode: {"type": "array", "items": {"$ref": "#"}}}, [mode]) for mode in MODES]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A segment's rule",
        "description": "Groups all, any and none of conditions; a rule may be one condition alone.",
        "oneOf": [*groups, *leaves],
    }


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _attribute() -> dict[str, Any]:
    own = {"type": "string", "pattern": r"^(company\.)?custom\.[-\w]+$"}
    name = {"anyOf": [{"enum": list(ATTRIBUTES)}, own]}
    unknown = {"type": "boolean", "description": "Whether an unknown value satisfies it too."}
    return _closed(
        {"attribute": name, "op": _operator(), "value": _value(), "or_unknown": unknown}, ["attribute", "op"]
    )


def _operator() -> dict[str, Any]:
    return {"enum": sorted({operator for kind in OPERATORS.values() for operator in kind})}


def _value() -> dict[str, Any]:
    one = {"type": ["string", "number"], "description": f"A text, a number, a day, or one of {', '.join(SPANS)}."}
    return {"oneOf": [one, {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1}]}


def _of_kind(params: list[Param]) -> dict[str, Any]:
    return _closed({param.name: _param(param) for param in params}, [one.name for one in params if one.is_needed])


def _param(param: Param) -> dict[str, Any]:
    if param.kind == "choice":
        schema: dict[str, Any] = {"enum": list(param.choices or {})}
    elif param.kind == "conditions":
        one = _closed({"field": {"type": "string"}, "op": _operator(), "value": _value()}, ["field", "op"])
        schema = {"type": "array", "items": one, "maxItems": MAX_WHERE}
    elif param.name == "prop":
        schema = {"type": "string", "pattern": f"^{PROP.pattern}$"}
    else:
        schema = dict(_PLAIN[param.kind])
        if param.kind == "text" and param.is_needed:
            schema["minLength"] = 1
    return schema if param.default is None else {**schema, "default": param.default}
