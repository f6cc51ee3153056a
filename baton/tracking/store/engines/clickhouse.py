"""The ClickHouse engine, for events beyond one machine: EVENTS_URL=clickhouse://user:password@host:8123/name.

The tail stays the inbox: collecting goes on while ClickHouse is away, and events appear here once the mover has brought
them. A block is inserted with its name as deduplication token, so a repeat after a crash is dropped by the server.
`chdb:///folder` runs ClickHouse's engine inside the process, for tests.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from baton.tracking.channels.reads import channel_table
from baton.tracking.errors import StoreAway
from baton.tracking.identity.reads import claims_version, held_claims
from baton.tracking.sessions.channel_rules import ChannelTable
from baton.tracking.store.acts import ACTS, coded
from baton.tracking.store.columns import COLUMNS, schema, table_of
from baton.tracking.store.engines.words import channel_word, clickhouse_channel, clickhouse_words, with_channels
from baton.tracking.store.questions import PARAMETER, Question
from baton.tracking.store.snapshot import look
from baton.tracking.store.walks import Marks, Walked, numbers, walked

_KINDS = {"text": "String", "number": "Nullable(Int64)", "time": "DateTime64(6, 'UTC')"}
_PARAMETERS = {
    "text": "String",
    "zone": "String",
    "number": "Int64",
    "share": "Float64",
    "time": "DateTime64(6, 'UTC')",
    "numbers": "Array(Int64)",
    "texts": "Array(String)",
}
KEPT_OR_NOT = re.compile(r" AS (NOT )?MATERIALIZED \(")  # ClickHouse keeps no WITH, and has no words for it
_SETTINGS = {"join_use_nulls": 1, "aggregate_functions_null_for_empty": 1}
EVENTS_AT_ONCE = 20_000_000  # of which a funnel holds the acts in memory
_MONTHS_IN_A_BLOCK = 1000  # history may be loaded for many years at once


class ClickHouse:
    """Asks and fills one table `baton_events`. See base.Engine."""

    name = "clickhouse"

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.RLock()  # one statement at a time: the client keeps one session
        self._client: Any = None
        self._claims: Any = None
        self._hidden: Any = None
        self._channels: set[str] = set()

    def run(self, asked: Question, params: dict[str, Any], *, max_age: float = 0.0) -> tuple[list[str], list[tuple]]:
        answer = self._ask("query", asked, params)
        columns = list(answer.column_names) or list(asked.rows)  # an empty answer comes without names
        return columns, [tuple(map(_python, row)) for row in answer.result_rows]

    def table(self, asked: Question, params: dict[str, Any], *, max_age: float = 0.0) -> Any:
        return _without_zones(self._ask("query_arrow", asked, params))

    def walks(self, asked: Question, params: dict[str, Any], *, max_age: float = 0.0) -> Iterator[Walked]:
        import numpy as np

        ordered = "SELECT * FROM ({sql}) ORDER BY visitor_key, site_key, started"
        shares = 1 + self._count_between(params["since"], params["until"]) // EVENTS_AT_ONCE
        for share in range(shares):
            asked_for = {**params, "share": share, "shares": shares}
            table = _without_zones(self._ask("query_arrow", asked, asked_for, around=ordered))
            labels = table["label"].combine_chunks().dictionary_encode()
            is_chosen = numbers(table["is_chosen"]) == 1
            marks = Marks(np.ones(len(table), bool), is_chosen, numbers(labels.indices), labels.dictionary.to_pylist())
            place = table.schema.get_field_index(ACTS)
            yield walked(table.set_column(place, ACTS, coded(table[ACTS])).to_batches(), marks)

    def _count_between(self, since: datetime, until: datetime) -> int:
        """How many events happened in a span."""
        count = (
            "SELECT count() FROM baton_events"
            " WHERE happened_at >= {since:DateTime64(6, 'UTC')} AND happened_at < {until:DateTime64(6, 'UTC')}"
        )
        with self._lock:
            return int(self._do("command", count, parameters={"since": _plain(since), "until": _plain(until)}))

    def _ask(self, method: str, asked: Question, params: dict[str, Any], *, around: str = "{sql}") -> Any:
        used = set(PARAMETER.findall(asked.sql))
        table = channel_table()
        worded = around.format(sql=KEPT_OR_NOT.sub(" AS (", with_channels(asked.sql, table)))
        sql = PARAMETER.sub(lambda found: f"{{{found[1]}:{_PARAMETERS[asked.params[found[1]]]}}}", worded)
        values = {name: _plain(value) for name, value in params.items() if name in used}
        with self._lock:
            self._bring_claims()
            self._bring_hidden()
            self._bring_channels(table)
            return self._do(method, sql, parameters=values, settings=_SETTINGS)

    def take(self, block: str, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        settings = {
            "insert_deduplication_token": block,
            "insert_deduplicate": 1,
            "max_partitions_per_insert_block": _MONTHS_IN_A_BLOCK,
        }
        with self._lock:
            self._do("insert_arrow", "baton_events", table_of(rows), settings=settings)
        return []

    def forget(self, entries: Sequence[dict[str, Any]]) -> None:
        """Nothing to do: both movers brought the same block, and it was taken once."""

    def count(self) -> int:
        with self._lock:
            return int(self._do("command", "SELECT count() FROM baton_events"))

    def erase(self, contacts: Sequence[int], visitors: Sequence[str]) -> bool:
        """Delete events of these contacts and visitors and wait until they are rewritten."""
        with self._lock:
            self._do(
                "command",
                "ALTER TABLE baton_events DELETE WHERE has({contacts:Array(Int64)}, assumeNotNull(contact))"
                " AND contact IS NOT NULL OR has({visitors:Array(String)}, visitor)",
                parameters={"contacts": list(contacts), "visitors": list(visitors)},
                settings={"mutations_sync": 2},
            )
        return True

    def months(self) -> list[str]:
        with self._lock:
            found = self._do("query", "SELECT DISTINCT formatDateTime(happened_at, '%Y-%m') AS month FROM baton_events")
        return sorted(month for (month,) in found.result_rows)

    def batches(self, month: str) -> Iterator[Any]:
        import pyarrow as pa

        names = ", ".join(COLUMNS)
        sql = f"SELECT {names} FROM baton_events WHERE toYYYYMM(happened_at) = {{month:UInt32}}"  # noqa: S608
        with (
            self._lock,
            self._do("query_arrow_stream", sql, parameters={"month": int(month.replace("-", ""))}) as stream,
        ):
            for batch in stream:
                yield pa.Table.from_batches([batch]).cast(schema())

    def keep_month(self, month: str, batches: Iterable[Any]) -> None:
        with self._lock:
            self._do("command", f"ALTER TABLE baton_events DROP PARTITION {int(month.replace('-', ''))}")
            for batch in batches:
                self._do("insert_arrow", "baton_events", batch, settings={"insert_deduplicate": 0})

    def clear(self) -> None:
        with self._lock:
            self._do("command", "TRUNCATE TABLE baton_events")

    def _bring_claims(self) -> None:
        """Let the table of identities be as the main database has it."""
        version = claims_version()
        if version != self._claims:
            self._do("command", "TRUNCATE TABLE baton_identity")
            if (claims := held_claims()).num_rows:
                self._do("insert_arrow", "baton_identity", claims)
            self._claims = version

    def _bring_hidden(self) -> None:
        snapshot = look(with_tail=False)
        hidden = (snapshot.hidden_contacts, snapshot.hidden_visitors)
        if hidden != self._hidden:
            self._do("command", "TRUNCATE TABLE baton_hidden")
            rows: list[list[Any]] = [[contact, ""] for contact in hidden[0]]
            rows += [[0, visitor] for visitor in hidden[1]]
            if rows:
                self._do("insert", "baton_hidden", rows, column_names=["contact", "visitor"])
            self._hidden = hidden

    def _bring_channels(self, table: ChannelTable) -> None:
        word = channel_word(table)
        if word not in self._channels:
            self._do("command", clickhouse_channel(table))
            self._channels.add(word)

    def _do(self, method: str, *args: Any, **options: Any) -> Any:
        """One call of the client; what the server or the network says becomes StoreAway."""
        from clickhouse_connect.driver.exceptions import ClickHouseError

        try:
            return getattr(self._opened(), method)(*args, **options)
        except (ClickHouseError, OSError) as error:
            first_line = str(error).strip().partition("\n")[0][:300]
            raise StoreAway(f"The event store does not answer as it should: {first_line}") from error

    def _opened(self) -> Any:
        if self._client is None:
            client = _connect(self._url)
            for statement in clickhouse_words() + _TABLES:
                client.command(statement)
            self._client = client
        return self._client


def _connect(url: str) -> Any:
    import clickhouse_connect

    parts = urlsplit(url)
    if parts.scheme == "chdb":
        return clickhouse_connect.get_client(dsn=url)
    options: dict[str, Any] = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return clickhouse_connect.get_client(
        host=parts.hostname or "localhost",
        port=parts.port or (8443 if parts.scheme == "clickhouses" else 8123),
        username=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/") or "default",
        secure=parts.scheme == "clickhouses",
        **options,
    )


def _plain(value: Any) -> Any:
    """Times as texts with their microseconds: the client would cut them to seconds."""
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


def _without_zones(table: Any) -> Any:
    """A table whose moments are told in UTC without saying so, as the file engine's are."""
    import pyarrow as pa

    for place, one in enumerate(table.schema):
        if pa.types.is_timestamp(one.type):
            table = table.set_column(place, one.name, table[one.name].cast(pa.timestamp("us")))
    return table


def _python(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


_COLUMNS = ", ".join(f"{name} {_KINDS[kind]}" for name, kind in COLUMNS.items())
_STITCHED = ", ".join(
    "coalesce(raw.contact, identity.contact) AS contact" if name == "contact" else f"raw.{name} AS {name}"
    for name in COLUMNS
)
_TABLES = [
    f"CREATE TABLE IF NOT EXISTS baton_events ({_COLUMNS}) ENGINE = MergeTree PARTITION BY toYYYYMM(happened_at)"
    " ORDER BY (ifNull(contact, 0), visitor, happened_at, id)"
    " SETTINGS non_replicated_deduplication_window = 10000",
    "CREATE TABLE IF NOT EXISTS baton_identity (visitor String, contact Nullable(Int64))"
    " ENGINE = MergeTree ORDER BY visitor",
    "CREATE TABLE IF NOT EXISTS baton_hidden (contact Int64, visitor String)"
    " ENGINE = MergeTree ORDER BY (contact, visitor)",
    f"CREATE OR REPLACE VIEW events AS SELECT {_STITCHED} FROM baton_events AS raw"  # noqa: S608
    " LEFT JOIN baton_identity AS identity ON identity.visitor = raw.visitor"
    " WHERE ifNull(coalesce(raw.contact, identity.contact), 0)"
    " NOT IN (SELECT contact FROM baton_hidden WHERE contact <> 0)"
    " AND raw.visitor NOT IN (SELECT visitor FROM baton_hidden WHERE visitor <> '')"
    " SETTINGS join_use_nulls = 1",
    "CREATE OR REPLACE VIEW named_events AS"
    " SELECT *, baton_key(visitor) AS visitor_key, concat(name, '|', path) AS deed FROM events",
    "CREATE OR REPLACE VIEW named_places AS"
    " SELECT DISTINCT machine, name, path, concat(name, '|', path) AS deed FROM baton_events",
]
