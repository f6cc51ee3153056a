"""The columns of an event, in the order in which a tail row keeps them. Only ever append: old rows are shorter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# name -> kind: text is never null (empty means none), number may be null, time is UTC in microseconds.
COLUMNS: dict[str, str] = {
    "id": "text",
    "happened_at": "time",  # "at" is a reserved word of DuckDB
    "name": "text",
    "site": "text",
    "visitor": "text",
    "contact": "number",
    "host": "text",
    "path": "text",
    "referrer_host": "text",
    "referrer_path": "text",
    "source": "text",
    "medium": "text",
    "campaign": "text",
    "content": "text",
    "term": "text",
    "click_kind": "text",
    "click_id": "text",
    "device": "text",
    "browser": "text",
    "system": "text",
    "country": "text",
    "language": "text",
    "value_minor": "number",
    "currency": "text",
    "machine": "text",
    "consent": "text",
    "props": "text",
    "received": "time",
}


@dataclass(slots=True)
class Event:
    """One thing a visitor or contact did. Times are microseconds since 1970 in UTC; `props` is JSON text.

    `at` is the column happened_at.
    `id` is 32 hexadecimal digits: a UUIDv7 made where it happened, or a UUIDv5 of what it tells. `host` is empty for
    what did not happen on a page. `machine` names why it is held for a machine; empty for people.
    """

    id: str
    at: int
    name: str
    site: str = ""
    visitor: str = ""
    contact: int | None = None
    host: str = ""
    path: str = ""
    referrer_host: str = ""
    referrer_path: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""
    click_kind: str = ""
    click_id: str = ""
    device: str = ""
    browser: str = ""
    system: str = ""
    country: str = ""
    language: str = ""
    value_minor: int | None = None
    currency: str = ""
    machine: str = ""
    consent: str = ""
    props: str = "{}"
    received: int = 0

    def row(self) -> tuple[Any, ...]:
        return _row_of(self)


_row_of = attrgetter(*(field.name for field in fields(Event)))  # dataclasses.astuple copies deeply: 20 us


def event_of(row: Sequence[Any]) -> Event:
    """An event from its row; a row written before a column existed takes that column's default."""
    return Event(*row)


def schema() -> pa.Schema:
    """Arrow's schema of events: what Parquet files, the tail as asked, and blocks for ClickHouse look like."""
    import pyarrow as pa

    kinds = {"text": pa.string(), "number": pa.int64(), "time": pa.timestamp("us")}
    return pa.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])


def table_of(rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Rows as an Arrow table."""
    import pyarrow as pa

    full = [row if len(row) == len(COLUMNS) else event_of(row).row() for row in rows]
    columns: list[Sequence[Any]] = list(zip(*full, strict=True)) if full else [() for _ in COLUMNS]
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, schema(), strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema())
