"""What a list is, said as facts: its columns, orders, conditions and what may be changed of many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.models import User
from baton.platform.pages import Sort

NEWEST_READ = 500
UNKNOWN = "none"  # the value of a condition that asks for what is not known

Text = str | Promise
Choices = Sequence[tuple[str, Text]]


@dataclass(frozen=True)
class Column:
    """One column. `value` gives what a row shows; `kind` how: text, number, money, day, ago, person, link, flag.

    `fields` are what the database reads for it, `sort` the order its head offers. `part` is a template drawn with `row`
    in place of the value. In a file it is one cell named by its key, or those of `in_file`: (head, value) each.
    """

    key: str
    label: Text
    value: Callable[[Any], Any]
    kind: str = "text"
    fields: tuple[str, ...] = ()
    sort: str = ""
    is_shown: bool = True
    is_on_phone: bool = False
    is_named_by_people: bool = False
    part: str = ""
    in_file: tuple[tuple[str, Callable[[Any], Any]], ...] = ()
    is_in_file: bool = True

    @property
    def is_numeric(self) -> bool:
        return self.kind in ("number", "money", "day", "ago")

    @property
    def css(self) -> str:
        """The classes of its cells."""
        return ("num" if self.is_numeric else "clip") + ("" if self.is_on_phone else " hide-phone")

    @property
    def cells(self) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
        """(head, value) of each cell it takes in a file."""
        return (self.in_file or ((self.key, self.value),)) if self.is_in_file else ()


@dataclass(frozen=True)
class Condition:
    """One thing a list can be narrowed by: "Owner is me". `choices` are fixed, or asked for a reader.

    Of fixed ones only those are taken. One without choices comes by links alone and `shown` says its value in words.
    `newest` is a field: its choices are what the first rows of the usual order hold in it, as `worded` says it, and
    "unknown".
    `also` are further spellings that addresses may hold: (given, meant). `is_rare` ones are folded away
    until they are set; `any` is what the row says while nothing is chosen.
    """

    name: str
    label: Text
    choices: Choices | Callable[[User], Choices] = ()
    any: Text = ""
    is_rare: bool = False
    shown: Callable[[str, User], str] | None = None
    also: tuple[tuple[str, str], ...] = ()
    newest: str = ""
    worded: Callable[[str], Text] = str

    def takes(self, value: str) -> bool:
        return bool(self.newest) or callable(self.choices) or self.shown is not None or value in dict(self.choices)

    def offered(self, user: User, newest: Mapping[str, list[str]]) -> list[tuple[str, Text]]:
        if self.newest:
            return [*((value, self.worded(value)) for value in newest[self.newest]), (UNKNOWN, _("unknown"))]
        return [(str(key), text) for key, text in (self.choices(user) if callable(self.choices) else self.choices)]


@dataclass(frozen=True)
class BulkField:
    """One field that may be set on many rows: `read` makes what was typed a value, and raises Refusal."""

    name: str
    label: Text
    read: Callable[[str, User], Any]
    kind: str = "text"
    choices: Callable[[User], Choices] | None = None
    is_named_by_people: bool = False


@dataclass(frozen=True)
class Listing:
    """A list: where it is, what it shows, who may do what.

    Its addresses begin with `address`; the page is at `place` below it and named `page`.
    `rows(user)` are those one may see. `narrow(rows, values, user, now)` leaves what the conditions ask for. `change`,
    `bin` and `restore` are the noun's own verbs on one row: (row, [changes,] actor=, now=), raising Refusal.
    `with_more(rows, user, now)` puts onto the rows of a page what a join cannot give.
    """

    key: str
    address: str
    page: str
    side: str
    template: str
    title: Text
    counted: Callable[[int], str]
    model: Any
    rows: Callable[[User], QuerySet[Any]]
    name: Column
    note: Callable[[Any], str]
    columns: Sequence[Column]
    sorts: Mapping[str, Sort]
    usual_sort: str
    conditions: Sequence[Condition]
    search: Text
    narrow: Callable[[QuerySet[Any], Mapping[str, str], User, datetime], QuerySet[Any]]
    bulk_fields: Sequence[BulkField]
    change: Callable[..., Any]
    bin: Callable[..., Any]
    restore: Callable[..., Any]
    bin_note: Text = ""
    custom_on: str = ""
    place: str = ""
    relations: tuple[str, ...] = ("owner",)
    with_more: Callable[[list[Any], User, datetime], None] = lambda rows, user, now: None


def keyed(name: str) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """For `in_file`: the field as it is kept, where the page shows words for it."""
    return ((name, lambda row: getattr(row, name)),)


def both_ways(key: str, field: str, up: Text, down: Text, **more: Any) -> dict[str, Sort]:
    """The two orders of one column: key "name" reads upwards, "-name" downwards."""
    return {key: Sort(field, False, up, **more), f"-{key}": Sort(field, True, down, **more)}


def newest_values(rows: QuerySet[Any], sort: Sort, fields: Sequence[str]) -> dict[str, list[str]]:
    """What the first rows of an order hold in each field: all values of a million rows would cost a second."""
    told = list(rows.order_by(*sort.order).values_list(*fields)[:NEWEST_READ]) if fields else []
    return {field: sorted({row[at] for row in told if row[at]}) for at, field in enumerate(fields)}


def as_day(value: Any) -> date | None:
    """A day as custom fields keep it."""
    return date.fromisoformat(value) if value else None
