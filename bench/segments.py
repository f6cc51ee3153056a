"""Segments over 1,000,000 contacts and 10,000,000 events: cold, warm, combined, followed, against one SQL statement.

bin/bench segments [--contacts N] [--events N] [--quick] [--postgres URL] [--kept NAME]. SQLite with the embedded store
in a temporary home, or PostgreSQL in a database of its own; both are removed afterwards, unless a name is given to keep
them under. Aims: a rule of five conditions cold under 1 s, warm with one condition changed under 100 ms, combined under
5 ms; 10,000 changed contacts through 200 segments under 5 s; less than 1 GB of memory. With PostgreSQL the same rule is
asked as one statement over the same rows.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
COUNTRIES, STAGES = ["DE", "US", "GB", "FR", "NL", "ES", "PL", "JP"], ["subscriber", "lead", "mql", "customer"]
PATHS, BATCH = ["/", "/pricing", "/product", "/guide", "/contact"], 20_000
NOW = datetime.now(UTC).replace(microsecond=0)
RULE: dict[str, Any] = {
    "all": [
        {"any": [
            {"all": [{"attribute": "country", "op": "in", "value": ["DE", "US"]},
                     {"attribute": "fit_score", "op": "at_least", "value": 50}]},
            {"all": [{"attribute": "lifecycle", "op": "is", "value": "customer"},
                     {"event": "order", "at_most": 0, "days": 180}]},
        ]},
        {"event": "email_opened", "at_least": 1, "days": 90},
    ]
}  # fmt: skip
STATEMENT = """
SELECT count(*) FROM people_contact c WHERE c.deleted_at IS NULL AND (
  (c.country IN ('DE', 'US') AND c.fit_score >= 50) OR (c.lifecycle = 'customer' AND NOT EXISTS (
    SELECT 1 FROM bench_event e WHERE e.contact = c.id AND e.name = 'order' AND e.happened_at >= %(half)s
      AND e.happened_at < %(now)s)))
AND EXISTS (SELECT 1 FROM bench_event e WHERE e.contact = c.id AND e.name = 'email_opened'
  AND e.happened_at >= %(quarter)s AND e.happened_at < %(now)s)
"""


def main() -> None:
    from lists import a_home, a_postgres

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--contacts", type=int, default=1_000_000)
    asked.add_argument("--events", type=int, default=10_000_000)
    asked.add_argument("--segments", type=int, default=200)
    asked.add_argument("--quick", action="store_true", help="a tenth of the size")
    asked.add_argument(
        "--postgres", default=os.environ.get("DATABASE_URL", ""), help="a server that may make databases"
    )
    asked.add_argument("--kept", default="", help="a name to keep the data under")
    given = asked.parse_args()
    share = 10 if given.quick else 1
    contacts, events = given.contacts // share, given.events // share
    with a_postgres(given.postgres, given.kept) if given.postgres else a_home(given.kept) as is_new:
        _prepare(contacts, events, is_new=is_new)
        measure(contacts, events, given.segments)


def _prepare(contacts: int, events: int, *, is_new: bool) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "baton.web.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    for alias in ("default", "events"):
        call_command("migrate", database=alias, verbosity=0)
    if not is_new:
        return
    started = time.monotonic()
    make_contacts(contacts)
    make_events(contacts, events)
    _settle()
    print(f"{connection.vendor}: {contacts:,} contacts, {events:,} events made in {time.monotonic() - started:.0f} s")


def _settle() -> None:
    """What autovacuum does within a minute."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def make_contacts(count: int) -> None:
    """Contacts straight into their table."""
    from django.db import connection, transaction

    from baton.people.contacts.models import Contact

    dice = random.Random(7)
    with transaction.atomic():
        for start in range(1, count + 1, BATCH):
            rows = [
                Contact(
                    pk=pk, token=f"t{pk}", email=f"p{pk}@mail.example", last_name=f"N{pk}",
                    lifecycle=dice.choice(STAGES),
                    country=dice.choice(COUNTRIES), fit_score=dice.randrange(100),
                    created_at=NOW - timedelta(seconds=dice.randrange(300 * 86_400) + 3600),
                    changed_at=NOW - timedelta(days=2),
                )
                for pk in range(start, min(start + BATCH, count + 1))
            ]  # fmt: skip
            Contact.objects.bulk_create(rows)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence('people_contact', 'id'), %s)", [count])


def make_events(contacts: int, count: int) -> None:
    """A year of events as the store's own files, one a month, and on PostgreSQL as rows too for the statement."""
    import numpy as np
    import pyarrow as pa
    from django.db import connection

    from baton.tracking.store import parquet
    from baton.tracking.store.columns import schema
    from baton.tracking.store.models import EventFile

    names = np.array(["pageview", "email_opened", "email_clicked", "order"])
    dice = np.random.default_rng(7)
    rows = connection.vendor == "postgresql"
    if rows:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_event (contact bigint, name text, happened_at timestamptz)")
    for month in range(12):
        size = count // 12
        until = NOW - timedelta(days=30 * month)
        at = int(until.timestamp()) * 1_000_000 - dice.integers(1, 30 * 86_400, size) * 1_000_000
        columns: dict[str, Any] = {
            "id": [f"{month:02}{n:030}" for n in range(size)],
            "happened_at": at, "received": at, "contact": dice.integers(1, contacts + 1, size),
            "name": names[np.searchsorted([0.8, 0.93, 0.97], dice.random(size))],
            "path": np.array(PATHS)[dice.integers(0, len(PATHS), size)],
            "props": pa.array(["{}"] * size),
        }  # fmt: skip
        arrays = [
            pa.array(columns[one.name], type=one.type) if one.name in columns
            else pa.array([""] * size) if one.type == pa.string() else pa.nulls(size, one.type)
            for one in schema()
        ]  # fmt: skip
        table = pa.Table.from_arrays(arrays, schema=schema())
        EventFile.objects.create(**parquet.write_file(table, f"{until:%Y-%m}"))
        if rows:
            with connection.cursor() as cursor, cursor.copy("COPY bench_event FROM STDIN") as copy:
                for one in zip(columns["contact"].tolist(), columns["name"].tolist(), at.tolist(), strict=True):
                    copy.write_row((one[0], one[1], datetime.fromtimestamp(one[2] // 1_000_000, UTC)))
    if rows:
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX ON bench_event (contact, name, happened_at)")
            cursor.execute("ANALYZE bench_event")


def measure(contacts: int, events: int, segments: int) -> None:
    from django.db import connection

    from baton.marketing.segments import keeping
    from baton.marketing.segments.compile import Compiler, combine, key_of
    from baton.marketing.segments.models import LeafMembers

    def cold() -> Any:
        return Compiler(now=NOW).members(RULE)

    def warm(number: int) -> Any:
        changed = {**RULE, "all": [*RULE["all"], {"attribute": "fit_score", "op": "less_than", "value": 60 + number}]}
        return keeping.Previewer(now=NOW).members(changed)

    found = cold()
    print(f"the rule finds {len(found):,}")
    told("five conditions cold, from the stores", 1000, [_timed(cold) for _n in range(5)])
    follow_all(segments)
    warm(0)
    told("warm, one condition changed", 100, [_timed(lambda n=n: warm(n)) for n in range(1, 8)])
    compiler = Compiler(now=NOW)
    compiler.members(RULE)
    told("combined", 5, [_timed(lambda: combine(RULE, compiler.leaf, compiler.everyone)) for _n in range(20)])
    if connection.vendor == "postgresql":
        told(
            "one statement on PostgreSQL, the same rows", 0, [_timed(lambda: statement(len(found))) for _n in range(3)]
        )
    change(contacts, segments)
    kept = sum(len(bytes(row)) for row in LeafMembers.objects.values_list("members", flat=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{LeafMembers.objects.count()} bitmaps of {kept / 2**20:.0f} MB kept; memory at most {peak:.0f} MB")
    assert key_of(RULE)


def statement(expected: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        spans = {"now": NOW, "half": NOW - timedelta(days=180), "quarter": NOW - timedelta(days=90)}
        cursor.execute(STATEMENT, spans)
        counted = cursor.fetchone()[0]
    if counted != expected:
        raise SystemExit(f"the statement finds {counted}, the segment {expected}")


def follow_all(count: int) -> None:
    """So many live segments of three conditions, of which a few share each; brought up for the first time."""
    from baton.marketing.segments.models import LeafMembers, Segment, SegmentFill, SegmentMember

    for kept in (SegmentFill, SegmentMember, LeafMembers, Segment):
        kept.objects.all().delete()
    for n in range(count):
        rule = {"all": [
            {"attribute": "country", "op": "is", "value": COUNTRIES[n % len(COUNTRIES)]},
            {"attribute": "fit_score", "op": "between", "value": [(n * 7) % 97, (n * 7) % 97 + 2]},
            {"event": "pageview", "path": PATHS[n % 5], "days": 30 + n % 4 * 30, "at_least": 1 + n % 2},
        ]}  # fmt: skip
        Segment.objects.create(name=f"Segment {n}", rule=rule)
    Segment.objects.create(name="Five conditions", rule=RULE)
    taken = _timed(fill_all)
    print(f"{count + 1} segments filled for the first time: {taken / 1000:.1f} s")
    _settle()


def fill_all() -> None:
    """A pass that sees the new segments, then the jobs that fill them."""
    from baton.marketing.segments.follow import follow
    from baton.marketing.segments.models import SegmentFill
    from baton.platform import jobs

    follow(now=datetime.now(UTC))
    while SegmentFill.objects.exists():
        if not jobs.run_due(limit=50):
            time.sleep(0.05)


def change(contacts: int, segments: int) -> None:
    """Ten thousand contacts get another country, another score and an event; then one pass."""
    from baton.marketing.segments.follow import follow
    from baton.marketing.segments.models import SegmentMember
    from baton.marketing.segments.touched import touch
    from baton.people.contacts.models import Contact

    dice = random.Random()  # kept data has been through the changes of earlier runs
    took = []
    for turn in range(3):
        later = datetime.now(UTC)
        ids = dice.sample(range(1, contacts + 1), min(10_000, contacts // 10))
        changed = [Contact(pk=pk, country=dice.choice(COUNTRIES), fit_score=dice.randrange(100), changed_at=later)
                   for pk in ids]  # fmt: skip
        Contact.objects.bulk_update(changed, ["country", "fit_score", "changed_at"], batch_size=300)
        touch(ids, "event")
        before = SegmentMember.objects.count()
        took.append(_timed(lambda later=later: follow(now=later)))
        entered = SegmentMember.objects.count() - before
        print(f"  turn {turn + 1}: {len(ids):,} changed, {entered:,} entered a segment, {took[-1] / 1000:.2f} s")
    told(f"10,000 changed contacts through {segments} live segments", 5000, took)


def told(what: str, aim_ms: float, took: list[float]) -> None:
    aim = f"aim {aim_ms:,.0f} ms" if aim_ms else "the comparison"
    print(f"{what:<60} median {statistics.median(took):9.1f} ms  worst {max(took):9.1f} ms  {aim}", flush=True)


def _timed(do: Callable[[], Any]) -> float:
    started = time.perf_counter()
    do()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
