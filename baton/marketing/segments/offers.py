"""What the builder offers: things to ask about, comparisons of each type, and values from the data there is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from baton.marketing.segments.builder import Row, fitting
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.models import Segment
from baton.marketing.segments.rules import Attributes, attribute
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
from baton.marketing.segments.words import say_leaf
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.lifecycle.rules import STAGE_CHOICES
from baton.platform import wiring
from baton.tracking.store import ask

Choices = list[tuple[str, str]]
OFFERED = 60
EXAMPLES: list[dict[str, Any]] = [
    {"message": "sent", "without": "clicked", "days": 30},
    {"event": "pageview", "path": "/pricing", "then": "form_submitted", "within_minutes": 60, "days": 30},
    {"event": "pageview", "occurrence": "first", "days": 7},
    {"aggregate": "sum", "event": "order", "of": "value", "op": "at_least", "value": 10000, "days": 90},
    {"changed": "lifecycle", "to": "customer", "days": 30},
    {"has_been": "lifecycle", "value": "lead", "how": "at_least", "days": 90},
    {"related": "deals", "which": "any", "where": [{"field": "state", "op": "is", "value": "open"}]},
    {"related": "colleagues", "which": "at_least", "times": 2},
    {"attribute": "country", "op": "is_not", "value": "DE", "or_unknown": True},
    {"consent": "newsletter", "state": "expires", "days": 30},
    {"bucket": "holdout", "from": 0, "to": 10},
]
KEPT_SECONDS = 300


@dataclass(frozen=True)
class Shown:
    """A row with what it may choose: `operators` of its type, the kind of input its value takes, `offered` values."""

    row: Row
    operators: Choices = field(default_factory=list)
    input: str = ""
    offered: Choices = field(default_factory=list)


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
        (_("More"), [("rule:", _("A condition as JSON"))]),
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
    if row.kind == "rule":
        return Shown(row, offered=_written(row))
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


def _written(row: Row) -> Choices:
    """A condition of each kind that is written as JSON, to begin from; what stands there first is said in words."""
    return [(json.dumps(leaf, ensure_ascii=False), say_leaf(leaf)) for leaf in EXAMPLES]


def _consent_states(topic: object) -> Choices:
    """What may be said of a topic by a row; that it runs out needs days and is written as JSON."""
    return [(key, str(text) % {"topic": topic}) for key, text in CONSENT_STATES.items() if key != "expires"]


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
    if row.name == "lifecycle":
        return [(key, str(label)) for key, label in STAGE_CHOICES]
    if row.name not in FEW_VALUES:
        return []
    column = row.name.replace(".", "__")
    values = Contact.objects.live().order_by(column).values_list(column, flat=True).distinct()[: OFFERED + 1]
    return [(value, value) for value in values if value]


def spans() -> Choices:
    """The calendar words of "is in this"."""
    return [(key, str(label)) for key, label in SPANS.items()]
