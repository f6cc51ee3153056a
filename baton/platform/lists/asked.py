"""What an address asks of a list: which conditions, order, columns and saved view; and the address again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from babel.lists import format_list
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from baton.platform import pages
from baton.platform.accounts.models import User
from baton.platform.fields.models import FieldDefinition
from baton.platform.lists.listing import Column, Condition, Listing, Text, as_day, newest_values
from baton.platform.lists.models import SavedView
from baton.platform.pages import Sort

LONGEST = 100
SEARCH = "q"


@dataclass(frozen=True)
class Said:
    """A condition as it stands on the page: what is chosen, and what may be."""

    condition: Condition
    value: str
    choices: list[tuple[str, Text]]

    @property
    def words(self) -> str:
        """ "Owner is me"."""
        return f"{self.condition.label} {dict(self.choices).get(self.value, '')}"


@dataclass(frozen=True)
class Asked:
    """A list as one person asked for it. Values that the list does not know are left out."""

    listing: Listing
    user: User
    values: dict[str, str]
    sort: str
    view_id: str = ""
    now: datetime = field(default_factory=timezone.localtime)

    @classmethod
    def read(cls, listing: Listing, query: QueryDict, user: User) -> Asked:
        given = {one.name: _given(query, one.name) for one in listing.conditions}
        given |= {one.name: dict(one.also).get(given[one.name], given[one.name]) for one in listing.conditions}
        values = {one.name: given[one.name] for one in listing.conditions if one.takes(given[one.name])}
        sort = query.get("sort", "")
        return cls(
            listing=listing,
            user=user,
            values={name: value for name, value in {SEARCH: _given(query, SEARCH), **values}.items() if value},
            sort=sort if sort in listing.sorts else listing.usual_sort,
            view_id=_given(query, "view"),
        )

    @cached_property
    def views(self) -> list[SavedView]:
        """The saved views the person finds as tabs: their own and the shared ones."""
        return list(SavedView.found_by(self.user, self.listing.key))

    @cached_property
    def view(self) -> SavedView | None:
        return next((one for one in self.views if str(one.pk) == self.view_id), None) if self.view_id else None

    def query(self, **changed: str) -> str:
        """The address behind the question mark with some parts changed ("" takes one out)."""
        sort = "" if self.sort == self.listing.usual_sort else self.sort
        view = str(self.view.pk) if self.view else ""
        parts = {**self.values, "sort": sort, "view": view, **changed}
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def order(self) -> Sort:
        return self.listing.sorts[self.sort]

    def count_stops_at(self, without: str = "") -> int:
        has_text = self.values.get(SEARCH) and without != SEARCH
        return pages.TEXT_COUNT_STOPS_AT if has_text else pages.COUNT_STOPS_AT

    @property
    def is_narrowed(self) -> bool:
        return bool(self.values)

    @property
    def is_changed(self) -> bool:
        """Whether the saved view stands here with other conditions or another order than it was saved with."""
        return bool(self.view) and self.query(view="") != (self.view.query if self.view else "")

    def rows(self, *, without: str = "") -> QuerySet[Any]:
        """The rows that fit, of those the person may see; `without` leaves one condition out."""
        values = {name: value for name, value in self.values.items() if name != without}
        return self.listing.narrow(self.listing.rows(self.user), values, self.user, self.now)

    @cached_property
    def said(self) -> list[Said]:
        """Every condition the person can use, in the list's order."""
        found = []
        newest = self._newest()
        for one in self.listing.conditions:
            value, choices = self.values.get(one.name, ""), one.offered(self.user, newest)
            if value and value not in dict(choices):
                # Chosen by a link or before it went: it stays said, so that it can be dropped.
                words = one.shown(value, self.user) if one.shown else value.replace("_", " ").capitalize()
                choices = [*choices, (value, words)]
            if choices:
                found.append(Said(one, value, choices))
        return found

    def _newest(self) -> dict[str, list[str]]:
        listing = self.listing
        fields = [one.newest for one in listing.conditions if one.newest]
        return newest_values(listing.rows(self.user), listing.sorts[listing.usual_sort], fields)

    @property
    def in_words(self) -> dict[str, str]:
        """The conditions that are set, by name: "Owner is me"."""
        search = self.values.get(SEARCH)
        said = {SEARCH: _("The text is %(text)s") % {"text": search}} if search else {}
        return said | {one.condition.name: one.words for one in self.said if one.value}

    @property
    def sentence(self) -> str:
        """ "Owner is me and Lifecycle is MQL"."""
        locale = (translation.get_language() or "en").replace("-", "_")
        return format_list(list(self.in_words.values()), locale=locale)

    @cached_property
    def columns(self) -> list[Column]:
        """All columns the list has: its own and the custom fields of its records."""
        return [*self.listing.columns, *_custom_columns(self.listing.custom_on)]

    @cached_property
    def shown(self) -> list[Column]:
        """The columns the person chose, or those of the saved view, or the usual ones."""
        chosen = set((self.view and self.view.columns) or self.user.list_columns.get(self.listing.key, []))
        return [one for one in self.columns if (one.key in chosen if chosen else one.is_shown)]

    def read_for(self, columns: Sequence[Column], rows: QuerySet[Any]) -> QuerySet[Any]:
        """`rows` with what these columns draw and nothing else of the records."""
        fields = [name for one in (self.listing.name, *columns) for name in one.fields]
        relations = {name.rpartition("__")[0] for name in fields if "__" in name}
        if relations:
            rows = rows.select_related(*sorted(relations))
        return rows.only(*fields, *self.order.fields)


def _given(query: QueryDict, name: str) -> str:
    return query.get(name, "").replace("\x00", "").strip()[:LONGEST]


def _custom_columns(on: str) -> list[Column]:
    if not on:
        return []
    defined = FieldDefinition.objects.filter(on=on, is_hidden=False).order_by("label", "pk")
    return [_custom_column(one) for one in defined]


def _custom_column(one: FieldDefinition) -> Column:
    key = str(one.pk)
    kinds = {FieldDefinition.Kind.NUMBER: "number", FieldDefinition.Kind.DATE: "day", FieldDefinition.Kind.FLAG: "flag"}
    is_day = one.kind == FieldDefinition.Kind.DATE
    return Column(
        f"custom-{key}",
        one.label,
        (lambda row: as_day(row.custom.get(key))) if is_day else lambda row: row.custom.get(key),
        kind=kinds.get(FieldDefinition.Kind(one.kind), "text"),
        fields=("custom",),
        is_shown=False,
        is_named_by_people=True,
        in_file=((one.key, lambda row: row.custom.get(key)),),
    )
