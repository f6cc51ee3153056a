"""The language of segments: a tree of all / any / none with typed leaves, checked, and read back as a sentence. Pure.

Semantics, fixed here and held by tests:
- An unknown value (null or empty) satisfies no comparison, neither "is" nor "is not"; only "is unknown" finds it, and
  a comparison that says `or_unknown`.
- Texts compare without regard to case and accents (folded); numbers and dates compare as such.
- Windows are half-open: the last n days are [now - n days, now), the next n days [now, now + n days).
- Days, weeks, months, quarters and years are the organisation's, in its zone; "is between" holds both days.
- Events are counted in the window after everything else said of them; at_most includes those who never did it.
- Consent is what the newest evidence says; "reachable" is given, not run out, and with an address
  that is not suppressed.
- An empty `all` holds everyone, an empty `any` no one, an empty `none` everyone.

- A sum over no numbers is 0; an average, least or most of none is unknown and satisfies nothing.
- "A then B within d": B strictly after A, at most d later, both in the window.
- "Has been X for n days": is X now, was not anything else in those days, and is known at least that long.
- "All of their deals" holds for nobody without a deal.

Leaves are comparisons of an attribute, {"attribute", "op", "value", "or_unknown"}, and the kinds of shapes.py, which
lists the parameters of each. Custom fields are attributes: custom.KEY and
company.custom.KEY. `schema.py` says the same as a published JSON schema.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.marketing.segments.calendar import is_day
from baton.marketing.segments.shapes import KINDS, MAX_DAYS, fault, is_number, kind_of
from baton.marketing.segments.vocabulary import (
    ATTRIBUTES,
    DATE,
    NUMBER,
    OPERATORS,
    SPANS,
    TEXT,
    WITH_DAYS,
    WITH_LIST,
    WITH_SPAN,
    WITHOUT_VALUE,
)

MODES = {"all": gettext_lazy("all of"), "any": gettext_lazy("any of"), "none": gettext_lazy("none of")}
MAX_LEAVES, MAX_DEPTH = 200, 8

PROP = re.compile(r"\w[\w.:-]{0,59}", re.ASCII)

Attributes = dict[str, tuple[Any, str]]


class BadRule(ValueError):
    """The rule is not one; the message says where and what is expected."""


def check(rule: Any, *, depth: int = 0, custom: Attributes | None = None) -> int:
    """Refuse what is not a rule and give the number of its leaves. Raises BadRule.

    `custom` are the custom fields there are, as attributes; without them a custom field is taken on trust.
    """
    if depth > MAX_DEPTH:
        raise BadRule(_("Groups are nested deeper than %(depth)s.") % {"depth": MAX_DEPTH})
    if not isinstance(rule, dict) or not rule:
        raise BadRule(_not_a_condition())
    mode = mode_of(rule)
    if mode is None:
        _check_leaf(rule, custom)
        return 1
    if set(rule) != {mode} or not isinstance(rule[mode], list):
        raise BadRule(_("A group has one key, all, any or none, with a list."))
    count = sum(check(part, depth=depth + 1, custom=custom) for part in rule[mode])
    if count > MAX_LEAVES:
        raise BadRule(_("More than %(count)s conditions.") % {"count": MAX_LEAVES})
    return count


def mode_of(rule: dict[str, Any]) -> str | None:
    """all, any or none for a group; None for a leaf."""
    return next((mode for mode in MODES if mode in rule), None)


def leaves(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """All leaves of a checked rule, in reading order."""
    mode = mode_of(rule)
    if mode is None:
        return [rule]
    return [leaf for part in rule[mode] for leaf in leaves(part)]


def attribute(name: str, custom: Attributes | None = None) -> tuple[Any, str] | None:
    """Label and type of an attribute, also of a custom field; None when there is no such thing."""
    found = ATTRIBUTES.get(name) or (custom or {}).get(name)
    if found is None and custom is None and name.removeprefix("company.").startswith("custom."):
        return name.rpartition(".")[2].replace("_", " "), ""
    return found


def _not_a_condition() -> str:
    return _("A condition is an object with one of all, any, none, %(kinds)s.") % {"kinds": ", ".join(KINDS)}


def _check_leaf(leaf: dict[str, Any], custom: Attributes | None) -> None:
    kind = kind_of(leaf)
    if kind is None:
        raise BadRule(_not_a_condition())
    if kind == "attribute":
        _check_attribute(leaf, custom)
    elif wrong := fault(kind, leaf):
        raise BadRule(wrong)
    elif leaf.get("prop") and not PROP.fullmatch(leaf["prop"]):
        raise BadRule(_("A property has a name of letters, digits, dots and underscores."))


def _check_attribute(leaf: dict[str, Any], custom: Attributes | None) -> None:
    found = attribute(leaf["attribute"], custom) if isinstance(leaf["attribute"], str) else None
    if found is None:
        raise BadRule(_("There is no attribute %(name)s.") % {"name": leaf["attribute"]})
    label, kind = found
    if set(leaf) - {"attribute", "op", "value", "or_unknown"} or not isinstance(leaf.get("or_unknown", True), bool):
        raise BadRule(_("A comparison has attribute, op, value and or_unknown."))
    operator, value = leaf.get("op"), leaf.get("value")
    if operator not in (OPERATORS[kind] if kind else _every_operator()):
        raise BadRule(_("%(name)s cannot be compared by %(op)s.") % {"name": label, "op": operator})
    if kind and operator not in WITHOUT_VALUE and (wanted := _wanted(kind, operator, value)):
        raise BadRule(wanted % {"name": label})


def _wanted(kind: str, operator: Any, value: Any) -> str:
    """What a comparison needs and has not; "" when the value is right."""
    if operator in WITH_LIST:
        is_right = isinstance(value, list) and value and all(isinstance(one, str) and one for one in value)
        return "" if is_right else _("%(name)s needs a list of texts.")
    if operator in WITH_DAYS:
        return "" if is_number(value) and 0 < value <= MAX_DAYS else _("%(name)s is compared with a number of days.")
    if operator == "between":
        test = is_day if kind == DATE else is_number
        is_right = isinstance(value, list) and len(value) == 2 and all(map(test, value)) and value[0] <= value[1]
        return "" if is_right else _("%(name)s needs two values, the smaller first.")
    if kind == TEXT:
        return "" if isinstance(value, str) and value else _("%(name)s is compared with a text.")
    if kind == NUMBER:
        return "" if is_number(value) else _("%(name)s is compared with a number.")
    if operator in WITH_SPAN:
        return "" if value in SPANS else _("%(name)s is compared with day, week, month, quarter or year.")
    return "" if is_day(value) else _("%(name)s is compared with a day such as 2026-03-31.")


def _every_operator() -> set[str]:
    return {operator for kind in OPERATORS.values() for operator in kind}
