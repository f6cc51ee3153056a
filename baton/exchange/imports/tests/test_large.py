"""A large file, and a process killed in the middle: real processes, an installation of their own."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from baton.exchange.imports.reading import count_rows, sniff
from tests.home import migrated_home

pytestmark = [pytest.mark.slow, pytest.mark.own_sqlite]

ROOT = Path(__file__).resolve().parents[4]
ROWS = 12_000


def command(home: Path, *words: str) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-m", "baton.web.cli", *words],
        cwd=ROOT,
        env={**environ, "BATON_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(home: Path, *words: str) -> str:
    process = command(home, *words)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return said


def asked(home: Path, question: str) -> int:
    with sqlite3.connect(home / "baton.sqlite3", timeout=30) as database:
        return database.execute(question).fetchone()[0] or 0


def test_an_import_killed_in_the_middle_goes_on_and_doubles_nothing(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write("First name,Last name\n")
        out.writelines(f"Ada,Number {n}\n" for n in range(ROWS))
    migrated_home(tmp_path)
    process = command(tmp_path, "import", str(file), "--as", "contacts")
    while process.poll() is None and not asked(tmp_path, "SELECT max(rows_done) FROM exchange_importrun"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert 0 < asked(tmp_path, "SELECT count(*) FROM people_contact") <= ROWS
    finished(tmp_path, "import", str(file), "--as", "contacts")
    assert asked(tmp_path, "SELECT count(*) FROM people_contact") == ROWS
    assert asked(tmp_path, "SELECT count(*) FROM exchange_importrun") == 1


def test_a_file_of_100_mb_is_read_row_by_row_in_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    line = "Ada,Lovelace,ada@engine.example," + "x" * 965 + "\n"
    with file.open("w") as out:
        out.write("First name,Last name,E-mail,Note\n")
        out.writelines([line] * 100_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert count_rows(file, sniff(file)) == 100_000
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 50
    migrated_home(tmp_path)
    said = finished(tmp_path, "import", str(file), "--as", "contacts", "--dry-run")
    assert "Nothing was imported" in said
    assert asked(tmp_path, "SELECT count(*) FROM people_contact") == 0


def test_events_of_an_import_killed_in_the_middle_are_there_once(tmp_path: Path) -> None:
    file = tmp_path / "history.ndjson"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(
            f'{{"time": "2021-03-04T05:06:07Z", "event": "order", "visitor": "{n}", "id": "{n}"}}\n'
            for n in range(ROWS)
        )
    migrated_home(tmp_path)
    process = command(tmp_path, "import", str(file), "--as", "events")
    while process.poll() is None and not asked(tmp_path, "SELECT max(rows_done) FROM exchange_importrun"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    finished(tmp_path, "import", str(file), "--as", "events")
    assert f"{ROWS:,} in the tail" in finished(tmp_path, "events", "count")
    said = finished(tmp_path, "import", str(file), "--as", "events")
    assert f"0 created, 0 updated, {ROWS:,} skipped" in said
