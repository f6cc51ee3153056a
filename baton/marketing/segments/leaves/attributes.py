"""Comparisons of an attribute: by the database for everybody, by columns for some contacts, custom fields in Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _
from pyroaring import BitMap64

from baton.marketing.segments.calendar import midnight, next_midnights, span
from baton.marketing.segments.compare import Clock, matcher
from baton.marketing.segments.leaves.bitmaps import who_have
from baton.marketing.segments.leaves.look import CHUNK, ids_by, ids_of
from baton.marketing.segments.leaves.moments import Relooks, micros, of_rows
from baton.marketing.segments.rules import BadRule
from baton.marketing.segments.vocabulary import ATTRIBUTES, DATE, FEW_VALUES, NUMBER, TEXT, WITH_SPAN
from baton.people.contacts.reads import values_in_use
from baton.platform.dates import today_in

if TYPE_CHECKING:
    from baton.marketing.segments.leaves.look import Look

FEW = 300  # values that may stand in an IN; SQLite takes 32,766 parameters, and above some hundred a scan is as fast
_BOUNDS = {"at_least": "gte", "at_most": "lte", "more_than": "gt", "less_than": "lt", "is": "exact"}
BY_DAY = {*WITH_SPAN, "anniversary_in_days"}
SLIDING = {"in_last_days", "before_last_days", "in_next_days"}


def found(leaf: dict[str, Any], look: Look) -> BitMap64:
    """Who satisfies a comparison. Raises BadRule for a custom field that is gone."""
    satisfying = _found(leaf["attribute"], leaf["op"], leaf.get("value"), look)
    if leaf.get("or_unknown"):
        satisfying = satisfying | _found(leaf["attribute"], "unknown", None, look)
    return satisfying


def _found(name: str, operator: str, value: Any, look: Look) -> BitMap64:
    if name not in ATTRIBUTES:
        return _custom(name, operator, value, look)
    kind = ATTRIBUTES[name][1]
    if look.only is not None:
        return _of_few(name, kind, operator, value, look)
    column = name.replace(".", "__")
    if operator in ("known", "unknown"):
        unknown = Q(**{f"{column}__isnull": True}) | (Q(**{column: ""}) if kind == TEXT else Q())
        return ids_of(look.contacts().filter(unknown if operator == "unknown" else ~unknown))
    if kind == NUMBER:
        return ids_of(look.contacts().filter(_number(column, operator, value)))
    if kind == DATE and operator != "anniversary_in_days":
        return ids_of(look.contacts().filter(_date(column, operator, value, look.clock)))
    return _by_value(name, column, matcher(kind, operator, value, look.clock), look)


def has_few_values(leaf: dict[str, Any]) -> bool:
    """Whether it compares an attribute of which many contacts have the same value."""
    name = leaf.get("attribute", "")
    return name in FEW_VALUES or (name in ATTRIBUTES and ATTRIBUTES[name][1] == NUMBER)


def values_of(name: str, look: Look) -> dict[Any, BitMap64]:
    """The values of such an attribute, and who has each."""
    return ids_by(look.contacts(), name.replace(".", "__"))


def found_among(values: Mapping[Any, BitMap64], leaf: dict[str, Any], look: Look) -> BitMap64:
    """Who satisfies a comparison of the attribute that has these values."""
    kind = ATTRIBUTES[leaf["attribute"]][1]
    satisfying = who_have(values, matcher(kind, leaf["op"], leaf.get("value"), look.clock))
    if leaf.get("or_unknown"):
        satisfying |= who_have(values, matcher(kind, "unknown", None, look.clock))
    return satisfying


def _of_few(name: str, kind: str, operator: str, value: Any, look: Look) -> BitMap64:
    columns = look.columns
    if kind == DATE and operator not in ("known", "unknown", "anniversary_in_days"):
        since, until = _span(operator, value, look.clock)
        return columns.between(name, micros(since) if since else None, micros(until) if until else None, half_open=True)
    if kind == NUMBER and operator == "between":
        return columns.between(name, *value)
    return columns.where(name, matcher(kind, operator, value, look.clock))


def _by_value(name: str, column: str, holds: Callable[[Any], bool], look: Look) -> BitMap64:
    """Compared in Python, so that both databases fold alike: each different value once, rows where many match."""
    if name in FEW_VALUES:
        satisfying = [value for value in values_in_use(column) if holds(value)]
        if len(satisfying) <= FEW:
            return ids_of(look.contacts().filter(**{f"{column}__in": satisfying}))
    answers: dict[Any, bool] = {}
    satisfied: list[int] = []
    for pk, value in look.contacts().values_list("pk", column).iterator(chunk_size=CHUNK):
        answer = answers.get(value)
        if answer is None:
            answer = answers[value] = holds(value)
        if answer:
            satisfied.append(pk)
    return BitMap64(satisfied)


def _span(operator: str, value: Any, clock: Clock) -> tuple[datetime | None, datetime | None]:
    return span(operator, value, now=clock.now, zone=clock.zone, year_starts=clock.year_starts)


def _date(column: str, operator: str, value: Any, clock: Clock) -> Q:
    since, until = _span(operator, value, clock)
    known = Q(**{f"{column}__isnull": False})
    known &= Q(**{f"{column}__gte": since}) if since else Q()
    return known & (Q(**{f"{column}__lt": until}) if until else Q())


def _number(column: str, operator: str, value: Any) -> Q:
    known = Q(**{f"{column}__isnull": False})
    if operator == "between":
        return known & Q(**{f"{column}__gte": value[0], f"{column}__lte": value[1]})
    if operator == "is_not":
        return known & ~Q(**{column: value})
    return known & Q(**{f"{column}__{_BOUNDS[operator]}": value})


def _custom(name: str, operator: str, value: Any, look: Look) -> BitMap64:
    field = look.custom.get(name)
    if field is None:
        raise BadRule(_("There is no attribute %(name)s.") % {"name": name})
    holds = matcher(field.kind, operator, value, look.clock)
    rows = look.contacts()
    if operator != "unknown":
        rows = rows.exclude(**{field.column: {}}).exclude(**{f"{field.column}__isnull": True})
    pairs = rows.values_list("pk", field.column).iterator(chunk_size=CHUNK)
    return BitMap64([pk for pk, custom in pairs if holds((custom or {}).get(field.key))])


def relooks(leaf: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    """Dates that slide: each contact at its own moment; days of the calendar: everyone at midnight."""
    operator = leaf["op"]
    if operator in BY_DAY:
        return Relooks.for_all(next_midnights(since, until, look.clock.zone))
    if operator not in SLIDING:
        return Relooks()
    offsets = offsets_of(operator, leaf["value"])
    name = leaf["attribute"]
    if name not in ATTRIBUTES:
        return Relooks.for_all(_day_moments(offsets, since, until, look.clock.zone))
    if look.only is None:
        return of_rows(look.contacts(), "pk", name.replace(".", "__"), offsets, since, until)
    pairs = look.columns.pairs(name)
    return Relooks.of((at + offset, pk) for pk, at in pairs for offset in offsets if since <= at + offset <= until)


def offsets_of(operator: str, days: float) -> list[timedelta]:
    """How long after its date a contact's answer changes."""
    width = timedelta(days=days)
    return {
        "in_last_days": [timedelta(), width],
        "before_last_days": [width],
        "in_next_days": [-width, timedelta()],
    }[operator]


def _day_moments(offsets: list[timedelta], since: datetime, until: datetime, zone: str) -> list[datetime]:
    """Days as text count from their midnight, so that all contacts change together: so long after some midnight."""
    moments = []
    for offset in offsets:
        day = today_in(zone, since - offset)
        while (moment := midnight(day, zone) + offset) <= until:
            if moment >= since:
                moments.append(moment)
            day += timedelta(days=1)
    return moments
