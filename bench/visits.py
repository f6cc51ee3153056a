"""Website figures over 1,000,000 and 10,000,000 events of 30 days: CPU of each question, beside plain PostgreSQL.

bin/bench visits [--quick] [--events N] [--kept NAME] [--only QUESTION] [--postgres URL]. Every question the Website
page or its tables ask, on the embedded store in a temporary home, median of three after one to warm up. Aims: under
100 ms of CPU at 1,000,000 events, under 400 ms at 10,000,000. Then some of them with the last day as today is: its
visits are not kept but worked out, once by who looks first and again when somebody did something. `--kept` builds once
under a name and uses it again.
PostgreSQL is asked total, days and pages over the same rows with its own indexes, once each and in one process, so that
its CPU can be read; more simply: a total without campaigns, days without visits.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
SINCE = datetime(2026, 4, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=30)
AIMS_MS = {1_000_000: 100, 10_000_000: 400}
SLICE = 1_000_000
TODAY = (
    "website_days Europe/Berlin",
    "website_total",
    "website_parts channel",
    "website_pages",
    "funnel narrow visitor",
)
FUNNELS = {"narrow": ("/page/1", "/page/2"), "wide": ("/page/1*", "/page/2*")}  # the latter fits a third of all events
QUESTIONS: dict[str, list[dict[str, Any]]] = {
    "website_days": [{"zone": "Europe/Berlin"}],
    "website_total": [{}],
    "website_parts": [
        {"by": by, "most": 8}
        for by in (
            "channel",
            "source",
            "campaign",
            "entry",
            "exit",
            "device",
            "browser",
            "system",
            "country",
            "language",
        )
    ],
    "website_pages": [{"most": 8}, {"most": 8, "channel": "email"}],
    "website_engagement": [{"paths": [f"/page/{n}" for n in range(8)]}],
    "website_not_found": [{"most": 8, "sources": 3}],
    "website_people": [{"most": 500}],
    "things_done": [{}],
    "machines": [{}],
    "paths": [{"anchor": "/page/1", "one": "/page/2", "two": "/page/3", "most": 12}],
    "retention": [{"zone": "Europe/Berlin", "first_from": SINCE, "first_until": UNTIL}],
}
# Four events a visit on average, minutes apart, of which the first is a page and every third tells how a page was read;
# a million events have each visitor come about twice in the month.
EVENTS = """
SELECT substr(md5(concat(n, 'id')), 1, 32) AS id, make_timestamp(({since} + (hash(n // 4, 1) % 2592000) * 1000000
         + (n % 4) * 90000000 + hash(n, 2) % 60000000)::BIGINT) AS happened_at,
       CASE WHEN n % 4 = 0 OR hash(n, 3) % 1000 < 450 THEN 'pageview' WHEN hash(n, 3) % 1000 < 900 THEN 'engagement'
            WHEN hash(n, 3) % 1000 < 990 THEN 'outbound link' ELSE 'not found' END AS name, 'shop.example' AS site,
       concat('v', substr(md5(CAST(hash(n // 4, 4) % {visitors} AS VARCHAR)), 1, 24)) AS visitor,
       'shop.example' AS host, concat('/page/', least(hash(n, 5) % 300, hash(n, 6) % 300)) AS path,
       CASE WHEN n % 4 = 0 OR hash(n, 3) % 1000 >= 995
            THEN ['', 'google.com', 'chatgpt.com', 'blog.example'][(1 + hash(n, 7) % 4)::BIGINT]
            ELSE '' END AS referrer_host,
       CASE WHEN n % 4 = 0 AND hash(n, 8) % 5 = 0 THEN 'newsletter' ELSE '' END AS source,
       CASE WHEN n % 4 = 0 AND hash(n, 8) % 5 = 0 THEN 'email' ELSE '' END AS medium,
       CASE WHEN n % 4 = 0 AND hash(n, 8) % 5 = 0 THEN concat('c', hash(n, 9) % 20) ELSE '' END AS campaign,
       ['desktop', 'phone', 'tablet'][(1 + hash(n // 4, 10) % 3)::BIGINT] AS device,
       CASE WHEN hash(n // 4, 11) % 50 = 0 THEN 'crawler' ELSE '' END AS machine,
       CASE WHEN n % 4 > 0 AND hash(n, 3) % 1000 BETWEEN 450 AND 899
            THEN concat('{{"seconds":', hash(n, 12) % 120, ',"scroll":', hash(n, 13) % 101, '}}')
            ELSE '{{}}' END AS props
FROM range({first}, {last}) AS made(n)
"""
MARKED = "host <> '' AND machine = '' AND happened_at >= %(since)s AND happened_at < %(until)s"
STATEMENTS = {
    "totals": f"""
        SELECT count(DISTINCT visitor), count(*), sum(views), sum((actions = 1)::int), sum(ended - started) FROM (
          SELECT visitor, min(happened_at) started, max(happened_at) ended, count(*) actions,
                 count(*) FILTER (WHERE name = 'pageview') views FROM (
            SELECT *, sum(begins) OVER (PARTITION BY visitor ORDER BY happened_at, id) visit FROM (
              SELECT *, (coalesce(happened_at - lag(happened_at) OVER (PARTITION BY visitor ORDER BY happened_at, id),
                                  '1 day') >= '30 minutes')::int begins FROM bench_event WHERE {MARKED}) a) b
          GROUP BY visitor, visit) c""",
    "views and visitors per day": f"""
        SELECT (happened_at AT TIME ZONE 'Europe/Berlin')::date, count(*), count(DISTINCT visitor)
        FROM bench_event WHERE {MARKED} AND name = 'pageview' GROUP BY 1 ORDER BY 1""",
    "pages": f"""
        SELECT path, count(*), count(DISTINCT visitor) FROM bench_event
        WHERE {MARKED} AND name = 'pageview' GROUP BY 1 ORDER BY 2 DESC LIMIT 50""",
}  # fmt: skip


def main() -> None:
    from lists import a_home

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=0, help="this many instead of both sizes")
    asked.add_argument("--quick", action="store_true", help="1,000,000 events alone")
    asked.add_argument("--kept", default="", help="a name to keep the events of one size (--events) under")
    asked.add_argument("--only", default="", help="questions whose name begins so")
    asked.add_argument("--postgres", default=os.environ.pop("DATABASE_URL", ""), help="a server to compare with")
    given = asked.parse_args()
    sizes = [given.events] if given.events else [1_000_000] if given.quick else list(AIMS_MS)
    if given.kept and len(sizes) > 1:
        raise SystemExit("--kept keeps one size: say --events N as well.")
    with a_home(given.kept and f"{given.kept}-{sizes[0]}") as is_new:
        os.environ["DJANGO_SETTINGS_MODULE"] = "baton.web.settings"
        import django

        django.setup()
        from django.core.management import call_command

        for alias in ("default", "events"):
            call_command("migrate", database=alias, verbosity=0)
        made = 0 if is_new else sizes[0]
        for events in sizes:
            make_events(made, events)
            made = events
            keep(events)
            measure(events, given.only)
            if "today".startswith(given.only):
                measure_today(events)
            if given.postgres:
                compare(given.postgres, events)


def make_events(first: int, count: int) -> None:
    """The store's own files, up to `count` events in all, in slices of a million."""
    import duckdb
    import pyarrow as pa

    from baton.tracking.store import parquet
    from baton.tracking.store.columns import schema
    from baton.tracking.store.models import EventFile

    for start in range(first, count, SLICE):
        sql = EVENTS.format(
            first=start, last=min(start + SLICE, count), visitors=125_000, since=int(SINCE.timestamp()) * 1_000_000
        )
        table = duckdb.sql(sql).to_arrow_table()
        size = table.num_rows
        empty = {pa.string(): pa.array([""] * size)}
        arrays = [
            table[one.name].cast(one.type) if one.name in table.column_names
            else table["happened_at"] if one.name == "received"
            else empty.get(one.type, pa.nulls(size, one.type))
            for one in schema()
        ]  # fmt: skip
        entry = parquet.write_file(pa.Table.from_arrays(arrays, schema=schema()), f"{SINCE:%Y-%m}")
        EventFile.objects.create(**entry)


def measure(events: int, only: str) -> None:
    for what, find in [*_questions(), *_funnels()]:
        if what.startswith(only):
            find()
            _tell(events, "embedded", what, *_median(find))


def measure_today(events: int) -> None:
    """The last day's visits worked out, then after fifty people more came, and questions while nothing happens."""
    from baton.tracking.store.models import EventTail, VisitDay

    last = (UNTIL - timedelta(days=1)).date()
    VisitDay.objects.filter(day=last).update(is_stale=True)
    find = dict([*_questions(), *_funnels()])
    for what, people in (("worked out first", range(1)), ("50 came meanwhile", range(1, 51))):
        _come(people)
        cpu, wall = _once(find["website_total"])
        print(f"{events:>10,} events  with today  {what:<28} cpu {cpu:8.0f} ms  wall {wall:8.0f} ms")
    for what in TODAY:
        _tell(events, "with today", what, *_median(find[what]))
    EventTail.objects.all().delete()
    VisitDay.objects.filter(day=last).update(is_stale=False)


def _come(people: range) -> None:
    from baton.tracking.store import Event, append
    from baton.tracking.store.append import to_micros

    at = to_micros(UNTIL - timedelta(hours=1))
    seen = {"name": "pageview", "host": "shop.example", "site": "shop.example", "path": "/page/1"}
    append([Event(id=f"{n:032x}", at=at + n, visitor=f"vtoday{n}", **seen) for n in people], consumed=True)


def _questions() -> Iterator[tuple[str, Callable[[], Any]]]:
    from baton.tracking.store import ask

    for name, ways in QUESTIONS.items():
        for params in ways:
            what = " ".join([name, *(value for value in params.values() if isinstance(value, str))])
            yield what, lambda name=name, params=params: ask(name, since=SINCE, until=UNTIL, **params)


def _funnels() -> Iterator[tuple[str, Callable[[], Any]]]:
    """All that a funnel's page shows, counted at once: the steps, where those went who stopped, and parts."""
    from baton.tracking.funnels.counts import counted
    from baton.tracking.funnels.rules import EVENT, PAGE, Shape, Step

    for per in ("visitor", "visit"):
        for width, pages in FUNNELS.items():
            steps = (*(Step(PAGE, page) for page in pages), Step(EVENT, "outbound link"))
            shape = Shape(steps, 7 * 1440, per)
            for by in ("", "channel"):
                yield (
                    f"funnel {width} {per} {by}".strip(),
                    lambda shape=shape, by=by: counted(shape, by=by, since=SINCE, until=UNTIL),
                )


def keep(events: int) -> None:
    """Visits as rows, as the worker keeps them every night: worked out once for all questions."""
    from django.utils import timezone

    from baton.tracking.store.models import VisitDay
    from baton.tracking.store.visit_keeper import keep_visits

    VisitDay.objects.all().delete()
    VisitDay.objects.bulk_create(VisitDay(day=(SINCE + timedelta(days=n)).date()) for n in range(31))
    cpu = time.process_time()
    keep_visits(now=timezone.now())
    print(f"{events:>10,} events  kept as visits once           cpu {1000 * (time.process_time() - cpu):8.0f} ms")


def compare(url: str, events: int) -> None:
    """The same rows in a table of PostgreSQL's that lives as long as the connection; the CPU is its process's."""
    import psycopg

    from baton.tracking.store.engines.files import Files

    names = ["id", "happened_at", "name", "visitor", "host", "path", "machine"]
    with psycopg.connect(url, autocommit=True) as server, Files().opened() as database:
        server.execute("SET TIME ZONE 'UTC'")
        server.execute("SET max_parallel_workers_per_gather = 0")
        server.execute(
            "CREATE TEMP TABLE bench_event (id text, happened_at timestamptz, name text, visitor text, host text,"
            " path text, machine text)"
        )
        rows = database.execute(f"SELECT {', '.join(names)} FROM events")
        with server.cursor().copy("COPY bench_event FROM STDIN") as copy:
            while batch := rows.fetchmany(50_000):
                for row in batch:
                    copy.write_row(row)
        server.execute("CREATE INDEX ON bench_event (happened_at)")
        server.execute("CREATE INDEX ON bench_event (visitor, happened_at)")
        server.execute("ANALYZE bench_event")
        pid = server.info.backend_pid
        for what, statement in STATEMENTS.items():
            before, wall = _process_ms(pid), time.perf_counter()
            server.execute(statement, {"since": SINCE, "until": UNTIL}).fetchall()
            cpu, took = _process_ms(pid) - before, 1000 * (time.perf_counter() - wall)
            print(f"{events:>10,} events  PostgreSQL  {what:<28} cpu {cpu:8.0f} ms  wall {took:8.0f} ms")


def _process_ms(pid: int) -> float:
    """CPU of a process of this machine so far; 0 where the server is elsewhere."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _tell(events: int, where: str, what: str, cpu: float, wall: float) -> None:
    aim = AIMS_MS.get(events)
    told = f"  aim {aim} ms, {'held' if cpu < aim else f'missed by {cpu / aim:.1f} times'}" if aim else ""
    print(f"{events:>10,} events  {where:<10}  {what:<28} cpu {cpu:8.0f} ms  wall {wall:8.0f} ms{told}")


def _median(do: Callable[[], Any]) -> tuple[float, float]:
    """CPU of this process, all threads, and time passed, in ms."""
    told = [_once(do) for _time in range(3)]
    return statistics.median(cpu for cpu, _wall in told), statistics.median(wall for _cpu, wall in told)


def _once(do: Callable[[], Any]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    do()
    return 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)


if __name__ == "__main__":
    main()
