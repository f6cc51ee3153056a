"""kill -9 of writer, projector, mover and merger at random moments: every answered event is there once.

Real processes over a real database: SQLite files, and PostgreSQL where DATABASE_URL names one (a database of its own).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.home import migrated_home, migrated_postgres

ROOT = Path(__file__).resolve().parents[4]
SECONDS, AT_MOST = 9, 60  # a busy machine takes long to start processes
KILLS = 8
PART = "import django; django.setup(); from baton.tracking.store.tests import kill_parts; kill_parts.{}()"


@pytest.fixture
def home(tmp_path) -> Iterator[dict[str, str]]:
    """Environment of an installation of its own."""
    environ = {
        **os.environ,
        "BATON_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "baton.web.settings",
        "EVENTS_URL": "",
    }
    url = os.environ.get("DATABASE_URL", "")
    is_postgres = url.startswith("postgres")
    made = migrated_postgres(url, f"baton_kill_{os.getpid()}") if is_postgres else nullcontext("")
    with made as environ["DATABASE_URL"]:
        if not is_postgres:
            migrated_home(tmp_path)
        _run(environ, "prepare").communicate(timeout=60)
        yield environ


@pytest.mark.slow
@pytest.mark.each_engine
def test_killed_anywhere_nothing_answered_is_lost_and_nothing_doubled(home) -> None:
    chance = random.Random(os.getpid())
    parts = ["run_writer", "run_writer", "run_projector", "run_projector", "run_mover", "run_mover", "run_tidier"]
    running = {number: _run(home, part, str(number)) for number, part in enumerate(parts)}
    kills, since = 0, time.monotonic()
    while (kills < KILLS or time.monotonic() - since < SECONDS) and time.monotonic() - since < AT_MOST:
        number = chance.choice(list(running))
        if not _is_at_work(home, running[number]):
            time.sleep(0.02)
            continue
        time.sleep(chance.uniform(0, 0.4))
        running[number].send_signal(signal.SIGKILL)
        running[number].wait()
        kills += 1
        running[number] = _run(home, parts[number], str(number))
    for process in running.values():
        process.kill()
        process.wait()
    told, _errors = _run(home, "judge", out=subprocess.PIPE).communicate(timeout=60)
    answered, lost, doubled, miscounted, moved = (int(number) for number in told.split())
    assert (lost, doubled, miscounted) == (0, 0, 0)
    assert answered > 0
    assert moved > 0
    assert kills >= KILLS


def _is_at_work(environ: dict[str, str], process: subprocess.Popen) -> bool:
    """Whether the process has begun its work; one that ended by itself fails the test."""
    assert process.poll() is None
    return (Path(environ["BATON_HOME"]) / f"at-work-{process.pid}").exists()


def _run(environ: dict[str, str], part: str, *args: str, out: int | None = None) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", PART.format(part), *args], env=environ, cwd=ROOT, stdout=out, text=True
    )
