"""The file engine: an in-memory DuckDB over the catalog's Parquet files and the tail. Nothing is started or locked."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from baton.platform.db import write_turn
from baton.tracking.store import parquet, walk_files
from baton.tracking.store.columns import COLUMNS, schema, table_of
from baton.tracking.store.duck import bring
from baton.tracking.store.engines.words import channel_word, duckdb_channel, duckdb_words, with_channels
from baton.tracking.store.figures import figure
from baton.tracking.store.fresh_visits import Fresh, FreshVisits
from baton.tracking.store.models import EventFile, VisitDay
from baton.tracking.store.questions import PARAMETER, Question
from baton.tracking.store.rewriting import in_files, replace_files, rewrite_without
from baton.tracking.store.snapshot import Snapshot, look, look_lately
from baton.tracking.store.visit_days import ONE_DAY, believed, days_of_table, runs
from baton.tracking.store.visit_rows import VISITS, midnight
from baton.tracking.store.visit_rows import schema as visits_schema
from baton.tracking.store.walks import Walked, numbers, walked

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from baton.tracking.store.judged import Claims, Judged

BATCH = 102_400  # events that are read at once to be copied
_AT = list(COLUMNS).index("happened_at")


@dataclass(frozen=True)
class Days:
    """Files of kept visits in the order of their days, the days of which they are not to be believed, and the visits of
    these and of all other days.
    """

    paths: list[str]
    stale: set[date]
    fresh: list[Fresh]


class Files:
    """Asks and keeps Parquet files under BATON_HOME/events. See base.Engine."""

    name = "files"

    def __init__(self) -> None:
        self._root: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()
        self._fresh = FreshVisits()
        self._keyed: tuple[Any, Any] = (None, None)
        self._channels: set[str] = set()

    def run(self, asked: Question, params: dict[str, Any], *, max_age: float = 0.0) -> tuple[list[str], list[tuple]]:
        snapshot = _look(asked, max_age)
        if find := figure(asked.name):
            return [*asked.rows], find(self._judged(params, snapshot), params)
        with self._asked(asked, params, snapshot) as answer:
            return [column[0] for column in answer.description], answer.fetchall()

    def table(self, asked: Question, params: dict[str, Any], *, max_age: float = 0.0) -> Any:
        with self._asked(asked, params, _look(asked, max_age)) as answer:
            return answer.to_arrow_table()

    def walks(self, asked: Question, params: dict[str, Any], *, max_age: float = 0.0) -> Iterator[Walked]:
        """All at once, mapped into memory beside the kept visits."""
        judged = self._judged(params, _look(asked, max_age))
        yield walked(judged.batches, judged.marks(params["by"]))

    def _judged(self, params: dict[str, Any], snapshot: Snapshot) -> Judged:
        """Visits as the parameters of a question say."""
        from baton.tracking.store.judged import judged

        days = self._days(snapshot, params["since"], params["until"])
        kept = [(walk_files.read(path), days.stale) for path in days.paths]
        fresh: list[tuple[pa.Table, set[date]]] = [(one.walked, set()) for one in days.fresh]
        return judged([*kept, *fresh], params, snapshot, self._claims(snapshot.claims))

    def visits(self, first: date, last: date, snapshot: Snapshot, visitors: pa.Array | None = None) -> pa.Table:
        """Visits that begin on these UTC days, of all visitors or of some, worked out from the events as they came."""
        with self.near(first, last, snapshot, visitors) as (database, since, until):
            sql = self._worded(VISITS.sql, snapshot)
            return _execute(database, sql, {"since": since, "until": until, "site": ""}).to_arrow_table()

    @contextlib.contextmanager
    def near(
        self, first: date, last: date, snapshot: Snapshot, visitors: pa.Array | None = None
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, datetime, datetime]]:
        """The view `events` of all that may make visits of some days, as they came, and the span of these days."""
        import pyarrow as pa

        since, until = midnight(first), midnight(last) + ONE_DAY
        near = [path for path, file in snapshot.files.items() if file.overlaps(since - ONE_DAY, until + ONE_DAY)]
        with self.connect().cursor() as database:
            bring(database, "tail", snapshot.tail)
            told = _raw(near)
            if visitors is not None:
                bring(database, "meant", pa.table({"visitor": visitors}))
                told = f"SELECT raw.* FROM ({told}) AS raw SEMI JOIN meant ON meant.visitor = raw.visitor"  # noqa: S608
            database.execute(f"CREATE TEMP VIEW events AS {told}")
            yield database, since, until

    @contextlib.contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with the view `events`, from one snapshot."""
        with self.connect().cursor() as database:
            snapshot = look()
            bring(database, "tail", snapshot.tail)
            _show_events(database, snapshot)
            yield database

    @contextlib.contextmanager
    def _asked(
        self,
        asked: Question,
        params: dict[str, Any],
        snapshot: Snapshot,
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A question, executed."""
        with self.connect().cursor() as database:
            bring(database, "tail", snapshot.tail)
            if "events" in asked.views:
                _show_events(database, snapshot)
            if asked.views - {"events"}:
                _show_named(database, snapshot, asked.views)
            if asked.over_kept:
                days = self._days(snapshot, params["since"], params["until"])  # held: its tables go away with it
                self._show_visits(database, snapshot, days)
            yield _execute(database, self._worded(asked.over_kept or asked.sql, snapshot), params)

    def _days(self, snapshot: Snapshot, since: datetime, until: datetime) -> Days:
        """Where visits that begin from `since` until `until` are kept, and those of the other days worked out."""
        clean, unclean = believed(snapshot.visit_days, days_of_table(snapshot.tail))
        first, last = since.date(), until.date()
        asked = runs(day for day in unclean if first <= day <= last)
        return Days(
            list(dict.fromkeys(path for day, path in sorted(clean.items()) if path and first <= day <= last)),
            unclean & set(snapshot.visit_days),
            [self._fresh.visits(self, snapshot, *days) for days in asked],
        )

    def _show_visits(self, database: Any, snapshot: Snapshot, days: Days) -> None:
        """The view `kept_visits` of all visits of some days. Nothing is told of `acts`, which lie elsewhere."""
        bring(database, "identity_by_key", self._claims_by_key(snapshot.claims))
        parts = ["FROM no_visits"]
        if days.paths:
            parts.append(f"FROM read_parquet([{_places(days.paths)}]){_but(days.stale)}")
        parts += [f"FROM {one.shown().name}" for one in days.fresh]
        together = " UNION ALL BY NAME ".join(parts)
        hidden = _hidden(snapshot.hidden_contacts, "one.contact", _texts(snapshot.hidden_visitors), "one.visitor")
        database.execute(f"CREATE TEMP VIEW kept_visits AS SELECT * FROM ({together}) AS one{hidden}")  # noqa: S608

    def take(self, block: str, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        by_month: dict[str, list[Sequence[Any]]] = defaultdict(list)
        for row in rows:
            by_month[parquet.month_of_micros(row[_AT])].append(row)
        return [parquet.write_file(table_of(months), month) for month, months in sorted(by_month.items())]

    def forget(self, entries: Sequence[dict[str, Any]]) -> None:
        for entry in entries:
            parquet.remove(entry["path"])

    def erase(self, contacts: Sequence[int], visitors: Sequence[str]) -> bool:
        return rewrite_without(contacts, visitors)

    def count(self) -> int:
        return EventFile.objects.filter(replaced_at=None).aggregate(Sum("rows"))["rows__sum"] or 0

    def months(self) -> list[str]:
        return sorted(set(EventFile.objects.filter(replaced_at=None).order_by().values_list("month", flat=True)))

    def batches(self, month: str) -> Iterator[Any]:
        import pyarrow as pa
        import pyarrow.dataset as ds

        for file in EventFile.objects.filter(replaced_at=None, month=month).order_by("pk"):
            for batch in ds.dataset(parquet.folder() / file.path, schema=schema()).to_batches(batch_size=BATCH):
                yield pa.Table.from_batches([batch])

    def keep_month(self, month: str, batches: Iterable[Any]) -> None:
        entries: list[dict[str, Any]] = []
        changed: dict[date, datetime] = {}
        for table in in_files(batches):
            entries.append(parquet.write_file(table, month))
            for day, first in days_of_table(table).items():
                changed[day] = min(first, changed.get(day, first))
        replace_files(list(EventFile.objects.filter(replaced_at=None, month=month)), entries, timezone.now(), changed)

    def clear(self) -> None:
        """No question sees the files any more; the sweeper removes them after their grace time."""
        with write_turn(), transaction.atomic(using="events"):
            EventFile.objects.filter(replaced_at=None).update(replaced_at=timezone.now())
            VisitDay.objects.all().delete()

    def _claims_by_key(self, claims: pa.Table) -> pa.Table:
        """Who visitors turned out to be, by the key of the visitor and in its order; made anew when claims changed."""
        root = self.connect()
        with self._lock:
            if self._keyed[0] is not claims:
                with root.cursor() as database:
                    database.register("claims", claims)
                    keyed = "SELECT baton_key(visitor) AS visitor_key, contact FROM claims ORDER BY visitor_key"
                    self._keyed = (claims, database.execute(keyed).to_arrow_table())
            return self._keyed[1]

    def _claims(self, claims: pa.Table) -> Claims:
        """The same as arrays."""
        from baton.tracking.store.judged import Claims

        return Claims(*(numbers(column) for column in self._claims_by_key(claims).columns))

    def _worded(self, sql: str, snapshot: Snapshot) -> str:
        """A question's text for the table of channels that the snapshot knows."""
        word, root = channel_word(snapshot.channels), self.connect()
        with self._lock:
            if word not in self._channels:
                root.execute(duckdb_channel(snapshot.channels))
                self._channels.add(word)
        return with_channels(sql, snapshot.channels)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """This process's DuckDB with Baton's words; questions get cursors of it."""
        import duckdb

        with self._lock:
            if self._root is None:
                self._root = duckdb.connect(":memory:", config={"threads": 2, "autoinstall_known_extensions": False})
                self._root.execute("SET TimeZone = 'UTC'")
                self._root.execute("SET parquet_metadata_cache = true")  # files never change
                for word in duckdb_words():
                    self._root.execute(word)
                self._root.register("nothing", visits_schema().empty_table())
                self._root.execute("CREATE TABLE no_visits AS FROM nothing")
            return self._root


def _look(asked: Question, max_age: float = 0.0) -> Snapshot:
    return look_lately(max_age) if max_age else look(with_visits=bool(asked.over_kept))


def _execute(database: Any, sql: str, params: dict[str, Any]) -> Any:
    used = set(PARAMETER.findall(sql))
    return database.execute(PARAMETER.sub(r"$\1", sql), {name: value for name, value in params.items() if name in used})


def _show_events(database: Any, snapshot: Snapshot) -> None:
    """The view `events` of all events with whose they are."""
    bring(database, "identity", snapshot.claims)
    contact = "coalesce(raw.contact, identity.contact)"
    columns = ", ".join(f"{contact} AS contact" if name == "contact" else f"raw.{name} AS {name}" for name in COLUMNS)
    database.execute(
        f"CREATE TEMP VIEW events AS SELECT {columns} FROM ({_raw(snapshot.files)}) AS raw"  # noqa: S608
        " LEFT JOIN identity ON identity.visitor = raw.visitor"
        f"{_hidden(snapshot.hidden_contacts, contact, _texts(snapshot.hidden_visitors), 'raw.visitor')}"
    )


def _show_named(database: Any, snapshot: Snapshot, views: frozenset[str]) -> None:
    """Those of `views` that are meant: `named_events` of the same events, of few columns and quick to be asked for some
    names or pages, and `named_places` of these names and pages.
    """
    names = ", ".join([*parquet.NAMED, "visitor_key", "deed"])
    copied = [path for path in snapshot.files if parquet.has_copies(path)]
    others = _raw([path for path in snapshot.files if path not in copied])
    parts = [f"SELECT *, baton_key(visitor) AS visitor_key, concat(name, '|', path) AS deed FROM ({others})"]  # noqa: S608
    events, places = parts[:], parts[:]
    if copied:
        events.append(f"SELECT * FROM read_parquet([{_beside(copied, parquet.NAMED_FOLDER)}])")  # noqa: S608
        places.append(f"SELECT * FROM read_parquet([{_beside(copied, parquet.PLACES_FOLDER)}])")  # noqa: S608
    keys = [f"baton_key({visitor})" for visitor in _texts(snapshot.hidden_visitors)]
    hidden = _hidden(snapshot.hidden_contacts, "contact", keys, "visitor_key")
    if "named_events" in views:
        _view(database, "named_events", events, names, hidden)
    if "named_places" in views:
        _view(database, "named_places", places, ", ".join(parquet.PLACES), "")


def _view(database: Any, name: str, parts: Iterable[str], columns: str, where: str) -> None:
    together = " UNION ALL ".join(f"SELECT {columns} FROM ({part})" for part in parts)  # noqa: S608
    database.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM ({together}) AS one{where}")  # noqa: S608


def _beside(paths: Iterable[str], below: str) -> str:
    return _places(parquet.beside(path, below) for path in paths)


def _raw(paths: Collection[str]) -> str:
    """Events as they came, of the tail and of files."""
    names = ", ".join(COLUMNS)
    parts = [f"SELECT {names} FROM tail"]  # noqa: S608
    if paths:
        parts.append(f"SELECT {names} FROM read_parquet([{_places(paths)}], union_by_name = true)")  # noqa: S608
    return " UNION ALL ".join(parts)


def _places(paths: Iterable[str]) -> str:
    return ", ".join(f"'{parquet.folder() / path}'".replace("\\", "/") for path in paths)


def _but(days: set[date]) -> str:
    """The condition that leaves out days whose kept rows are not to be believed."""
    told = ", ".join(f"DATE '{day}'" for day in sorted(days))
    return f" WHERE CAST(started AS DATE) NOT IN ({told})" if told else ""


def _hidden(contacts: Sequence[int], contact: str, visitors: Sequence[str], visitor: str) -> str:
    """The condition that leaves out who asked to be erased; empty where nobody did."""
    conditions = []
    if contacts:
        conditions.append(f"coalesce({contact}, 0) NOT IN ({', '.join(str(int(one)) for one in contacts)})")
    if visitors:
        conditions.append(f"{visitor} NOT IN ({', '.join(visitors)})")
    return " WHERE " + " AND ".join(conditions) if conditions else ""


def _texts(words: Iterable[str]) -> list[str]:
    """Words as SQL writes them."""
    return ["'" + one.replace("'", "''") + "'" for one in words]
