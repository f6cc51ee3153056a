"""The file engine: an in-memory DuckDB over the catalog's Parquet files and the tail. Nothing is started or locked."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Sum

from baton.tracking.identity.reads import held_claims
from baton.tracking.store import parquet
from baton.tracking.store.columns import COLUMNS, table_of
from baton.tracking.store.engines.words import duckdb_words
from baton.tracking.store.models import EventFile
from baton.tracking.store.questions import PARAMETER, Question
from baton.tracking.store.rewriting import rewrite_without
from baton.tracking.store.snapshot import Snapshot, look

if TYPE_CHECKING:
    import duckdb

_AT = list(COLUMNS).index("happened_at")


class Files:
    """Asks and keeps Parquet files under BATON_HOME/events. See base.Engine."""

    name = "files"

    def __init__(self) -> None:
        self._root: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()

    def run(self, asked: Question, params: dict[str, Any]) -> tuple[list[str], list[tuple]]:
        with self.opened() as database:
            answer = _execute(database, asked, params)
            return [column[0] for column in answer.description], answer.fetchall()

    def table(self, asked: Question, params: dict[str, Any]) -> Any:
        with self.opened() as database:
            return _execute(database, asked, params).to_arrow_table()

    def opened(self) -> duckdb.DuckDBPyConnection:
        """A connection with the view `events`, from one snapshot; close it when done."""
        snapshot = look()
        database = self._connect().cursor()
        # Tables, for DuckDB pushes join filters down that its Arrow scan does not know (1.5.6, BLOOM_FILTER).
        for name, table in (("tail", snapshot.tail), ("identity", held_claims())):
            database.register(f"arrow_{name}", table)
            database.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM arrow_{name}")  # noqa: S608
        names = ", ".join(COLUMNS)
        parts = [f"SELECT {names} FROM tail"]  # noqa: S608
        if snapshot.paths:
            places = ", ".join(f"'{parquet.folder() / path}'".replace("\\", "/") for path in snapshot.paths)
            parts.append(f"SELECT {names} FROM read_parquet([{places}], union_by_name = true)")  # noqa: S608
        columns = ", ".join(
            "coalesce(raw.contact, identity.contact) AS contact" if name == "contact" else f"raw.{name} AS {name}"
            for name in COLUMNS
        )
        database.execute(
            f"CREATE TEMP VIEW events AS SELECT {columns} FROM ({' UNION ALL '.join(parts)}) AS raw"  # noqa: S608
            f" LEFT JOIN identity ON identity.visitor = raw.visitor{_hidden(snapshot)}"
        )
        return database

    def take(self, block: str, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        by_month: dict[str, list[Sequence[Any]]] = defaultdict(list)
        for row in rows:
            by_month[parquet.month_of_micros(row[_AT])].append(row)
        return [parquet.write_file(table_of(months), month) for month, months in sorted(by_month.items())]

    def forget(self, entries: Sequence[dict[str, Any]]) -> None:
        for entry in entries:
            (parquet.folder() / entry["path"]).unlink(missing_ok=True)

    def erase(self, contacts: Sequence[int], visitors: Sequence[str]) -> bool:
        return rewrite_without(contacts, visitors)

    def count(self) -> int:
        return EventFile.objects.filter(replaced_at=None).aggregate(Sum("rows"))["rows__sum"] or 0

    def _connect(self) -> duckdb.DuckDBPyConnection:
        """This process's DuckDB with Baton's words; questions get cursors of it."""
        import duckdb

        with self._lock:
            if self._root is None:
                self._root = duckdb.connect(":memory:", config={"threads": 2, "autoinstall_known_extensions": False})
                self._root.execute("SET TimeZone = 'UTC'")
                for word in duckdb_words():
                    self._root.execute(word)
            return self._root


def _execute(database: Any, asked: Question, params: dict[str, Any]) -> Any:
    used = set(PARAMETER.findall(asked.sql))
    sql = PARAMETER.sub(r"$\1", asked.sql)
    return database.execute(sql, {name: value for name, value in params.items() if name in used})


def _hidden(snapshot: Snapshot) -> str:
    conditions = []
    if snapshot.hidden_contacts:
        numbers = ", ".join(str(int(contact)) for contact in snapshot.hidden_contacts)
        conditions.append(f"coalesce(raw.contact, identity.contact, 0) NOT IN ({numbers})")
    if snapshot.hidden_visitors:
        texts = ", ".join("'" + visitor.replace("'", "''") + "'" for visitor in snapshot.hidden_visitors)
        conditions.append(f"raw.visitor NOT IN ({texts})")
    return " WHERE " + " AND ".join(conditions) if conditions else ""
