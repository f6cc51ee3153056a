"""Plain rows into a table by executemany, for tables whose ids nobody needs back: less work than bulk_create."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, models


def insert_rows(model: type[models.Model], columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows of values ready for the database; a row whose unique key is there already is left out."""
    ready = list(rows)
    if not ready:
        return
    quote = connection.ops.quote_name
    names = ", ".join(quote(_column(model, column)) for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", ready)  # noqa: S608


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    return str(field.column)  # type: ignore[union-attr]  # only plain fields are inserted


def moment(value: Any) -> Any:
    """A time as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(value)
