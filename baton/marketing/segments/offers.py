"""What the builder offers: things to ask about, comparisons of each type, and values from the data there is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.marketing.segments.builder import Row, fitting
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.leaves.messages import broadcasts, links_of_emails
from baton.marketing.segments.models import ContactList, Segment
from baton.marketing.segments.parts import line_name
from baton.marketing.segments.records import COLLEAGUES, fields_of, label_of, record_kinds
from baton.marketing.segments.rules import Attributes, attribute
from baton.marketing.segments.shapes import MAX_WHERE, SHAPES, WHERE, Param
from baton.marketing.segments.vocabulary import (
    ATTRIBUTES,
    CONSENT_STATES,
    DATE,
    EVENTS,
    FEW_VALUES,
    NUMBER,
    OPERATORS,
    SPANS,
    TEXT,
    WITH_DAYS,
    WITH_SPAN,
    WITHOUT_VALUE,
)
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.reads import values_in_use
from baton.people.lifecycle.rules import STAGE_CHOICES
from baton.platform import wiring
from baton.tracking.store import ask

Choices = list[tuple[str, str]]
OFFERED = 60
# Fields that are folded away beside those of WHERE.
SELDOM: dict[str, set[str]] = defaultdict(set) | {
    "event": {"since", "until", "at_least", "at_most"},
    "aggregate": {"since", "until"},
    "message": {"link", "campaign", "at_least"},
}
# Fields that another one's value gives sense to.
WITH_SENSE = {
    "times": ("which", {"at_least", "at_most"}),
    "upto": ("op", {"between"}),
    "link": ("message", {"clicked"}),
}
WITH_THEN = {"then_path", "within_minutes"}
# Kinds of conditions with a row of fields each, as the choice of a condition says them.
WITH_FIELDS: dict[str, Any] = {
    "message": gettext_lazy("Mail: was sent, opened, clicked …"),
    "event": gettext_lazy("Did it first, last, or one after another"),
    "aggregate": gettext_lazy("Sum, average, least or most of what was done"),
    "changed": gettext_lazy("Changed"),
    "has_been": gettext_lazy("Has been for a time"),
    "list": gettext_lazy("Is on a list"),
    "related": gettext_lazy("Records: leads, deals, colleagues …"),
    "consent": gettext_lazy("Consent that runs out"),
    "provider": gettext_lazy("Mail provider"),
    "bucket": gettext_lazy("Random share"),
}
# What a new row of a kind says.
BEGINS = {
    "message": {"message": "sent", "without": "clicked", "days": "30"},
    "event": {"event": "pageview", "occurrence": "first", "days": "7"},
    "aggregate": {"aggregate": "sum", "event": "order", "of": "value", "op": "at_least", "days": "90"},
    "changed": {"changed": "lifecycle", "days": "30"},
    "has_been": {"has_been": "lifecycle", "how": "at_least", "days": "90"},
    "related": {"related": "leads", "which": "any"},
    "consent": {"state": "expires", "days": "30"},
    "provider": {"provider": "gmail"},
    "bucket": {"bucket": "holdout", "from": "0", "to": "10"},
}
KEPT_SECONDS = 300


@dataclass(frozen=True)
class Field:
    """A field of a condition: `input` is select, number, date or text; `offered` what may or must be chosen.

    `draws` says that other fields depend on it.
    """

    name: str
    label: str
    value: str
    input: str = "text"
    offered: Choices = field(default_factory=list)
    draws: bool = False


@dataclass(frozen=True)
class Shown:
    """A row with what it may choose: `operators` of its type, the kind of input its value takes, `offered` values.

    A row of a kind has `fields`, and `more` that are seldom needed.
    """

    row: Row
    operators: Choices = field(default_factory=list)
    input: str = ""
    offered: Choices = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    more: list[Field] = field(default_factory=list)

    @property
    def says_more(self) -> bool:
        return any(one.value for one in self.more)


def choices(segment: Segment | None, now: datetime) -> list[tuple[str, Choices]]:
    """What a condition may be about, in groups."""
    custom = custom_attributes()
    facts = getattr(wiring.page(), "SEGMENT_FACTS", {})
    others = Segment.objects.live()
    if segment and segment.pk:
        others = others.exclude(pk=segment.pk)
    contact = {name: label for name, (label, _kind) in ATTRIBUTES.items() if not name.startswith("company.")}
    company = {name: label for name, (label, _kind) in ATTRIBUTES.items() if name.startswith("company.")}
    groups: list[tuple[str, Choices]] = [
        (_("Contact"), [(f"attribute:{name}", str(label)) for name, label in contact.items()]),
        (_("Company"), [(f"attribute:{name}", str(label)) for name, label in company.items()]),
        (_("Own fields"), [(f"attribute:{name}", str(label)) for name, (label, _kind) in custom.items()]),
        (_("Did"), [(f"event:{name}", label) for name, label in event_names(now).items()]),
        (_("Consent"), [(f"consent:{topic.key}", topic.label) for topic in ConsentTopic.objects.order_by("label")]),
        (_("Lifecycle: has been"), [(f"reached:{key}", str(label)) for key, label in STAGE_CHOICES]),
        (_("Sales"), [(f"fact:{name}", name.replace("_", " ")) for name in facts]),
        (_("Is in segment"), [(f"segment:{one.pk}", one.name) for one in others]),
        (_("More"), [(f"shape:{kind}", str(label)) for kind, label in WITH_FIELDS.items()]),
    ]
    return [(title, options) for title, options in groups if options]


def event_names(now: datetime) -> dict[str, str]:
    """Events one may ask for: the usual ones, and those that came in the last 90 days."""
    seen = cache.get("segment-events")
    if seen is None:
        seen = [row["name"] for row in ask("event_names", since=now - timedelta(days=90))]
        cache.set("segment-events", seen, KEPT_SECONDS)
    usual = {name: str(label) for name, label in EVENTS.items()}
    return usual | {name: name.replace("_", " ") for name in seen if name not in usual}


def shown(rows: list[Row]) -> list[Shown]:
    """Rows ready to be drawn."""
    custom = custom_attributes()
    return [_shown(row, custom) for row in rows]


def _shown(row: Row, custom: Attributes) -> Shown:
    if row.kind == "shape" and row.name in SHAPES:
        return _shown_fields(row)
    if row.kind == "consent":
        topic = ConsentTopic.objects.filter(key=row.name).first() or row.name
        return Shown(row, _consent_states(topic))
    found = attribute(row.name, custom) if row.kind == "attribute" else None
    if not found or not found[1]:
        return Shown(row)
    operators = OPERATORS[found[1]]
    row = fitting(row, operators)
    offered = _offered(row) if found[1] == TEXT else []
    return Shown(row, [(key, str(label)) for key, label in operators.items()], _input(found[1], row.op), offered)


def _consent_states(topic: object) -> Choices:
    """What may be said of a topic by a plain row; that it runs out needs days, and a row of its kind."""
    return [(key, str(text) % {"topic": topic}) for key, text in CONSENT_STATES.items() if key != "expires"]


def _shown_fields(row: Row) -> Shown:
    """A row of a kind: what it needs and what it says at once, the conditions on where things happened folded."""
    plain: list[Field] = []
    more: list[Field] = []
    row = row if row.parts else replace(row, parts=BEGINS.get(row.name, {}))
    for param in SHAPES[row.name]:
        if not _has_sense(row, param):
            continue
        if param.kind == "conditions":
            plain += [one for number in range(MAX_WHERE) for one in _line(row, number)]
        else:
            (more if param.name in WHERE or param.name in SELDOM[row.name] else plain).append(_field(row, param))
    return Shown(row, fields=plain, more=more)


def _field(row: Row, param: Param) -> Field:
    value = row.parts.get(param.name, "")
    label = str(param.label)
    options = _options(param)
    if options is not None:
        empty = [] if param.is_needed or param.default else [("", "–")]
        draws = param.name in ("related", "op", "which", "message", "changed", "has_been")
        gone = [(value, value)] if value and value not in dict(options) else []
        return Field(param.name, label, value or str(param.default or ""), "select", empty + options + gone, draws)
    if not row.parts and param.default is not None:
        value = str(param.default)
    kind = {"day": "date", "text": "text"}.get(param.kind, "number")
    return Field(param.name, label, value, kind, _suggested(row, param), param.name == "then")


def _has_sense(row: Row, param: Param) -> bool:
    """Whether a field says something beside what the others say; what it holds stays shown until it is emptied."""
    if row.parts.get(param.name):
        return True
    if param.name in WITH_THEN:
        return bool(row.parts.get("then"))
    about, values = WITH_SENSE.get(param.name, ("", set()))
    return not about or row.parts.get(about) in values


def _options(param: Param) -> Choices | None:
    """What a field is chosen from; None for one that is typed."""
    if param.name == "state":
        return [(key, str(text) % {"topic": _("it"), "days": "…"}) for key, text in CONSENT_STATES.items()]
    if param.kind == "choice":
        return [(key, str(label)) for key, label in (param.choices or {}).items()]
    known: dict[str, Any] = {
        "email": lambda: _by_id(broadcasts().order_by("-pk").values_list("pk", "name")),
        "link": lambda: _by_id(links_of_emails().order_by("-pk").values_list("pk", "url")),
        "list": lambda: _by_id(ContactList.objects.live().values_list("pk", "name")),
        "consent": lambda: list(ConsentTopic.objects.order_by("label").values_list("key", "label")),
        "related": lambda: [(key, label_of(key)) for key in [*record_kinds(), COLLEAGUES]],
    }
    return known[param.name]() if param.name in known else None


def _by_id(rows: Any) -> Choices:
    return [(str(pk), name) for pk, name in rows[:OFFERED]]


def _suggested(row: Row, param: Param) -> Choices:
    """Values that are offered where any may be typed."""
    if param.name in ("event", "then"):
        return list(event_names(timezone.now()).items())
    about = row.parts.get("changed") or row.parts.get("has_been") or "lifecycle"
    if row.name in ("changed", "has_been") and param.name in ("from", "to", "value"):
        return _values(about)
    return []


def _line(row: Row, number: int) -> list[Field]:
    """The fields of one condition on a related record; none before the one above it is begun."""
    known = fields_of(row.parts.get("related", ""))
    chosen = row.parts.get(line_name(number, "field"), "")
    if not known or (number and not row.parts.get(line_name(number - 1, "field"))):
        return []
    named = [("", "–"), *((key, str(one.label)) for key, one in known.items())]
    line = [Field(line_name(number, "field"), _("where") if not number else _("and"), chosen, "select", named, True)]
    if chosen not in known:
        return line
    about = known[chosen]
    operators = [(key, str(label)) for key, label in OPERATORS[about.kind].items()]
    op = row.parts.get(line_name(number, "op"), "")
    op = op if op in OPERATORS[about.kind] else operators[0][0]
    line.append(Field(line_name(number, "op"), "", op, "select", operators, True))
    if kind := _input(about.kind, op):
        value = row.parts.get(line_name(number, "value"), "")
        offered = spans() if kind == "span" else (about.choices() if about.choices else [])
        must_choose = kind == "span" or bool(offered and op in ("is", "is_not"))
        line.append(Field(line_name(number, "value"), "", value, "select" if must_choose else kind, offered))
        if op == "between":
            until = line_name(number, "until")
            line.append(Field(until, _("and"), row.parts.get(until, ""), kind))
    return line


def _input(kind: str, operator: str) -> str:
    """The kind of field a value is typed into; "" where there is none."""
    if operator in WITHOUT_VALUE:
        return ""
    if operator in WITH_DAYS or kind == NUMBER:
        return "number"
    if operator in WITH_SPAN:
        return "span"
    return "date" if kind == DATE else "text"


def _offered(row: Row) -> Choices:
    return _values(row.name)


def _values(name: str) -> Choices:
    """What an attribute is of contacts now, where that is a few things."""
    if name == "lifecycle":
        return [(key, str(label)) for key, label in STAGE_CHOICES]
    if name not in FEW_VALUES:
        return []
    values = values_in_use(name.replace(".", "__"), most=OFFERED + 1)
    return [(value, value) for value in values if value]


def spans() -> Choices:
    """The calendar words of "is in this"."""
    return [(key, str(label)) for key, label in SPANS.items()]
