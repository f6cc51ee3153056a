"""Arrow tables as tables of DuckDB."""

from __future__ import annotations

import itertools
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def bring(database: Any, name: str, table: Any) -> None:
    """A table for a connection, for DuckDB pushes join filters down that its Arrow scan lacks (1.5.6, BLOOM_FILTER)."""
    database.register(f"arrow_{name}", table)
    database.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM arrow_{name}")  # noqa: S608


class Shown:
    """Rows as a table `name` that every connection sees, for as long as somebody holds this."""

    _numbers = itertools.count()

    def __init__(self, root: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
        self.name = f"shown_{next(self._numbers)}"
        with root.cursor() as database:
            database.register("rows", rows)
            database.execute(f"CREATE TABLE {self.name} AS SELECT * FROM rows")  # noqa: S608
        weakref.finalize(self, _drop, root, self.name).atexit = False


def _drop(root: duckdb.DuckDBPyConnection, name: str) -> None:
    with root.cursor() as database:
        database.execute(f"DROP TABLE {name}")
