"""Many rows at once, past Django's bulk_create: for a contact it takes three times as long as the database does.

Rows of values ready for the database go in by executemany, whose one statement is read once. Records get their ids
before they are written, inside the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, connections, models
from django.db.models.base import ModelState

from baton.platform.db import is_sqlite

KEPT_AS_THEY_ARE = (
    models.CharField, models.TextField, models.IntegerField, models.FloatField, models.BooleanField, models.ForeignKey,
)  # fmt: skip
M = TypeVar("M", bound=models.Model)
MOST_PARAMETERS = 30_000  # of one statement: PostgreSQL takes 65,535, SQLite 32,766 as it comes


def new_record(model: type[M], **values: Any) -> M:
    """A record not in the database yet, of values by column (`owner_id`), several times as fast as `model(...)`.

    Every value is taken as it is, and no signal is sent.
    """
    standing, called = _defaults(model)
    record = model.__new__(model)
    record.__dict__ |= {"_state": ModelState(), **standing, **values}
    for name, default in called:
        if name not in values:
            record.__dict__[name] = default()
    return record


def insert_records(records: Sequence[models.Model]) -> None:
    """Insert new records of one model; each has its id afterwards. Call it in a transaction.

    Raises IntegrityError, DataError as the database does; nothing is inserted then. Knows nothing of `auto_now`.
    """
    if not records:
        return
    model = type(records[0])
    fields = model._meta.concrete_fields
    read = attrgetter(*[field.attname for field in fields])
    writers = [(at, _writer(field)) for at, field in enumerate(fields) if not isinstance(field, KEPT_AS_THEY_ARE)]
    for record, pk in zip(records, _reserved(model, len(records)), strict=True):
        record.pk = pk
    statement, row_marks = _insert(model, [field.name for field in fields])
    with connection.cursor() as cursor:
        cursor.executemany(f"{statement} {row_marks}", [_written(read(record), writers) for record in records])
    for record in records:
        record._state.adding, record._state.db = False, connection.alias


def insert_rows(model: type[models.Model], columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows of values ready for the database; one whose unique key is there already is left out."""
    ready = list(rows)
    if not ready:
        return
    statement, row_marks = _insert(model, columns)
    with connection.cursor() as cursor:
        cursor.executemany(f"{statement} {row_marks} ON CONFLICT DO NOTHING", ready)


def upsert_rows(model: type[models.Model], columns: list[str], key: list[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of values ready for the database; one whose `key` is there takes the new values.

    Many rows a statement: where triggers listen, as on the search's table, one of each is several times slower.
    """
    statement, row_marks = _insert(model, columns)
    taken = ", ".join(f"{_quoted(one)} = excluded.{_quoted(one)}" for one in columns if one not in key)
    size = MOST_PARAMETERS // len(columns)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            cursor.execute(
                f"{statement} {', '.join([row_marks] * len(part))} ON CONFLICT ({_names(key)}) DO UPDATE SET {taken}",
                [value for row in part for value in row],
            )


def moment(value: Any) -> Any:
    """A time as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(value)


def _insert(model: type[models.Model], columns: list[str]) -> tuple[str, str]:
    names = _names([str(model._meta.get_field(name).column) for name in columns])  # type: ignore[union-attr]
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) VALUES", f"({', '.join(['%s'] * len(columns))})"


def _reserved(model: type[models.Model], number: int) -> Iterable[int]:
    """Ids that no other record has or will get. On SQLite the transaction's lock on writing keeps them ours."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if is_sqlite():
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            last = (cursor.fetchone() or (0,))[0]
            return range(last + 1, last + 1 + number)
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [table, model._meta.pk.column, number],
        )
        return [pk for (pk,) in cursor.fetchall()]


@cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Of a model's columns those with the same default for every record, and those that make one."""
    standing: dict[str, Any] = {}
    called: list[tuple[str, Callable[[], Any]]] = []
    for field in model._meta.concrete_fields:
        if field.has_default() and callable(field.default):
            called.append((field.attname, field.default))
        else:
            standing[field.attname] = field.get_default()
    return standing, called


def _written(values: tuple[Any, ...], writers: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    row = list(values)
    for at, write in writers:
        row[at] = write(row[at])
    return row


def _writer(field: models.Field) -> Callable[[Any], Any]:
    """Makes a field's value what the database takes."""
    if isinstance(field, models.DateTimeField):
        return lru_cache(maxsize=64)(moment)  # most of a batch were made at the same moment
    database = connections[connection.alias]  # `connection` itself looks it up anew for every attribute
    return lambda value: field.get_db_prep_save(value, database)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(map(_quoted, columns))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
