"""Sending as real processes: a home of its own, a sink that writes down what it took, workers that can be killed.

Run as `python -m baton.marketing.email.tests.yard sink FILE | fill NUMBER | test NUMBER | work`. Used by the kill
tests and bench/.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psycopg

from tests.home import migrated_home

ROOT = Path(__file__).resolve().parents[4]
QUICK_LEASE_SECONDS = 1
OPEN = {"queued", "claimed", "deferred", "waiting"}
LEDGER = "SELECT c.email, d.state FROM people_delivery d JOIN people_contact c ON c.id = d.contact_id"


@dataclass(frozen=True)
class Toll:
    """What kills cost: addresses that the ledger calls done and the sink never had, those it had more than once, and
    how many nobody knows of. `people` are all on the ledger.
    """

    people: int
    lost: list[str]
    doubled: list[str]
    unknown: int


class Yard:
    """A fresh installation whose files are in `home`: on SQLite, or on the migrated PostgreSQL of `database`.

    `MODULE` is whose commands it runs.
    """

    MODULE = "baton.marketing.email.tests.yard"

    def __init__(self, home: Path, *, batch: int = 100, database: str = "") -> None:
        self.home, self._database = home, database
        migrated_home(home)
        self._started: list[subprocess.Popen] = []
        self.environ = {
            **os.environ,
            "BATON_HOME": str(home),
            "BATON_MAIL_FROM": "shop@acme.example",
            "DJANGO_SETTINGS_MODULE": "baton.web.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database,
            "YARD_BATCH": str(batch),
        }

    @classmethod
    def in_test_database(cls, home: Path) -> Self:
        """In the PostgreSQL of the tests themselves: it is migrated already, and emptied afterwards."""
        from django.db import connection

        told = connection.get_connection_params()
        url = "postgres://{user}:{password}@{host}:{port}/{dbname}".format(**{"password": "", "port": 5432} | told)
        return cls(home, database=url)

    def start(self, *words: str) -> subprocess.Popen:
        """One of this module's commands as a process."""
        return self._start("-m", self.MODULE, *words, is_heard=words[0] == "sink")

    def start_web(self, port: int) -> subprocess.Popen:
        """The web server; it answers in a moment."""
        return self._start("-m", "baton.web.cli", "web", "--port", str(port))

    def _start(self, *words: str, is_heard: bool = False) -> subprocess.Popen:
        with (self.home / "stderr").open("ab") as complaints:
            started = subprocess.Popen(
                [sys.executable, *words],
                env=self.environ,
                cwd=ROOT,
                stdout=subprocess.PIPE if is_heard else subprocess.DEVNULL,
                stderr=complaints,
                text=True,
                start_new_session=True,
            )
        self._started.append(started)
        return started

    def run(self, command: str, number: int) -> None:
        """One of this module's commands, to its end."""
        assert self.start(command, str(number)).wait() == 0, self.complaints

    def told(self, *words: str) -> str:
        """What Python prints, once it is done."""
        ran = self._start(*words, is_heard=True)
        said, _ = ran.communicate()
        self._started.remove(ran)
        assert ran.returncode == 0, self.complaints
        return said.strip()

    def start_sink(self) -> subprocess.Popen:
        """The sink as a process; from now on workers send to it."""
        sink = self.start("sink", str(self.home / "taken"))
        assert sink.stdout
        self.environ["SMTP_URL"] = f"smtp://127.0.0.1:{int(sink.stdout.readline())}"
        return sink

    def kill(self, process: subprocess.Popen) -> None:
        """kill -9, its children too."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout:
            process.stdout.close()
        self._started.remove(process)

    def end(self) -> None:
        """Nothing that was started goes on."""
        for process in list(self._started):
            self.kill(process)

    @property
    def complaints(self) -> str:
        return (self.home / "stderr").read_text()[-2000:]

    def taken(self) -> list[str]:
        """Recipients in the order in which the sink said 250 to their mail."""
        path = self.home / "taken"
        return path.read_text().split() if path.exists() else []

    def work_until(self, number: int, *, workers: int = 1) -> None:
        """Workers, killed at once when the sink has had so many mails."""
        self.work_while(lambda: len(self.taken()) < number, workers=workers)

    def work_while(self, is_so: Callable[[], bool], *, workers: int = 1) -> None:
        """Workers, killed at once when something is so no longer."""
        running = [self.start("work") for _ in range(workers)]
        assert wait_for(lambda: not is_so()), self.complaints
        for worker in running:
            self.kill(worker)

    def work_until_sent(self, seconds: float = 120) -> None:
        """A worker until the email is over."""
        worker = self.start("work")
        ended = wait_for(lambda: self.ask("SELECT state FROM marketing_broadcast") == [("sent",)], seconds)
        assert ended, self.complaints
        self.kill(worker)

    def ask(self, question: str) -> list[tuple]:
        if self._database:
            with psycopg.connect(self._database) as connection:
                return connection.execute(question).fetchall()
        with sqlite3.connect(self.home / "baton.sqlite3", timeout=20) as connection:
            rows = connection.execute(question).fetchall()
        connection.close()
        return rows

    def toll(self, question: str) -> Toll:
        """`question` gives address and state of every row of the ledger, none of them open any more."""
        rows, taken = self.ask(question), Counter(self.taken())
        states = dict(rows)
        assert len(states) == len(rows), "somebody is on the ledger twice"
        assert not OPEN & set(states.values())
        assert set(taken) <= set(states)
        return Toll(
            people=len(rows),
            lost=[address for address, state in rows if state == "handed" and address not in taken],
            doubled=[address for address, times in taken.items() if times > 1],
            unknown=Counter(states.values())["unknown"],
        )


def wait_for(is_so: Callable[[], bool], seconds: float = 120) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.02)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, file: int) -> None:
    writer.write(b"220 sink\r\n")
    recipient = b""
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"EHLO":
            writer.write(b"250-sink\r\n250 PIPELINING\r\n")
        elif verb == b"DATA":
            writer.write(b"354 go on\r\n")
            await writer.drain()
            while await reader.readline() not in (b".\r\n", b""):
                pass
            if reader.at_eof():
                return
            os.write(file, recipient + b"\n")  # taken, whether or not anyone is left to hear the answer
            writer.write(b"250 taken\r\n")
        else:
            if verb == b"RCPT":
                recipient = line[9:].strip().rstrip(b">")
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
    writer.close()


async def _sink(path: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _serve(reader, writer, file)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _fill(number: str) -> None:
    from django.utils import timezone

    from baton.marketing.email import actions
    from baton.marketing.email.tests.conftest import an_email

    actions.send_email(an_email(int(number)), at=None, actor=_marketer(), now=timezone.now())


def _test(number: str) -> None:
    """The same with an A/B test whose rest need not wait, and some held out."""
    from django.utils import timezone

    from baton.marketing.email import actions
    from baton.marketing.email.tests.conftest import an_email
    from baton.marketing.trials.actions import save_trial
    from baton.marketing.trials.models import Trial

    actor, email, now = _marketer(), an_email(int(number)), timezone.now()
    values = {"test_percent": 40, "held_percent": 10, "metric": "clicks", "wait_hours": 1, "if_unclear": "leader"}
    save_trial(email, values, {"B": {"subject": "Or {{ contact.first_name }}"}}, actor=actor, now=now)
    Trial.objects.update(wait_hours=0)
    actions.send_email(email, at=None, actor=actor, now=timezone.now())


def _marketer() -> object:
    from baton.platform.accounts.models import User

    return User.objects.create_user(email="m@acme.example", name="M", role="marketer")


def work() -> None:
    """A worker that is quick to notice what others left behind."""
    from baton.marketing.email import sending
    from baton.marketing.transactional import sending as lane
    from baton.platform import wiring
    from baton.platform.jobs import actions as jobs
    from baton.platform.jobs.worker import Every, Worker

    jobs.LEASE_SECONDS = QUICK_LEASE_SECONDS  # type: ignore[misc]
    sending.WATCH_SECONDS = lane.WATCH_SECONDS = 0.2  # type: ignore[misc,assignment]
    sending.BATCH = int(os.environ["YARD_BATCH"])  # type: ignore[misc]
    wiring.page().CRON[:] = [Every("trials.judge", 1)]
    Worker().run()


def obey(**commands: Callable[..., None]) -> None:
    """Do what the command line asks for: the sink, or one of these commands in Django's house."""
    command, *words = sys.argv[1:]
    if command == "sink":
        asyncio.run(_sink(*words))
    else:
        import django

        django.setup()
        commands[command](*words)


if __name__ == "__main__":
    obey(fill=_fill, test=_test, work=work)
