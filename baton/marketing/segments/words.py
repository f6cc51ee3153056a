"""A rule read back as a sentence. Pure but for the translation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baton.marketing.segments.rules import Attributes, attribute, mode_of
from baton.marketing.segments.vocabulary import CONSENT_STATES, EVENTS, OPERATORS, SPANS
from baton.people.lifecycle.rules import STAGE_CHOICES


@dataclass(frozen=True)
class Names:
    """What things of a rule are called: segments by id, topics by key, custom fields as attributes."""

    segments: dict[int, str] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)
    custom: Attributes | None = None


def sentence(rule: dict[str, Any], names: Names | dict[int, str] | None = None) -> str:
    """The rule as one reads it: "Country is DE and (Fit is at least 50 or ...)". `names` may be segments by id."""
    return _say(rule, _names(names), top=True)


def say_leaf(leaf: dict[str, Any], names: Names | dict[int, str] | None = None) -> str:
    """One condition in words."""
    called = _names(names)
    if "attribute" in leaf:
        return _attribute(leaf, called)
    if "event" in leaf:
        return _event(leaf)
    if "consent" in leaf:
        topic = called.topics.get(leaf["consent"], leaf["consent"])
        return str(CONSENT_STATES[leaf.get("state", "given")]) % {"topic": topic}
    if "reached" in leaf:
        stage = dict(STAGE_CHOICES).get(leaf["reached"], leaf["reached"])
        if leaf.get("days"):
            return _("became %(stage)s in the last %(days)s days") % {"stage": stage, "days": leaf["days"]}
        return _("was ever %(stage)s") % {"stage": stage}
    if "fact" in leaf:
        return leaf["fact"].replace("_", " ")
    return _("is in %(segment)s") % {"segment": called.segments.get(leaf["segment"], f"#{leaf['segment']}")}


def _names(names: Names | dict[int, str] | None) -> Names:
    return names if isinstance(names, Names) else Names(segments=names or {})


def _say(rule: dict[str, Any], names: Names, *, top: bool = False) -> str:
    mode = mode_of(rule)
    if mode is None:
        return say_leaf(rule, names)
    parts = [_say(part, names) for part in rule[mode]]
    if not parts:
        return _("no one") if mode == "any" else _("everyone")
    if mode == "none":
        return _("not (%(parts)s)") % {"parts": _(" or ").join(parts)}
    joined = (_(" and ") if mode == "all" else _(" or ")).join(parts)
    return joined if top or len(parts) == 1 else f"({joined})"


def _attribute(leaf: dict[str, Any], names: Names) -> str:
    label, kind = attribute(leaf["attribute"], names.custom) or (leaf["attribute"], "")
    operators = OPERATORS.get(kind) or {op: text for kinds in OPERATORS.values() for op, text in kinds.items()}
    operator, value = leaf["op"], leaf.get("value", "")
    if operator == "between":
        value = _("%(least)s and %(most)s") % {"least": value[0], "most": value[1]}
    elif isinstance(value, list):
        value = ", ".join(value)
    elif operator == "this":
        value = SPANS.get(value, value)
    elif leaf["attribute"] == "lifecycle":
        value = dict(STAGE_CHOICES).get(value, value)
    return f"{label} {operators.get(operator, operator)} {value}".strip()


def _event(leaf: dict[str, Any]) -> str:
    what = str(EVENTS.get(leaf["event"], leaf["event"].replace("_", " ")))
    for key, text in (("path", _("on %(value)s")), ("campaign", _("from campaign %(value)s"))):
        if leaf.get(key):
            what += " " + text % {"value": leaf[key]}
    if leaf.get("prop"):
        what += " " + _("where %(prop)s is %(value)s") % {"prop": leaf["prop"], "value": leaf.get("is", "")}
    return f"{what} {_times(leaf)} {_window(leaf.get('days', 30))}".strip()


def _times(leaf: dict[str, Any]) -> str:
    least, most = leaf.get("at_least"), leaf.get("at_most")
    if most is None:
        least = least or 1
        return ngettext("at least once", "at least %(n)s times", least) % {"n": least}
    if most == 0:
        return _("not once")
    if least == most:
        return ngettext("exactly once", "exactly %(n)s times", most) % {"n": most}
    if least:
        return _("%(least)s to %(most)s times") % {"least": least, "most": most}
    return ngettext("at most once", "at most %(n)s times", most) % {"n": most}


def _window(days: int | None) -> str:
    if days is None:
        return _("ever")
    return ngettext("in the last day", "in the last %(days)s days", days) % {"days": days}
