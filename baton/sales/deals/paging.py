"""Keyset paging of the deal list: the address names the last row seen, never a page number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from baton.sales.deals.models import Deal

PAGE = 50
COUNT_STOPS_AT = 10_000


@dataclass(frozen=True)
class Sort:
    """One order of the list. Rows without a value come last; the id decides between equals."""

    field: str
    is_descending: bool
    label: str | Promise

    @property
    def order(self) -> list[Any]:
        by = F(self.field)
        return [
            by.desc(nulls_last=True) if self.is_descending else by.asc(nulls_last=True),
            "-pk" if self.is_descending else "pk",
        ]

    def after(self, value: Any, pk: int) -> Q:
        """Rows behind the one with `value` and `pk`."""
        step = "lt" if self.is_descending else "gt"
        beyond = Q(**{f"pk__{step}": pk})
        if value is None:
            return Q(**{self.field: None}) & beyond
        return Q(**{f"{self.field}__{step}": value}) | Q(**{self.field: value}) & beyond | Q(**{self.field: None})


SORTS = {
    "newest": Sort("created_at", True, _("Newest first")),
    "closing": Sort("expected_close_on", False, _("Closing soonest")),
    "amount": Sort("amount_minor", True, _("Largest first")),
    "name": Sort("name", False, _("By name")),
    "waiting": Sort("entered_stage_at", False, _("Longest in its stage")),
}


@dataclass(frozen=True)
class Page:
    """One page of deals; `next` is the cursor of the page after it, "" on the last one."""

    deals: list[Deal]
    next: str


def page_of(deals: QuerySet[Deal], sort: Sort, cursor: str) -> Page:
    """The page behind `cursor`; a cursor that was not made here gives the first one."""
    place = _read(cursor)
    if place:
        deals = deals.filter(sort.after(*place))
    rows = list(deals.order_by(*sort.order)[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Page(rows, _write(getattr(rows[-1], sort.field), rows[-1].pk) if more else "")


def capped_count(deals: QuerySet[Deal]) -> tuple[int, bool]:
    """How many, counted to COUNT_STOPS_AT at most, and whether there are more."""
    n = deals.order_by()[: COUNT_STOPS_AT + 1].count()
    return min(n, COUNT_STOPS_AT), n > COUNT_STOPS_AT


def _write(value: Any, pk: int) -> str:
    kind = "t" if isinstance(value, datetime) else "d" if isinstance(value, date) else ""
    return signing.dumps([kind, value.isoformat() if kind else value, pk], salt="deals.page")


def _read(cursor: str) -> tuple[Any, int] | None:
    if not cursor:
        return None
    try:
        kind, value, pk = signing.loads(cursor, salt="deals.page")
    except (signing.BadSignature, ValueError):
        return None
    if kind == "t":
        value = datetime.fromisoformat(value)
    elif kind == "d":
        value = date.fromisoformat(value)
    return value, pk
