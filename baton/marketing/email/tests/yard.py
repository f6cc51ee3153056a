"""A mailing as real processes: a home of its own, a sink that writes down what it took, workers that can be killed.

Run as `python -m baton.marketing.email.tests.yard sink FILE | fill NUMBER | work`. Used by the kill test and bench/.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.home import migrated_home

ROOT = Path(__file__).resolve().parents[4]
QUICK_LEASE_SECONDS = 1


class Yard:
    """A fresh installation on SQLite in `home`, its migrations run."""

    def __init__(self, home: Path, *, batch: int = 100) -> None:
        self.home = home
        migrated_home(home)
        self.environ = {
            **os.environ,
            "BATON_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "baton.web.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": "",
            "YARD_BATCH": str(batch),
        }

    def start(self, *words: str) -> subprocess.Popen:
        with (self.home / "stderr").open("ab") as complaints:
            return subprocess.Popen(
                [sys.executable, "-m", "baton.marketing.email.tests.yard", *words],
                env=self.environ,
                cwd=ROOT,
                stdout=subprocess.PIPE if words[0] == "sink" else subprocess.DEVNULL,
                stderr=complaints,
                text=True,
            )

    def start_sink(self) -> subprocess.Popen:
        """The sink as a process; from now on workers send to it."""
        sink = self.start("sink", str(self.home / "taken"))
        assert sink.stdout
        self.environ["SMTP_URL"] = f"smtp://127.0.0.1:{int(sink.stdout.readline())}"
        return sink

    def taken(self) -> list[str]:
        """Recipients in the order in which the sink said 250 to their mail."""
        path = self.home / "taken"
        return path.read_text().split() if path.exists() else []

    def ask(self, question: str) -> list[tuple]:
        with sqlite3.connect(self.home / "baton.sqlite3", timeout=20) as connection:
            rows = connection.execute(question).fetchall()
        connection.close()
        return rows


def wait_for(is_so: Callable[[], bool], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.02)
    return False


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


def _fill(number: int) -> None:
    from django.utils import timezone

    from baton.marketing.email import actions
    from baton.marketing.email.tests.conftest import an_email
    from baton.platform.accounts.models import User

    user = User.objects.create_user(email="m@acme.example", name="M", role="marketer")
    actions.send_email(an_email(number), at=None, actor=user, now=timezone.now())


def _work() -> None:
    from baton.marketing.email import sending
    from baton.platform.jobs import actions as jobs
    from baton.platform.jobs.worker import Worker

    jobs.LEASE_SECONDS = QUICK_LEASE_SECONDS  # type: ignore[misc]
    sending.WATCH_SECONDS = 0.2  # type: ignore[misc]
    sending.BATCH = int(os.environ["YARD_BATCH"])  # type: ignore[misc]
    Worker().run()


if __name__ == "__main__":
    if sys.argv[1] == "sink":
        asyncio.run(_sink(sys.argv[2]))
    else:
        import django

        django.setup()
        _fill(int(sys.argv[2])) if sys.argv[1] == "fill" else _work()
