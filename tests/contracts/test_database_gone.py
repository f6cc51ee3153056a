"""PostgreSQL goes away for a moment under a web process, a worker and a stream of events, and comes back.

Real processes by the product's own command, over a database of their own. Nothing dies, nothing is lost or doubled, and
who asks meanwhile is told so in words.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from baton.marketing.forms.actions import save_form
from baton.marketing.forms.models import Form
from baton.marketing.forms.rules import DEFAULT_FIELDS
from baton.platform.notifications.actions import notify
from baton.tracking.collect.reading import new_id
from tests.cast import NOW, a_user

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
JOBS = 150
PAGE = "/f/guide/"


@dataclass
class Installation:
    """Processes over a database of their own, and a connection that may shut and open its door."""

    name: str
    port: int
    environ: dict[str, str]
    admin: Any
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, what: str, *words: str) -> None:
        command = [sys.executable, "-m", "baton.web.cli", what, *words]
        self.processes[what] = subprocess.Popen(command, env=self.environ, cwd=ROOT, start_new_session=True)

    def goes_away(self) -> None:
        self.admin.execute(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS false')
        self.admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.name])

    def comes_back(self) -> None:
        self.admin.execute(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS true')

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(**_place(self.name)) as connection:
            return connection.execute(sql).fetchall()

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
        asked = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            asked.request(method, path, body)
            answer = asked.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException) as error:
            return 0, str(error)
        finally:
            asked.close()


@pytest.fixture
def installation(transactional_db: None, tmp_path: Path) -> Iterator[Installation]:
    if connections["default"].vendor != "postgresql":
        pytest.skip("SQLite is a file beside the process: it cannot go away and come back")
    import psycopg

    save_form(Form(), {"name": "G", "slug": "guide", "title": "Guide", "fields": DEFAULT_FIELDS}, actor=None, now=NOW)
    person = a_user("operations")
    for number in range(JOBS):
        notify(person, "test", f"Number {number}")
    template, name, port = connections["default"].settings_dict["NAME"], f"baton_gone_{os.getpid()}", _free_port()
    for alias in ("events", "default"):
        connections[alias].close()  # a database with somebody in it cannot be copied
    home = {"BATON_HOME": str(tmp_path), "BATON_URL": f"http://127.0.0.1:{port}", "DATABASE_URL": _url(name)}
    environ = {**os.environ, **home, "DJANGO_SETTINGS_MODULE": "baton.web.settings"}
    with psycopg.connect(**_place("postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        made = Installation(name, port, environ, admin)
        try:
            yield made
        finally:
            for process in made.processes.values():
                os.killpg(process.pid, signal.SIGKILL)  # with the workers of the server
                process.wait()
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.slow
@pytest.mark.django_db(databases=["default", "events"], transaction=True)
def test_a_database_that_goes_away_for_a_moment_costs_nothing(installation: Installation) -> None:
    installation.start("web", "--port", str(installation.port), "--processes", "1")
    installation.start("work", "--processes", "1")
    until(lambda: installation.request("GET", PAGE)[0] == 200, "the page is not served")
    stream = Stream(installation)
    stream.start()
    until(lambda: len(stream.taken) >= 5, "no event was taken")
    until(lambda: _done(installation) >= 5, "the worker does nothing")

    installation.goes_away()
    until(lambda: stream.refused >= 3, "events were not refused while the database was gone")
    status, words = installation.request("GET", PAGE)
    assert (status, "The database does not answer" in words) == (503, True)
    assert stream.refusals == {503}
    installation.comes_back()

    until(lambda: installation.request("GET", PAGE)[0] == 200, "the page did not come back")
    before = len(stream.taken)
    until(lambda: len(stream.taken) >= before + 5, "no event was taken afterwards")
    stream.stop()
    until(lambda: _done(installation) == JOBS, lambda: f"jobs stand as {_states(installation)}")

    assert {name: process.poll() for name, process in installation.processes.items()} == {"web": None, "work": None}
    assert _states(installation) == [("done", JOBS)]
    assert installation.ask("SELECT count(*) FROM platform_notification WHERE mailed_at IS NULL") == [(0,)]
    kept = [row[0] for row in installation.ask(
        "SELECT event FROM tracking_eventtail UNION ALL SELECT event FROM tracking_eventseen"
    )]  # fmt: skip
    assert len(kept) == len(set(kept))
    assert {one.replace("-", "") for one in stream.taken} <= set(kept)


class Stream(threading.Thread):
    """A browser that sends one event after the other and sends again what was not answered by 202."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(daemon=True)
        self._installation = installation
        self._stopping = threading.Event()
        self.taken: list[str] = []
        self.refused = 0
        self.refusals: set[int] = set()

    def run(self) -> None:
        event = new_id()
        while not self._stopping.is_set():
            body = json.dumps({"id": event, "name": "pageview", "url": "https://site.example/a"}).encode()
            status, _words = self._installation.request("POST", "/e", body)
            if status == 202:
                self.taken.append(event)
                event = new_id()
            else:
                self.refused += 1
                self.refusals.add(status)

    def stop(self) -> None:
        self._stopping.set()
        self.join(PATIENCE_SECONDS)


def until(is_so: Callable[[], bool], otherwise: str | Callable[[], str]) -> None:
    """Look again and again until it is so; fails with `otherwise` when patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(0.02)


def _done(installation: Installation) -> int:
    return dict(_states(installation)).get("done", 0)


def _states(installation: Installation) -> list[tuple[str, int]]:
    return installation.ask(
        "SELECT state, count(*) FROM platform_job WHERE kind = 'notification.mail' GROUP BY state ORDER BY state"
    )


def _place(name: str) -> dict[str, Any]:
    told = settings.DATABASES["default"]
    values = {"host": told["HOST"], "port": told["PORT"], "user": told["USER"], "password": told["PASSWORD"]}
    return {"dbname": name, **{key: value for key, value in values.items() if value}}


def _url(name: str) -> str:
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
