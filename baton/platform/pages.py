"""Keyset paging for any list: the address names the last row seen, never a page number; counts stop at 10,000."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import F, Field, Func, Model, Q, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.functional import Promise

PAGE = 50
COUNT_STOPS_AT = 10_000
SALT = "baton.page"

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Sort:
    """One order of a list. Rows without a value come last where `is_nullable`; the id decides between equals."""

    field: str
    is_descending: bool
    label: str | Promise
    is_nullable: bool = False

    @property
    def order(self) -> list[Any]:
        """For order_by. Plain columns where nothing can be null, so that an ordinary index serves."""
        sign = "-" if self.is_descending else ""
        if not self.is_nullable:
            return [f"{sign}{self.field}", f"{sign}pk"]
        by = F(self.field)
        ordered = by.desc(nulls_last=True) if self.is_descending else by.asc(nulls_last=True)
        return [ordered, f"{sign}pk"]

    def after(self, value: Any, pk: int) -> Q:
        """Rows behind the one with `value` and `pk`."""
        beyond = LessThan if self.is_descending else GreaterThan
        if value is None:
            return Q(**{self.field: None}) & Q(beyond(F("pk"), pk))
        found = Q(beyond(_Pair(self.field, "pk"), _Pair(Value(value), Value(pk))))
        return found | Q(**{self.field: None}) if self.is_nullable else found


class _Pair(Func):
    """Two values compared as one. An index over both leads to the place; said with OR it is read from its beginning."""

    template = "(%(expressions)s)"
    output_field = Field()


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows; `next` is the cursor of the page after it, "" on the last one."""

    rows: list[Row]
    next: str


def page_of(rows: QuerySet[Row], sort: Sort, cursor: str, *, size: int = PAGE) -> Page[Row]:
    """The page behind `cursor`; a cursor that was not made here gives the first one."""
    place = _read(cursor)
    if place:
        rows = rows.filter(sort.after(*place))
    found = list(rows.order_by(*sort.order)[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Page(found, _write(_value(found[-1], sort.field), found[-1].pk) if more else "")


def capped_count(rows: QuerySet[Any]) -> tuple[int, bool]:
    """How many, counted to COUNT_STOPS_AT at most, and whether there are more."""
    n = rows.order_by()[: COUNT_STOPS_AT + 1].count()
    return min(n, COUNT_STOPS_AT), n > COUNT_STOPS_AT


def _value(row: Model, field: str) -> Any:
    value: Any = row
    for part in field.split("__"):
        value = getattr(value, part) if value is not None else None
    return value


def _write(value: Any, pk: int) -> str:
    kind = "t" if isinstance(value, datetime) else "d" if isinstance(value, date) else ""
    return signing.dumps([kind, value.isoformat() if kind else value, pk], salt=SALT)


def _read(cursor: str) -> tuple[Any, int] | None:
    if not cursor:
        return None
    try:
        kind, value, pk = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    if kind == "t":
        value = datetime.fromisoformat(value)
    elif kind == "d":
        value = date.fromisoformat(value)
    return value, pk
