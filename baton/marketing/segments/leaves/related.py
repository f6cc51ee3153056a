"""Conditions on related records: leads, colleagues, and what the sales side allows (handoff/facts_for_marketing.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from pyroaring import BitMap64

from baton.marketing.segments.calendar import next_midnights
from baton.marketing.segments.compare import matcher
from baton.marketing.segments.leaves.attributes import BY_DAY, SLIDING, offsets_of
from baton.marketing.segments.leaves.look import CHUNK
from baton.marketing.segments.leaves.moments import Relooks, moment_of, of_rows
from baton.marketing.segments.records import COLLEAGUES, Field, fields_of, record_kinds
from baton.marketing.segments.rules import BadRule
from baton.people.contacts.models import Contact
from baton.platform import wiring

if TYPE_CHECKING:
    from baton.marketing.segments.leaves.look import Look

Rows = Iterable[tuple[Any, ...]]


def fact(leaf: dict[str, Any], look: Look) -> BitMap64:
    """A fact of the sales side by its name. Raises BadRule for one that is gone."""
    facts = getattr(wiring.page(), "SEGMENT_FACTS", {})
    if leaf["fact"] not in facts:
        raise BadRule(_("There is no fact %(name)s.") % {"name": leaf["fact"]})
    return BitMap64(facts[leaf["fact"]]()) & look.everyone


def found(leaf: dict[str, Any], look: Look) -> BitMap64:
    """Of whose records as many as said are as said. Raises BadRule for records or a field that are not there."""
    holds, columns = _conditions(leaf, look)
    if leaf["related"] == COLLEAGUES:
        fitting, total = _colleagues(look, columns, holds)
    else:
        fitting, total = _records(leaf["related"], look, columns, holds)
    return (
        _many(leaf, fitting, total) & look.everyone
        if not _of_none(leaf)
        else look.everyone - _many({**leaf, "which": "at_least", "times": _least_refused(leaf)}, fitting, total)
    )


def _of_none(leaf: dict[str, Any]) -> bool:
    """Whether those without any record satisfy it too."""
    return leaf.get("which", "any") in ("none", "at_most") or leaf.get("times") == 0


def _least_refused(leaf: dict[str, Any]) -> int:
    if leaf.get("which") == "at_most":
        return leaf["times"] + 1
    return 1 if leaf.get("which") == "none" else 10**9  # at least 0 holds for everyone


def _many(leaf: dict[str, Any], fitting: Counter[int], total: Counter[int]) -> BitMap64:
    which = leaf.get("which", "any")
    if which == "all":
        return BitMap64([pk for pk, count in total.items() if count and fitting[pk] == count])
    least = leaf["times"] if which == "at_least" else 1
    return BitMap64([pk for pk, count in fitting.items() if count >= least])


def _conditions(leaf: dict[str, Any], look: Look) -> tuple[Callable[[tuple[Any, ...]], bool], list[str]]:
    """Whether a row's values, in the order of the columns, satisfy all that is said of a record."""
    fields = fields_of(leaf["related"])
    if not fields:
        raise BadRule(_("There are no records called %(name)s.") % {"name": leaf["related"]})
    tests, columns = [], []
    for one in leaf.get("where") or []:
        field = fields.get(one["field"])
        if field is None:
            raise BadRule(_("There is no attribute %(name)s.") % {"name": one["field"]})
        tests.append(matcher(field.kind, one["op"], one.get("value"), look.clock))
        columns.append(field.column)
    return lambda values: all(test(value) for test, value in zip(tests, values, strict=True)), columns


def _records(
    related: str, look: Look, columns: list[str], holds: Callable[[tuple[Any, ...]], bool]
) -> tuple[Counter[int], Counter[int]]:
    kind = record_kinds()[related]
    rows = look.theirs(kind.rows(), kind.contact)
    fitting: Counter[int] = Counter()
    total: Counter[int] = Counter()
    for pk, *values in rows.values_list(kind.contact, *columns).iterator(chunk_size=CHUNK):
        total[pk] += 1
        fitting[pk] += holds(tuple(values))
    return fitting, total


def _colleagues(
    look: Look, columns: list[str], holds: Callable[[tuple[Any, ...]], bool]
) -> tuple[Counter[int], Counter[int]]:
    """Of each contact's company how many others there are, and how many of them fit."""
    living = Contact.objects.live().order_by().filter(company__isnull=False)
    if look.only is not None:
        living = living.filter(company__in=look.contacts().values("company_id"))
    company_of, fits = {}, {}
    fitting_at: Counter[int] = Counter()
    total_at: Counter[int] = Counter()
    for pk, company, *values in living.values_list("pk", "company_id", *columns).iterator(chunk_size=CHUNK):
        company_of[pk], fits[pk] = company, holds(tuple(values))
        total_at[company] += 1
        fitting_at[company] += fits[pk]
    wanted = company_of if look.only is None else [pk for pk in look.only if pk in company_of]
    return (
        Counter({pk: fitting_at[company_of[pk]] - fits[pk] for pk in wanted}),
        Counter({pk: total_at[company_of[pk]] - 1 for pk in wanted}),
    )


def relooks(leaf: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    """When a record's dates slide into or out of what is said; days of the calendar: everyone at midnight."""
    fields, total = fields_of(leaf["related"]), Relooks()
    for one in leaf.get("where") or []:
        field = fields.get(one["field"])
        if field and one["op"] in BY_DAY:
            total += Relooks.for_all(next_midnights(since, until, look.clock.zone))
        elif field and one["op"] in SLIDING:
            total += _sliding(leaf["related"], field, one, look, since, until)
    return total


def _sliding(related: str, field: Field, one: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    offsets = offsets_of(one["op"], one["value"])
    if related == COLLEAGUES:  # whose answer changes stands in the same company, so everyone is looked at
        theirs = of_rows(Contact.objects.live(), "pk", field.column, offsets, since, until)
        return Relooks.for_all(map(moment_of, theirs.at))
    kind = record_kinds()[related]
    rows = look.theirs(kind.rows(), kind.contact)
    return of_rows(rows, kind.contact, field.column, offsets, since, until)
