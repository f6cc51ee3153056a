"""Keyset paging for any list: the address names the last row seen, never a page number; counts stop at 10,000."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import F, Field, Func, Model, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.utils.functional import Promise

PAGE = 50
COUNT_STOPS_AT = 10_000
TEXT_COUNT_STOPS_AT = 200  # of a text's matches: each is looked up, where a filter's are read off an index
SALT = "baton.page"

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Sort:
    """One order of a list. Rows without a value come last where `is_nullable`; the id decides between equals.

    `is_folded` orders text by its small letters, as an index over Lower() does; `then` is a second field that decides
    between equals before the id does.
    """

    field: str
    is_descending: bool
    label: str | Promise
    is_nullable: bool = False
    is_folded: bool = False
    then: str = ""

    @property
    def fields(self) -> list[str]:
        """The fields it orders by, without the id."""
        return [self.field, self.then] if self.then else [self.field]

    @property
    def order(self) -> list[Any]:
        """For order_by. Plain columns where nothing can be null, so that an ordinary index serves."""
        by = F(self.field)
        if self.is_nullable:
            first = by.desc(nulls_last=True) if self.is_descending else by.asc(nulls_last=True)
            return [first, *self.order_of_known[1:]]
        return self.order_of_known

    @property
    def order_of_known(self) -> list[Any]:
        """For order_by among rows that have a value. Said without nulls, which each database's index puts elsewhere."""
        keys = [self._key(F(name)) for name in [*self.fields, "pk"]]
        return [key.desc() if self.is_descending else key.asc() for key in keys]

    def level(self, values: Sequence[Any], pk: int) -> Q:
        """Rows with the very same `values` and behind `pk`."""
        same = [
            Exact(self._key(F(name)), self._key(Value(value))) for name, value in zip(self.fields, values, strict=True)
        ]
        return Q(*same, **{"pk__lt" if self.is_descending else "pk__gt": pk})

    def beyond(self, values: Sequence[Any]) -> Q:
        """Rows that have a value and one behind `values`, whatever their id."""
        behind = LessThan if self.is_descending else GreaterThan
        here = [self._key(F(name)) for name in self.fields]
        there = [self._key(Value(value)) for value in values]
        if not self.then:
            return Q(behind(here[0], there[0]))
        # SQLite finds its place in an index over an expression only when the expression is compared by itself.
        first = LessThanOrEqual if self.is_descending else GreaterThanOrEqual
        return Q(behind(_Tuple(*here), _Tuple(*there)), first(here[0], there[0]))

    def _key(self, part: F | Value) -> Any:
        return Lower(part) if self.is_folded and part != F("pk") else part


class _Tuple(Func):
    """Values compared as one. An index over them leads to the place; said with OR it is read from its beginning."""

    template = "(%(expressions)s)"
    output_field = Field()


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows; `next` is the cursor of the page after it, "" on the last one."""

    rows: list[Row]
    next: str


def page_of(
    rows: QuerySet[Row], sort: Sort, cursor: str, *, size: int = PAGE, records: QuerySet[Row] | None = None
) -> Page[Row]:
    """The page behind `cursor`; a cursor that was not made here, or for another order, gives the first one.

    Ids first, records after: an index answers which fifty, and no more than those are joined with what a row shows.
    They are read from `records`, or from `rows` and asked their conditions once more.
    """
    keys = _keys(rows, sort, _read(cursor, sort.fields), size + 1)
    by_key = {row.pk: row for row in (rows if records is None else records).filter(pk__in=keys[:size])}
    found = [by_key[key] for key in keys[:size] if key in by_key]
    return Page(found, _write(found[-1], sort.fields) if found and len(keys) > size else "")


def _keys(rows: QuerySet[Any], sort: Sort, place: tuple[list[Any], int] | None, size: int) -> list[Any]:
    # Rows without a value are asked for apart: in one question neither database would use an index over the field.
    if not sort.is_nullable:
        return _keys_of_known(rows, sort, place, size)
    keys: list[Any] = []
    if place is None or place[0][0] is not None:
        keys = _keys_of_known(rows.filter(**{f"{sort.field}__isnull": False}), sort, place, size)
    if len(keys) < size:
        unknown = rows.filter(**{f"{sort.field}__isnull": True})
        if place and place[0][0] is None:
            unknown = unknown.filter(**{"pk__lt" if sort.is_descending else "pk__gt": place[1]})
        unknown = unknown.order_by("-pk" if sort.is_descending else "pk")
        keys += unknown.values_list("pk", flat=True)[: size - len(keys)]
    return keys


def _keys_of_known(rows: QuerySet[Any], sort: Sort, place: tuple[list[Any], int] | None, size: int) -> list[Any]:
    ordered = rows.order_by(*sort.order_of_known).values_list("pk", flat=True)
    if place is None:
        return list(ordered[:size])
    # Those level with the last row first: with both in one question SQLite reads through all that are level, and
    # PostgreSQL takes them for none. Seven in ten contacts may have an engagement of zero.
    keys = [] if sort.field == "pk" else list(ordered.filter(sort.level(*place))[:size])
    return keys + list(ordered.filter(sort.beyond(place[0]))[: size - len(keys)]) if len(keys) < size else keys


def capped_count(rows: QuerySet[Any], stops_at: int | None = None) -> tuple[int, bool]:
    """How many, counted to `stops_at` (COUNT_STOPS_AT) at most, and whether there are more."""
    most = stops_at or COUNT_STOPS_AT
    n = rows.order_by()[: most + 1].count()
    return min(n, most), n > most


def _value(row: Model, field: str) -> Any:
    value: Any = row
    for part in field.split("__"):
        value = getattr(value, part) if value is not None else None
    return value


def _write(row: Model, fields: list[str]) -> str:
    return signing.dumps([fields, [_packed(_value(row, name)) for name in fields], row.pk], salt=SALT)


def _packed(value: Any) -> list[Any]:
    kind = "t" if isinstance(value, datetime) else "d" if isinstance(value, date) else ""
    return [kind, value.isoformat() if kind else value]


def _read(cursor: str, fields: list[str]) -> tuple[list[Any], int] | None:
    if not cursor:
        return None
    try:
        made_for, packed, pk = signing.loads(cursor, salt=SALT)
        values = [_unpacked(kind, value) for kind, value in packed]
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (values, pk) if made_for == fields else None


def _unpacked(kind: str, value: Any) -> Any:
    if kind == "t":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind == "d" else value
