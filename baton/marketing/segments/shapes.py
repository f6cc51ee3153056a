"""What each kind of condition carries besides attribute comparisons: its parameters, checked by one table.

A leaf's kind is the first key of KINDS it has. Tables and pure checks only; rules.py calls them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from baton.marketing.segments.calendar import is_day
from baton.marketing.segments.vocabulary import ATTRIBUTES, CONSENT_STATES, NUMBER, OPERATORS
from baton.people.returns.providers import labels

MAX_DAYS = 36_525
MAX_WHERE = 3

# The keys by which a leaf is known; "aggregate" stands before "event" because it names an event too.
KINDS = [
    "attribute", "aggregate", "event", "message", "consent", "reached", "changed", "has_been", "list", "related",
    "fact", "segment", "provider", "bucket",
]  # fmt: skip

WHERE = {
    "path": _("on address with"),
    "campaign": _("from campaign"),
    "source": _("from source"),
    "medium": _("by medium"),
    "referrer": _("coming from site"),
    "device": _("on device"),
    "country": _("in country"),
    "prop": _("where property"),
    "is": _("is"),
}
FUNCTIONS = {"sum": _("Sum"), "average": _("Average"), "least": _("Least"), "most": _("Most")}
MESSAGES = {
    "sent": _("was sent"),
    "opened": _("opened"),
    "clicked": _("clicked in"),
    "unsubscribed": _("unsubscribed by"),
    "bounced": _("could not be reached by"),
    "complained": _("complained of"),
}
WITHOUT_MOMENT = {"bounced", "complained"}
HOW_MANY = {
    "any": _("at least one"),
    "all": _("each of them, and one at least"),
    "none": _("none"),
    "at_least": _("at least"),
    "at_most": _("at most"),
}
HOW_LONG = {"at_least": _("for at least"), "less_than": _("for less than")}
OCCURRENCES = {"first": _("for the first time"), "last": _("for the last time")}
# Attributes whose changes are kept: the journal has those of contacts, the lifecycle its own history.
WITH_HISTORY = {
    name: ATTRIBUTES[name][0]
    for name in ("lifecycle", "email", "phone", "job_title", "seniority", "city", "country", "locale", "source")
}


@dataclass(frozen=True)
class Param:
    """One parameter: `kind` is text, count, days, number, id, day, choice or list; days may be null, which is ever."""

    name: str
    kind: str
    label: Any = ""
    choices: Mapping[str, Any] | None = None
    is_needed: bool = False
    default: Any = None


_WHERE = [Param(name, "text", label) for name, label in WHERE.items()]
_DAYS = Param("days", "days", _("in days"))
_SPAN = [Param("since", "day", _("from")), Param("until", "day", _("until"))]
_NUMBER_OPS = {op: label for op, label in OPERATORS[NUMBER].items() if op not in ("known", "unknown")}

SHAPES: dict[str, list[Param]] = {
    "event": [
        Param("event", "text", _("did"), is_needed=True),
        *_WHERE,
        Param("at_least", "count", _("at least times")),
        Param("at_most", "whole", _("at most times")),
        Param("days", "days", _("in days"), default=30),
        *_SPAN,
        Param("occurrence", "choice", _("which time"), OCCURRENCES),
        Param("then", "text", _("and then")),
        Param("then_path", "text", _("on address with")),
        Param("within_minutes", "count", _("within minutes")),
    ],
    "aggregate": [
        Param("aggregate", "choice", _("the"), FUNCTIONS, is_needed=True),
        Param("event", "text", _("of event"), is_needed=True),
        Param("of", "text", _("of what: value, or a property"), default="value"),
        Param("op", "choice", _("compares"), _NUMBER_OPS, is_needed=True),
        Param("value", "number", _("with"), is_needed=True),
        Param("upto", "number", _("and")),
        *_WHERE,
        Param("days", "days", _("in days"), default=30),
        *_SPAN,
    ],
    "message": [
        Param("message", "choice", _("who"), MESSAGES, is_needed=True),
        Param("without", "choice", _("and did not"), {key: MESSAGES[key] for key in ("opened", "clicked")}),
        Param("email", "id", _("email")),
        Param("link", "id", _("link")),
        Param("campaign", "text", _("of campaign")),
        Param("at_least", "count", _("at least times")),
        _DAYS,
    ],
    "consent": [
        Param("consent", "text", _("topic"), is_needed=True),
        Param("state", "choice", _("state"), CONSENT_STATES, default="given"),
        Param("days", "days", _("in days")),
    ],
    "reached": [Param("reached", "text", _("stage"), is_needed=True), _DAYS],
    "changed": [
        Param("changed", "choice", _("what"), WITH_HISTORY, is_needed=True),
        Param("from", "text", _("from")),
        Param("to", "text", _("to")),
        _DAYS,
    ],
    "has_been": [
        Param("has_been", "choice", _("whose"), WITH_HISTORY, is_needed=True),
        Param("value", "text", _("has been"), is_needed=True),
        Param("how", "choice", _("how long"), HOW_LONG, default="at_least"),
        Param("days", "count", _("days"), is_needed=True),
    ],
    "list": [Param("list", "id", _("list"), is_needed=True), Param("days", "days", _("put on it in days"))],
    "related": [
        Param("related", "text", _("whose"), is_needed=True),
        Param("which", "choice", _("of them"), HOW_MANY, default="any"),
        Param("times", "whole", _("how many")),
        Param("where", "conditions", _("where")),
    ],
    "fact": [Param("fact", "text", _("what"), is_needed=True)],
    "segment": [Param("segment", "id", _("segment"), is_needed=True)],
    "provider": [Param("provider", "choice", _("mail provider"), labels(), is_needed=True)],
    "bucket": [
        Param("bucket", "text", _("drawn for"), is_needed=True),
        Param("from", "number", _("from percent"), is_needed=True),
        Param("to", "number", _("to percent"), is_needed=True),
    ],
}  # fmt: skip


def kind_of(leaf: Mapping[str, Any]) -> str | None:
    """The kind of a leaf, None for what is none."""
    return next((kind for kind in KINDS if kind in leaf), None)


def fault(kind: str, leaf: Mapping[str, Any]) -> str:
    """What is wrong with a leaf of a kind other than attribute; "" when nothing is."""
    params = {param.name: param for param in SHAPES[kind]}
    if strange := set(leaf) - set(params):
        known = ", ".join(params)
        return _now("%(keys)s: a condition of this kind has nothing but %(known)s.") % {
            "keys": ", ".join(sorted(map(str, strange))), "known": known}  # fmt: skip
    for param in params.values():
        if param.name not in leaf:
            if param.is_needed:
                return _now("%(name)s is missing.") % {"name": param.name}
        elif not _fits(param, leaf[param.name]):
            return _now("%(name)s is not right: %(wanted)s.") % {"name": param.name, "wanted": _wanted(param)}
    return _TOGETHER.get(kind, lambda leaf: "")(leaf)


def _fits(param: Param, value: Any) -> bool:
    return {
        "text": lambda: isinstance(value, str) and (bool(value) or not param.is_needed),
        "count": lambda: is_count(value),
        "whole": lambda: is_whole(value),
        "days": lambda: value is None or (is_count(value) and value <= MAX_DAYS),
        "number": lambda: is_number(value),
        "id": lambda: is_whole(value),
        "day": lambda: is_day(value),
        "choice": lambda: isinstance(value, str) and value in (param.choices or {}),
        "conditions": lambda: isinstance(value, list) and len(value) <= MAX_WHERE and all(map(_is_condition, value)),
    }[param.kind]()


def _wanted(param: Param) -> str:
    return {
        "text": _now("a text"),
        "count": _now("a count from 1"),
        "whole": _now("a count from 0"),
        "days": _now("a count of days from 1, or null for ever"),
        "number": _now("a number"),
        "id": _now("a number that names it"),
        "day": _now("a day such as 2026-03-31"),
        "choice": _now("one of %(choices)s") % {"choices": ", ".join(param.choices or {})},
        "conditions": _now("up to three of field, op and value"),
    }[param.kind]


def _is_condition(value: Any) -> bool:
    return isinstance(value, dict) and {"field", "op"} <= set(value) <= {"field", "op", "value"}


def is_count(value: Any) -> bool:
    return is_whole(value) and value >= 1


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _event(leaf: Mapping[str, Any]) -> str:
    most = leaf.get("at_most")
    if most is not None and most < leaf.get("at_least", 0):
        return _now("at_most is less than at_least, so nobody can satisfy it.")
    counted = "at_least" in leaf or "at_most" in leaf
    if ("occurrence" in leaf) + ("then" in leaf) + counted > 1:
        return _now("An event is counted, or its first or last time is meant, or what came after: one of these.")
    if ("then" in leaf) != ("within_minutes" in leaf) or ("then_path" in leaf and "then" not in leaf):
        return _now("What comes after has then and within_minutes.")
    return _window(leaf)


def _aggregate(leaf: Mapping[str, Any]) -> str:
    if (leaf["op"] == "between") != ("upto" in leaf) or ("upto" in leaf and leaf["upto"] < leaf["value"]):
        return _now("is between needs value and upto, the smaller first; other comparisons value alone.")
    return _window(leaf)


def _window(leaf: Mapping[str, Any]) -> str:
    spanned = "since" in leaf or "until" in leaf
    if spanned and leaf.get("days") is not None:
        return _now("A window is days back from now, or from a day until a day, not both.")
    if "since" in leaf and "until" in leaf and leaf["since"] > leaf["until"]:
        return _now("The window ends before it begins.")
    return ""


def _message(leaf: Mapping[str, Any]) -> str:
    if leaf["message"] in WITHOUT_MOMENT and leaf.get("days") is not None:
        return _now("What could not be reached or complained has no window of days.")
    if "link" in leaf and (leaf["message"] != "clicked" or leaf.keys() & {"without", "at_least"}):
        return _now("A link is clicked: it goes with clicked, an email or a campaign, and days.")
    return ""


def _consent(leaf: Mapping[str, Any]) -> str:
    if (leaf.get("state") == "expires") != (leaf.get("days") is not None):
        return _now("Consent that runs out has days, other states have none.")
    return ""


def _related(leaf: Mapping[str, Any]) -> str:
    if (leaf.get("which") in ("at_least", "at_most")) != ("times" in leaf):
        return _now("at least and at most have times, the others none.")
    return ""


def _bucket(leaf: Mapping[str, Any]) -> str:
    return "" if 0 <= leaf["from"] < leaf["to"] <= 100 else _now("A share goes from a percent to a greater one.")


_TOGETHER = {
    "event": _event,
    "aggregate": _aggregate,
    "message": _message,
    "consent": _consent,
    "related": _related,
    "bucket": _bucket,
}
