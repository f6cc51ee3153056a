"""A rule read back as a sentence. Pure but for the translation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from baton.marketing.segments.records import Field, fields_of, label_of
from baton.marketing.segments.rules import Attributes, attribute, mode_of
from baton.marketing.segments.shapes import FUNCTIONS, HOW_LONG, HOW_MANY, MESSAGES, OCCURRENCES, kind_of
from baton.marketing.segments.vocabulary import CONSENT_STATES, EVENTS, NUMBER, OPERATORS, SPANS, WITH_SPAN
from baton.people.lifecycle.rules import STAGE_CHOICES
from baton.people.returns.providers import labels


@dataclass(frozen=True)
class Names:
    """What things of a rule are called: all by id, but topics by key and custom fields as attributes."""

    segments: dict[int, str] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)
    lists: dict[int, str] = field(default_factory=dict)
    emails: dict[int, str] = field(default_factory=dict)
    links: dict[int, str] = field(default_factory=dict)
    custom: Attributes | None = None


def sentence(rule: dict[str, Any], names: Names | dict[int, str] | None = None) -> str:
    """The rule as one reads it: "Country is DE and (Fit is at least 50 or ...)". `names` may be segments by id."""
    return _say(rule, _names(names), top=True)


def say_leaf(leaf: dict[str, Any], names: Names | dict[int, str] | None = None) -> str:
    """One condition in words."""
    called = _names(names)
    kind = kind_of(leaf)
    say = _SAYS.get(kind or "")
    return say(leaf, called) if say else _attribute(leaf, called)


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
    elif operator in WITH_SPAN:
        value = SPANS.get(value, value)
    elif leaf["attribute"] == "lifecycle":
        value = dict(STAGE_CHOICES).get(value, value)
    said = f"{label} {operators.get(operator, operator)} {value}".strip()
    return _("%(condition)s or is unknown") % {"condition": said} if leaf.get("or_unknown") else said


def _event(leaf: dict[str, Any], names: Names) -> str:
    what = _what(leaf)
    if leaf.get("then"):
        then = _what({"event": leaf["then"], "path": leaf.get("then_path", "")})
        minutes = leaf["within_minutes"]
        within = ngettext("within a minute", "within %(n)s minutes", minutes) % {"n": minutes}
        what = _("%(first)s and %(within)s later %(then)s") % {"first": what, "within": within, "then": then}
    elif leaf.get("occurrence"):
        what = f"{what} {OCCURRENCES[leaf['occurrence']]}"
    else:
        what = f"{what} {_times(leaf)}"
    return f"{what} {_when(leaf)}".strip()


def _what(leaf: dict[str, Any]) -> str:
    what = str(EVENTS.get(leaf["event"], leaf["event"].replace("_", " ")))
    for key, text in _WHERE.items():
        if leaf.get(key):
            what += " " + str(text) % {"value": leaf[key]}
    if leaf.get("prop"):
        what += " " + _("where %(prop)s is %(value)s") % {"prop": leaf["prop"], "value": leaf.get("is", "")}
    return what


def _when(leaf: dict[str, Any]) -> str:
    since, until = leaf.get("since"), leaf.get("until")
    if since and until:
        return _("from %(since)s until %(until)s") % {"since": since, "until": until}
    if since or until:
        return _("since %(day)s") % {"day": since} if since else _("until %(day)s") % {"day": until}
    return _window(leaf.get("days", 30))


def _aggregate(leaf: dict[str, Any], names: Names) -> str:
    of = _("value") if leaf.get("of", "value") == "value" else leaf["of"]
    compared = str(OPERATORS[NUMBER][leaf["op"]])
    value = (
        _("%(least)s and %(most)s") % {"least": leaf["value"], "most": leaf["upto"]}
        if "upto" in leaf
        else leaf["value"]
    )
    what = _what({**leaf, "event": leaf["event"]})
    return _("%(function)s of %(of)s where they %(what)s %(compared)s %(value)s %(when)s") % {
        "function": FUNCTIONS[leaf["aggregate"]], "of": of, "what": what, "compared": compared, "value": value,
        "when": _when(leaf),
    }  # fmt: skip


def _message(leaf: dict[str, Any], names: Names) -> str:
    if leaf.get("email"):
        mail = _("the email %(name)s") % {"name": names.emails.get(leaf["email"], f"#{leaf['email']}")}
    elif leaf.get("campaign"):
        mail = _("an email of campaign %(name)s") % {"name": leaf["campaign"]}
    else:
        mail = _("an email")
    if leaf.get("link"):
        url = names.links.get(leaf["link"], f"#{leaf['link']}")
        said = _("clicked %(url)s in %(mail)s") % {"url": url, "mail": mail}
    else:
        said = f"{MESSAGES[leaf['message']]} {mail}"
    if leaf.get("without"):
        said += " " + (_("and did not open it") if leaf["without"] == "opened" else _("and did not click in it"))
    if leaf.get("at_least", 1) > 1:
        said += " " + ngettext("at least once", "at least %(n)s times", leaf["at_least"]) % {"n": leaf["at_least"]}
    return f"{said} {_window(leaf['days'])}" if leaf.get("days") else said


def _consent(leaf: dict[str, Any], names: Names) -> str:
    topic = names.topics.get(leaf["consent"], leaf["consent"])
    return str(CONSENT_STATES[leaf.get("state", "given")]) % {"topic": topic, "days": leaf.get("days")}


def _reached(leaf: dict[str, Any], names: Names) -> str:
    stage = dict(STAGE_CHOICES).get(leaf["reached"], leaf["reached"])
    if leaf.get("days"):
        return _("became %(stage)s in the last %(days)s days") % {"stage": stage, "days": leaf["days"]}
    return _("was ever %(stage)s") % {"stage": stage}


def _listed(leaf: dict[str, Any], names: Names) -> str:
    said = _("is on the list %(name)s") % {"name": names.lists.get(leaf["list"], f"#{leaf['list']}")}
    if leaf.get("days"):
        return _("%(said)s, put there %(when)s") % {"said": said, "when": _window(leaf["days"])}
    return said


def _changed(leaf: dict[str, Any], names: Names) -> str:
    said = _("%(attribute)s changed") % {"attribute": _label(leaf["changed"], names)}
    for key, text in (("from", _("from %(value)s")), ("to", _("to %(value)s"))):
        if leaf.get(key):
            said += " " + text % {"value": _shown(leaf["changed"], leaf[key])}
    return f"{said} {_window(leaf.get('days'))}"


def _has_been(leaf: dict[str, Any], names: Names) -> str:
    how = HOW_LONG[leaf.get("how", "at_least")]
    days = ngettext("%(n)s day", "%(n)s days", leaf["days"]) % {"n": leaf["days"]}
    return _("%(attribute)s has been %(value)s %(how)s %(days)s") % {
        "attribute": _label(leaf["has_been"], names), "value": _shown(leaf["has_been"], leaf["value"]),
        "how": how, "days": days,
    }  # fmt: skip


def _label(name: str, names: Names) -> str:
    return str((attribute(name, names.custom) or (name, ""))[0])


def _shown(name: str, value: Any) -> Any:
    return dict(STAGE_CHOICES).get(value, value) if name == "lifecycle" else value


def _related(leaf: dict[str, Any], names: Names) -> str:
    fields = fields_of(leaf["related"])
    which = leaf.get("which", "any")
    many = f"{HOW_MANY[which]} {leaf['times']}" if "times" in leaf else str(HOW_MANY[which])
    said = _("of their %(records)s %(many)s") % {"records": label_of(leaf["related"]), "many": many}
    told = [_field(one, fields.get(one["field"])) for one in leaf.get("where") or []]
    return _("%(said)s where %(conditions)s") % {"said": said, "conditions": _(" and ").join(told)} if told else said


def _field(one: dict[str, Any], field: Field | None) -> str:
    if field is None:
        return str(one["field"])
    value = one.get("value", "")
    value = dict(field.choices()).get(value, value) if field.choices and isinstance(value, str) else value
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return f"{field.label} {OPERATORS[field.kind].get(one['op'], one['op'])} {SPANS.get(value, value)}".strip()


def _bucket(leaf: dict[str, Any], names: Names) -> str:
    return _("is in the random share %(salt)s from %(least)s to %(most)s percent") % {
        "salt": leaf["bucket"], "least": leaf["from"], "most": leaf["to"]}  # fmt: skip


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


_WHERE: dict[str, Any] = {
    "path": gettext_lazy("on %(value)s"),
    "campaign": gettext_lazy("from campaign %(value)s"),
    "source": gettext_lazy("from source %(value)s"),
    "medium": gettext_lazy("by %(value)s"),
    "referrer": gettext_lazy("coming from %(value)s"),
    "device": gettext_lazy("on a %(value)s"),
    "country": gettext_lazy("in %(value)s"),
}
_SAYS: dict[str, Callable[[dict[str, Any], Names], str]] = {
    "attribute": _attribute,
    "event": _event,
    "aggregate": _aggregate,
    "message": _message,
    "consent": _consent,
    "reached": _reached,
    "changed": _changed,
    "has_been": _has_been,
    "list": _listed,
    "related": _related,
    "fact": lambda leaf, names: str(leaf["fact"]).replace("_", " "),
    "segment": lambda leaf, names: (
        _("is in %(segment)s") % {"segment": names.segments.get(leaf["segment"], f"#{leaf['segment']}")}
    ),
    "provider": lambda leaf, names: (
        _("has mail at %(provider)s") % {"provider": labels().get(leaf["provider"], leaf["provider"])}
    ),
    "bucket": _bucket,
}
