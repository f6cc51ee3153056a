"""Beacon: events/s stored durably per CPU core, against the same server answering without storing, and after kill -9.

Starts the real servers on free ports over an empty SQLite home: `baton collect`, made for it, and granian as `baton
web` starts it. Sends from 32 connections at once for a few seconds per figure and counts the CPU seconds of the server.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("BATON_HOME", tempfile.mkdtemp(prefix="baton-bench-"))
os.environ["DJANGO_SETTINGS_MODULE"] = "baton.web.settings"
os.environ["DATABASE_URL"] = ""

import django  # noqa: E402 - the settings come first

django.setup()

from baton.tracking.collect.answers import Answer, Answers  # noqa: E402
from baton.tracking.collect.beacon import Beacon  # noqa: E402
from baton.tracking.collect.collector import Collector, collect  # noqa: E402
from baton.tracking.collect.rates import Rates  # noqa: E402

AIMS = {1: 6_000, 20: 15_000}  # events in a request: events/s of a core
SECONDS = float(os.environ.get("BEACON_SECONDS", "4"))
CONNECTIONS = int(os.environ.get("BEACON_CONNECTIONS", "32"))
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
GRANIAN = [
    sys.executable, "-m", "granian", "beacon:application", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1",
    "--port", "PORT", "--workers", "1", "--blocking-threads", "4", "--backpressure", "64", "--log-level", "warning",
]  # fmt: skip
application = Beacon(lambda *_: [], rates=Rates(0, 0))  # what granian serves: all senders here have one address


class WithoutStoring(Answers):
    """The limit: the request is read and answered, its events are not looked at."""

    def events(self, environ: dict[str, Any], read: Any) -> Answer:
        read(int(environ["CONTENT_LENGTH"]))
        return Answer("202 Accepted", ())


def main() -> None:
    if len(sys.argv) > 1:
        given = (WithoutStoring if sys.argv[1] == "bare" else Answers)(Rates(0, 0))
        asyncio.run(collect("127.0.0.1", int(sys.argv[2]), Collector(given=given)))
        return
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "BATON_HOME": home, "DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
        environ["PYTHONPATH"] = f"{ROOT}:{ROOT / 'bench'}"
        for alias in ("default", "events"):
            migrate = [sys.executable, "-m", "django", "migrate", "--database", alias, "--verbosity", "0"]
            subprocess.run(migrate, env=environ, check=True, cwd=ROOT)
        with _served(_collector("bare"), environ) as (_server, port, pid):
            bare = {size: _measure(port, size, pid)[0] for size in AIMS}
        with _served(_collector("full"), environ) as (server, port, pid):
            for size, aim in AIMS.items():
                stored, wall = _measure(port, size, pid)
                print(
                    f"baton collect, {size:>2} per request: {stored:>7,.0f} events/s per core (aim {aim:,}), "
                    f"{1e6 / stored:.0f} us CPU per event, {wall:,.0f} events/s on the wall; "
                    f"the same server without storing {bare[size]:,.0f}, ratio {stored / bare[size]:.2f}"
                )
            _kill_check(port, server, Path(home))
        with _served(GRANIAN, environ) as (_server, port, pid):
            for size in AIMS:
                stored, wall = _measure(port, size, pid)
                print(
                    f"baton web,     {size:>2} per request: {stored:>7,.0f} events/s per core, "
                    f"{1e6 / stored:.0f} us CPU per event, {wall:,.0f} events/s on the wall"
                )


def _collector(kind: str) -> list[str]:
    return [sys.executable, __file__, kind, "PORT"]


@contextmanager
def _served(command: list[str], environ: dict[str, str]) -> Iterator[tuple[subprocess.Popen, int, int]]:
    """A server of its own: process, port and the id of the process that works."""
    port = _free_port()
    started = [str(port) if part == "PORT" else part for part in command]
    server = subprocess.Popen(started, env=environ, cwd=ROOT / "bench", start_new_session=True)
    try:
        _wait_for(port)
        yield server, port, _worker_of(server.pid)
    finally:
        with suppress(ProcessLookupError):  # granian's worker outlives its parent
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _measure(port: int, size: int, pid: int) -> tuple[float, float]:
    """Events per CPU second of the server and per second on the wall."""
    _send_for(port, size, 0.5)
    cpu, started = _cpu_seconds(pid), time.monotonic()
    sent = _send_for(port, size, SECONDS)
    wall = time.monotonic() - started
    return sent / (_cpu_seconds(pid) - cpu), sent / wall


def _send_for(port: int, size: int, seconds: float) -> int:
    """Events sent from all connections at once, again and again: a cheap client, so that the server is the busy one."""
    sockets = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(CONNECTIONS)]
    until, sent = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        for connection in sockets:
            connection.sendall(_request(_bodies(size)))
        for connection in sockets:
            answer = connection.recv(4096)
            if not answer.startswith(b"HTTP/1.1 202"):
                raise SystemExit(f"the beacon answered {answer[:80]!r}")
            sent += size
    for connection in sockets:
        connection.close()
    return sent


def _request(body: bytes) -> bytes:
    head = (
        f"POST /e HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\n"
        "Accept-Language: en-GB,en;q=0.8\r\nOrigin: https://shop.example\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _post(connection: http.client.HTTPConnection, body: bytes) -> None:
    connection.request("POST", "/e", body, {"User-Agent": AGENT, "Content-Type": "text/plain"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 202:
        raise SystemExit(f"the beacon answered {answer.status}")


_number = iter(range(10**9))
_TEMPLATE = (
    '{"id":"%s","name":"pageview","url":"https://shop.example/page/%d?utm_source=google&utm_medium=cpc&utm_campaign=c%d",'
    '"referrer":"https://www.google.com/","visitor":"","props":{"plan":"team"},"sent":%d}'
)


def _bodies(size: int) -> bytes:
    now = time.time_ns() // 1_000_000
    events = []
    for _ in range(size):
        n = next(_number)
        events.append(_TEMPLATE % (f"{now:012x}7{n % 4096:03x}8{n:015x}", n % 300, n % 12, now))
    return (events[0] if size == 1 else f"[{','.join(events)}]").encode()


def _kill_check(port: int, server: subprocess.Popen, home: Path) -> None:
    """Everything answered 202 before kill -9 is in the tail afterwards, once."""
    before = _stored(home)
    answered: list[str] = []
    stop = threading.Event()

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            while not stop.is_set():
                body = _bodies(20)
                _post(connection, body)
                answered.extend(event["id"] for event in json.loads(body))
        except (OSError, http.client.HTTPException):
            return

    threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    os.killpg(server.pid, signal.SIGKILL)
    stop.set()
    for thread in threads:
        thread.join()
    with sqlite3.connect(home / "events.sqlite3") as database:
        there = {row[0] for row in database.execute("SELECT event FROM tracking_eventtail")}
        many = database.execute("SELECT count(*) FROM tracking_eventtail").fetchone()[0]
    lost = sum(id not in there for id in answered)
    print(
        f"beacon, kill -9: {len(answered):,} answered, {lost} lost, {many - len(there)} doubled, "
        f"{many - before:,} stored"
    )
    if lost or many != len(there):
        raise SystemExit(1)


def _stored(home: Path) -> int:
    with sqlite3.connect(home / "events.sqlite3") as database:
        return database.execute("SELECT count(*) FROM tracking_eventtail").fetchone()[0]


def _worker_of(parent: int) -> int:
    """The process that has worked most: granian's child, or the server itself."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return max([parent, *map(int, children)], key=_cpu_seconds)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            _post(connection, _bodies(1))
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
