"""A condition of a kind as the texts of its fields, and the condition that such texts stand for.

The fields are those of the table of kinds (shapes.py); a condition on a related record is four fields of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from baton.marketing.segments.records import fields_of
from baton.marketing.segments.rules import BadRule
from baton.marketing.segments.shapes import MAX_WHERE, SHAPES, Param
from baton.marketing.segments.vocabulary import NUMBER, TEXT, WITH_DAYS, WITH_LIST, WITHOUT_VALUE

LINE = ("field", "op", "value", "until")


def names_of(kind: str) -> list[str]:
    """The names of all fields of a kind."""
    names: list[str] = []
    for param in SHAPES.get(kind, []):
        names += [line_name(n, part) for n in range(MAX_WHERE) for part in LINE] if _is_lines(param) else [param.name]
    return names


def line_name(number: int, part: str) -> str:
    """The name of a field of the condition `number` on a related record."""
    return f"where_{number}_{part}"


def parts_of(kind: str, leaf: Mapping[str, Any]) -> dict[str, str]:
    """A checked condition as texts; what it does not say is left out."""
    parts: dict[str, str] = {}
    for param in SHAPES[kind]:
        value = leaf.get(param.name, None if _is_spanned(leaf) and param.kind == "days" else param.default)
        if _is_lines(param):
            for number, one in enumerate(value or []):
                parts |= {line_name(number, part): text for part, text in _line(one).items() if text}
        elif value is not None:
            parts[param.name] = str(value)
    return parts


def leaf_of(kind: str, parts: Mapping[str, str]) -> dict[str, Any]:
    """The condition that texts stand for, not checked yet. Raises BadRule for a text that cannot be read.

    Nothing written is nothing said, but days with a default: those are ever.
    """
    leaf: dict[str, Any] = {}
    for param in SHAPES[kind]:
        text = parts.get(param.name, "").strip()
        if _is_lines(param):
            if lines := _lines(parts, fields_of(parts.get(kind, ""))):
                leaf[param.name] = lines
        elif text:
            leaf[param.name] = _read(param, text)
        elif param.kind == "days" and param.default is not None and not _is_spanned(parts):
            leaf[param.name] = None
        elif param.is_needed:
            raise BadRule(_("%(name)s is missing.") % {"name": param.name})
    return leaf


def value_of(kind: str, op: str, value: str, until: str) -> dict[str, Any]:
    """What a comparison of a type compares with: {} or {"value": ...}. Raises BadRule."""
    if op in WITHOUT_VALUE:
        return {}
    if op in WITH_LIST:
        return {"value": [part.strip() for part in value.split(",") if part.strip()]}
    if op in WITH_DAYS:
        return {"value": read_count(value)}
    read = read_number if kind == NUMBER else str
    return {"value": [read(value), read(until)] if op == "between" else read(value)}


def texts_of(op: str, value: Any) -> tuple[str, str]:
    """A comparison's value as the texts of two fields."""
    if op == "between":
        return str(value[0]), str(value[1])
    return (", ".join(value) if isinstance(value, list) else str(value)), ""


def read_number(text: str) -> int | float:
    try:
        plain = text.replace(" ", "").replace(",", ".")
        return float(plain) if "." in plain else int(plain)
    except ValueError:
        raise BadRule(_("Give a number.")) from None


def read_count(text: str) -> int:
    return _whole(text, least=1)


def _whole(text: str, *, least: int) -> int:
    if not (text.isdecimal() and least <= int(text) < 10**9):
        raise BadRule(_("Give a count from %(least)s.") % {"least": least})
    return int(text)


def _read(param: Param, text: str) -> Any:
    if param.kind in ("count", "days"):
        return read_count(text)
    if param.kind in ("whole", "id"):
        return _whole(text, least=0)
    return read_number(text) if param.kind == "number" else text


def _is_lines(param: Param) -> bool:
    return param.kind == "conditions"


def _is_spanned(said: Mapping[str, Any]) -> bool:
    """Whether a window goes from a day or until a day, and not days back from now."""
    return bool(said.get("since") or said.get("until"))


def _line(one: Mapping[str, Any]) -> dict[str, str]:
    value, until = texts_of(one["op"], one.get("value", ""))
    return {"field": one["field"], "op": one["op"], "value": value, "until": until}


def _lines(parts: Mapping[str, str], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    lines = []
    for number in range(MAX_WHERE):
        field, op, value, until = (parts.get(line_name(number, part), "").strip() for part in LINE)
        if field:
            kind = known[field].kind if field in known else TEXT
            lines.append({"field": field, "op": op, **value_of(kind, op, value, until)})
    return lines
