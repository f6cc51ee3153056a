"""From a rule to its members: one 64-bit roaring bitmap per leaf, combined by set algebra.

A leaf is answered by one question to one store, for everybody or for a few contacts (`only`). The same contacts are
found however the tree is written; the reference evaluator in the tests says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property, reduce
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from pyroaring import BitMap64

from baton.marketing.segments.calendar import span
from baton.marketing.segments.compare import Clock, matcher
from baton.marketing.segments.fields import CustomField, custom_fields
from baton.marketing.segments.models import Segment
from baton.marketing.segments.rules import BadRule, mode_of
from baton.marketing.segments.vocabulary import ATTRIBUTES, DATE, NUMBER, TEXT
from baton.people.consent.models import Consent
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Suppression
from baton.people.deliveries.tokens import address_hash
from baton.people.lifecycle.models import LifecycleMove
from baton.platform import wiring
from baton.platform.organisation import organisation
from baton.tracking.store import ask

FEW = 300  # values that may stand in an IN; SQLite takes 32,766 parameters, and above some hundred a scan is as fast
CHUNK = 20_000
ANY_PROP = "-"
_BOUNDS = {"at_least": "gte", "at_most": "lte", "more_than": "gt", "less_than": "lt", "is": "exact"}


class Compiler:
    """Answers a rule at `now`. Leaves are kept, so a rule that changes in one leaf costs one question.

    `only` limits everything to some contacts. Days and weeks are the organisation's unless a `zone` is given.
    """

    def __init__(self, *, now: datetime, only: Iterable[int] | None = None, zone: str = "") -> None:
        self.now = now
        self.only = None if only is None else list(only)
        self._zone = zone
        self._kept: dict[str, BitMap64] = {}
        self._inside: list[int] = []

    def members(self, rule: dict[str, Any]) -> BitMap64:
        """Ids of the contacts that satisfy `rule`. Raises BadRule for a segment inside itself."""
        mode = mode_of(rule)
        if mode == "all":
            return reduce(BitMap64.__and__, map(self.members, rule["all"]), self.everyone)
        if mode == "any":
            return reduce(BitMap64.__or__, map(self.members, rule["any"]), BitMap64())
        if mode == "none":
            return self.everyone - self.members({"any": rule["none"]})
        key = json.dumps(rule, sort_keys=True)
        if key not in self._kept:
            self._kept[key] = self._leaf(rule)
        return self._kept[key]

    @cached_property
    def everyone(self) -> BitMap64:
        """Every contact not in the bin."""
        return _bitmap(self._contacts())

    @cached_property
    def clock(self) -> Clock:
        """Now, in the organisation's zone and fiscal year."""
        ours = organisation()
        return Clock(self.now, self._zone or ours.zone, ours.fiscal_year_starts)

    @cached_property
    def custom(self) -> dict[str, CustomField]:
        """The custom fields there are, by the attribute's name."""
        return custom_fields()

    def _contacts(self) -> QuerySet[Contact]:
        contacts = Contact.objects.live()
        return contacts if self.only is None else contacts.filter(pk__in=self.only)

    def _leaf(self, leaf: dict[str, Any]) -> BitMap64:
        if "attribute" in leaf:
            return self._attribute(leaf)
        if "event" in leaf:
            return self._event(leaf)
        if "consent" in leaf:
            return self._consent(leaf) & self.everyone
        if "reached" in leaf:
            return self._reached(leaf) & self.everyone
        if "fact" in leaf:
            return self._fact(leaf["fact"]) & self.everyone
        return self._segment(leaf["segment"])

    def _attribute(self, leaf: dict[str, Any]) -> BitMap64:
        name, operator, value = leaf["attribute"], leaf["op"], leaf.get("value")
        if name not in ATTRIBUTES:
            return self._custom(name, operator, value)
        kind, column = ATTRIBUTES[name][1], name.replace(".", "__")
        if operator in ("known", "unknown"):
            unknown = Q(**{f"{column}__isnull": True}) | (Q(**{column: ""}) if kind == TEXT else Q())
            return _bitmap(self._contacts().filter(unknown if operator == "unknown" else ~unknown))
        if kind == NUMBER:
            return _bitmap(self._contacts().filter(_number(column, operator, value)))
        if kind == DATE and operator != "anniversary_in_days":
            return _bitmap(self._contacts().filter(self._date(column, operator, value)))
        return self._by_value(column, matcher(kind, operator, value, self.clock))

    def _by_value(self, column: str, holds: Callable[[Any], bool]) -> BitMap64:
        """Compared in Python, so that both databases fold alike: each different value once, rows where many match."""
        values = self._contacts().order_by().values_list(column, flat=True).distinct()
        kept = [value for value in values.iterator(chunk_size=CHUNK) if holds(value)]
        if len(kept) <= FEW:
            return _bitmap(self._contacts().filter(**{f"{column}__in": kept}))
        wanted = set(kept)
        rows = self._contacts().order_by().values_list("pk", column).iterator(chunk_size=CHUNK)
        return BitMap64(pk for pk, value in rows if value in wanted)

    def _date(self, column: str, operator: str, value: Any) -> Q:
        clock = self.clock
        since, until = span(operator, value, now=clock.now, zone=clock.zone, year_starts=clock.year_starts)
        found = Q(**{f"{column}__isnull": False})
        found &= Q(**{f"{column}__gte": since}) if since else Q()
        return found & (Q(**{f"{column}__lt": until}) if until else Q())

    def _custom(self, name: str, operator: str, value: Any) -> BitMap64:
        field = self.custom.get(name)
        if field is None:
            raise BadRule(_("There is no attribute %(name)s.") % {"name": name})
        holds = matcher(field.kind, operator, value, self.clock)
        rows = self._contacts().order_by()
        if operator != "unknown":
            rows = rows.exclude(**{field.column: {}}).exclude(**{f"{field.column}__isnull": True})
        pairs = rows.values_list("pk", field.column).iterator(chunk_size=CHUNK)
        return BitMap64(pk for pk, custom in pairs if holds((custom or {}).get(field.key)))

    def _event(self, leaf: dict[str, Any]) -> BitMap64:
        most = leaf.get("at_most")
        least = leaf.get("at_least", 1 if most is None else 0)
        found = self._did(leaf, least) if least else self.everyone
        return found if most is None else found - self._did(leaf, most + 1)

    def _did(self, leaf: dict[str, Any], at_least: int) -> BitMap64:
        if self.only == []:
            return BitMap64()
        days = leaf.get("days", 30)
        rows = ask(
            "contacts_who_did",
            name=leaf["event"],
            path=leaf.get("path") or None,
            campaign=leaf.get("campaign") or None,
            prop=leaf.get("prop") or ANY_PROP,
            prop_value=leaf.get("is") or None,
            since=None if days is None else self.now - timedelta(days=days),
            until=self.now,
            at_least=at_least,
            everyone=int(self.only is None),
            contacts=self.only,
        )
        return BitMap64(row["contact"] for row in rows) & self.everyone

    def _consent(self, leaf: dict[str, Any]) -> BitMap64:
        state = leaf.get("state", "given")
        kept = Consent.State.GIVEN if state == "reachable" else state
        found = Consent.objects.filter(topic__key=leaf["consent"], channel="email", state=kept)
        if kept == Consent.State.GIVEN:
            found = found.filter(Q(expires_at=None) | Q(expires_at__gt=self.now))
        if state == "reachable":
            return self._reachable(found.exclude(contact__email=""))
        return BitMap64(found.order_by().values_list("contact_id", flat=True).iterator(chunk_size=CHUNK))

    def _reachable(self, found: QuerySet[Consent]) -> BitMap64:
        """Without those whose address is suppressed. How much mail someone had is the gate's affair, at hand-over."""
        suppressed = set(Suppression.objects.values_list("address_hash", flat=True))
        pairs = found.order_by().values_list("contact_id", "contact__email").iterator(chunk_size=CHUNK)
        return BitMap64(pk for pk, email in pairs if not suppressed or address_hash(email) not in suppressed)

    def _reached(self, leaf: dict[str, Any]) -> BitMap64:
        moves = LifecycleMove.objects.filter(to_stage=leaf["reached"], at__lt=self.now)
        if leaf.get("days"):
            moves = moves.filter(at__gte=self.now - timedelta(days=leaf["days"]))
        return BitMap64(moves.order_by().values_list("contact_id", flat=True).iterator(chunk_size=CHUNK))

    def _fact(self, name: str) -> BitMap64:
        """A fact of the sales side, as the treaty allows it (handoff/facts_for_marketing.py, through web/wiring.py)."""
        facts = getattr(wiring.page(), "SEGMENT_FACTS", {})
        if name not in facts:
            raise BadRule(_("There is no fact %(name)s.") % {"name": name})
        return BitMap64(facts[name]())

    def _segment(self, pk: int) -> BitMap64:
        if pk in self._inside:
            raise BadRule(_("A segment cannot be inside itself."))
        found = Segment.objects.live().filter(pk=pk).first()
        if found is None:
            return BitMap64()
        self._inside.append(pk)
        try:
            return self.members(found.rule)
        finally:
            self._inside.pop()


def _number(column: str, operator: str, value: Any) -> Q:
    known = Q(**{f"{column}__isnull": False})
    if operator == "between":
        return known & Q(**{f"{column}__gte": value[0], f"{column}__lte": value[1]})
    if operator == "is_not":
        return known & ~Q(**{column: value})
    return known & Q(**{f"{column}__{_BOUNDS[operator]}": value})


def _bitmap(contacts: QuerySet[Contact]) -> BitMap64:
    return BitMap64(contacts.order_by().values_list("pk", flat=True).iterator(chunk_size=CHUNK))
