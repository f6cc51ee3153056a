"""Contact import with checks: rows/s and peak memory, against the database's own bulk load in the same run.

bin/bench import [--rows 1000000 | --quick]. Made: a CSV of people at companies, imported as `baton import` does it
(addresses checked, phones read, companies found or made, search rows, external ids, undo). The limit: executemany of
the same contact rows, already read and checked, into the same database.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
HOME = os.environ.setdefault("BATON_HOME_OF_BENCH", tempfile.mkdtemp(prefix="baton-bench-"))
os.environ["BATON_HOME"] = HOME
os.environ.pop("DATABASE_URL", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "baton.web.settings")

FIRST = "Ada Grace Jörg Zoë Linus Ewa Noor Ravi Mei Olu".split()
LAST = "Müller Okafor Schmidt Nguyen Rossi Lopez Kowalski Haddad Tanaka Dubois".split()
TITLES = ["Head of Marketing", "Sales Manager", "Engineer", "Geschäftsführer", "", "VP Operations"]
HEAD = "id,First name,Last name,E-mail,Phone,Job title,Company,City,Country\n"
PER_COMPANY = 50
LIMIT_BATCH = 10_000


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--quick", action="store_true", help="100,000 rows")
    asked.add_argument("--step", choices=["import", "limit"], help=argparse.SUPPRESS)
    given = asked.parse_args()
    count = 100_000 if given.quick else given.rows
    if given.step:
        print(imported() if given.step == "import" else loaded(count))
        return
    with (Path(HOME) / "people.csv").open("w", encoding="utf-8") as file:
        file.write(HEAD)
        file.writelines(lines(count))
    ours, peak_mb = measured("import", count)
    limit, _peak = measured("limit", count)
    print(
        f"contact import: {count / ours:,.0f} rows/s over {count:,} rows, peak {peak_mb:,.0f} MB; "
        f"executemany of the same contacts {count / limit:,.0f} rows/s; ratio {ours / limit:.1f}; "
        "aim 5,000 rows/s and 400 MB"
    )


def lines(count: int) -> Iterator[str]:
    """Lines of the file: every tenth person at a free-mail address, every fourth without a phone number."""
    for n in range(count):
        company = n // PER_COMPANY
        domain = "gmail.com" if n % 10 == 0 else f"company{company}.example"
        first, last = FIRST[n % 10], LAST[n // 10 % 10]
        phone = "" if n % 4 == 0 else f"+49 30 {1000000 + n % 9000000}"
        yield f"{n},{first},{last},p{n}@{domain},{phone},{TITLES[n % 6]},Company {company} Ltd,Berlin,DE\n"


def measured(step: str, count: int) -> tuple[float, float]:
    """Seconds and peak MB of one step in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--step", step, "--rows", str(count)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


def imported() -> str:
    """The whole way of `baton import people.csv --as contacts` into a new installation."""
    import django

    django.setup()
    from django.core.management import call_command

    from baton.exchange.imports import command

    for alias in ("default", "events"):
        call_command("migrate", database=alias, verbosity=0)
    asked = argparse.ArgumentParser()
    command.add_arguments(asked)
    given = asked.parse_args([f"{HOME}/people.csv", "--as", "contacts"])
    started = time.monotonic()
    with contextlib.redirect_stdout(sys.stderr):
        command.run(given)
    return f"{time.monotonic() - started:.2f} {peak_mb():.0f}"


def loaded(count: int) -> str:
    """The same contacts' rows copied by executemany into an empty table of the same shape and indexes."""
    import django

    django.setup()
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'people_contact' AND sql IS NOT NULL")
        shapes = [sql for (sql,) in cursor.fetchall() if not sql.startswith("CREATE TRIGGER")]
        cursor.execute("ALTER TABLE people_contact RENAME TO bench_contact")
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE tbl_name = 'bench_contact' AND type = 'index' AND sql <> ''"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')
        for sql in shapes:
            cursor.execute(sql)
    connection.ensure_connection()
    reader, writer = connection.connection.cursor(), connection.connection.cursor()
    reader.execute("SELECT * FROM bench_contact LIMIT ?", [count])
    marks = ", ".join("?" * len(reader.description))
    seconds = 0.0
    while rows := list(islice(_fetched(reader), LIMIT_BATCH)):
        started = time.monotonic()
        with transaction.atomic():
            writer.executemany(f"INSERT INTO people_contact VALUES ({marks})", rows)
        seconds += time.monotonic() - started
    return f"{seconds:.2f} {peak_mb():.0f}"


def _fetched(reader: Any) -> Iterator[Any]:
    while row := reader.fetchone():
        yield row


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
