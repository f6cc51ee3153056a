"""A look at the data at one moment, for everybody or for some contacts: what all kinds of conditions ask through."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from pyroaring import BitMap64

from baton.marketing.segments.compare import Clock
from baton.marketing.segments.fields import CustomField, custom_fields
from baton.marketing.segments.leaves.bitmaps import bitmap
from baton.marketing.segments.leaves.columns import Columns
from baton.marketing.segments.leaves.few_events import FewEvents
from baton.people.contacts.models import Contact
from baton.platform.db import among, is_sqlite
from baton.platform.organisation import organisation

CHUNK = 20_000


class Look:
    """`only` limits everything to some contacts. Days and weeks are the organisation's unless a `zone` is given.

    `ahead` are leaves that will be asked for: what several need of some contacts is then fetched once.
    """

    def __init__(
        self,
        *,
        now: datetime,
        only: Iterable[int] | None = None,
        zone: str = "",
        ahead: Iterable[dict[str, Any]] = (),
    ) -> None:
        self.now = now
        self.only = None if only is None else sorted(only)
        self._zone = zone
        self._ahead = list(ahead)

    @cached_property
    def everyone(self) -> BitMap64:
        """Every contact not in the bin."""
        return ids_of(self.contacts())

    @cached_property
    def clock(self) -> Clock:
        """Now, in the organisation's zone and fiscal year."""
        ours = organisation()
        return Clock(self.now, self._zone or ours.zone, ours.fiscal_year_starts)

    @cached_property
    def custom(self) -> dict[str, CustomField]:
        """The custom fields there are, by the attribute's name."""
        return custom_fields()

    @cached_property
    def columns(self) -> Columns:
        """The attributes of the contacts in `only`, each fetched once."""
        return Columns(self.contacts())

    @cached_property
    def events(self) -> FewEvents:
        """The events of the contacts in `only`."""
        return FewEvents(self.only or [], self._ahead, self.now)

    def contacts(self) -> QuerySet[Contact]:
        contacts = Contact.objects.live().order_by()
        return contacts if self.only is None else contacts.filter(pk__in=among(self.only))

    def theirs(self, rows: QuerySet[Any], contact: str = "contact_id") -> QuerySet[Any]:
        """Rows about contacts, limited to `only`."""
        rows = rows.order_by()
        return rows if self.only is None else rows.filter(**{f"{contact}__in": among(self.only)})


def ids_of(rows: QuerySet[Any], column: str = "pk") -> BitMap64:
    """Contact ids of a query as a bitmap; the database hands them over in one value, three times as fast as in rows."""
    query = rows.order_by().values_list(column, flat=True)
    try:
        sql, params = query.query.sql_with_params()
    except EmptyResultSet:  # an IN without values has no SQL at all
        return BitMap64()
    with connection.cursor() as cursor:
        cursor.execute(f"WITH found (pk) AS ({sql}) SELECT {_packed_ids()} FROM found", params)  # noqa: S608
        return _unpacked_ids(cursor.fetchone()[0])


def ids_by(rows: QuerySet[Any], column: str) -> dict[Any, BitMap64]:
    """Contact ids of a query by what they have in a column."""
    sql, params = rows.order_by().values_list(column, "pk").query.sql_with_params()
    grouped = f"WITH found (value, pk) AS ({sql}) SELECT value, {_packed_ids()} FROM found GROUP BY value"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(grouped, params)
        return {value: _unpacked_ids(packed) for value, packed in cursor.fetchall()}


def _packed_ids() -> str:
    """PostgreSQL gives machine words, SQLite has none to give."""
    return "group_concat(pk)" if is_sqlite() else "string_agg(int8send(pk::bigint), ''::bytea)"


def _unpacked_ids(packed: Any) -> BitMap64:
    if packed is None:
        return BitMap64()
    if is_sqlite():
        return bitmap(np.fromstring(str(packed), dtype=np.int64, sep=","))
    return bitmap(np.frombuffer(packed, dtype=">i8"))
