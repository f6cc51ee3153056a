"""Beacon: events/s stored durably per CPU core, against the same server answering without storing, and after kill -9.

Starts the real server (granian) on a free port over an empty SQLite home, sends from four connections for a few seconds
per figure and counts CPU seconds of the server process alone. The limit is a bare WSGI callable that reads the body and
answers.
"""

from __future__ import annotations

import http.client
import io
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
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECONDS = float(os.environ.get("BEACON_SECONDS", "4"))
CONNECTIONS = int(os.environ.get("BEACON_CONNECTIONS", "4"))
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"


def application(environ: dict[str, Any], start: Any) -> Any:
    """What granian serves here: /bare answers without storing, the rest is the beacon without its limit per address."""
    if environ["PATH_INFO"] == "/bare":
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start("202 Accepted", [("Content-Length", "0")])
        return [b""]
    return _beacon()(environ, start)


_made: list[Any] = []


def _beacon() -> Any:
    if not _made:
        import django

        django.setup()
        from baton.tracking.collect.beacon import Beacon
        from baton.tracking.collect.rates import Rates

        _made.append(Beacon(lambda *_: [], rates=Rates(0, 0)))
    return _made[0]


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "BATON_HOME": home, "DJANGO_SETTINGS_MODULE": "baton.web.settings", "DATABASE_URL": ""}
        environ["PYTHONPATH"] = f"{ROOT}:{ROOT / 'bench'}"
        for alias in ("default", "events"):
            migrate = [sys.executable, "-m", "django", "migrate", "--database", alias, "--verbosity", "0"]
            subprocess.run(migrate, env=environ, check=True, cwd=ROOT)
        port = _free_port()
        server = _serve(port, environ)
        try:
            _wait_for(port)
            pid = _worker_of(server.pid)
            for size, aim in ((1, 6_000), (20, 15_000)):
                bare = _measure(port, "/bare", size, pid)
                stored = _measure(port, "/e", size, pid)
                wanted = f"aim {aim:,}"
                print(
                    f"beacon, {size:>2} per request: {stored[0]:>9,.0f} events/s per core ({wanted}), "
                    f"{1e6 / stored[0]:.0f} us CPU per event, {stored[1]:,.0f} events/s on the wall; "
                    f"bare callable {bare[0]:,.0f}, ratio {stored[0] / bare[0]:.2f}"
                )
            _kill_check(port, server, Path(home))
            per_event = _alone(environ)
            print(
                f"beacon,  1 per request, the callable alone: {1e6 / per_event:,.0f} events/s per core, "
                f"{per_event:.0f} us CPU per event; the rest of the first line is the HTTP server's"
            )
        finally:
            server.kill()
            server.wait()


def _alone(environ: dict[str, str], events: int = 5_000) -> float:
    """Microseconds of CPU for an event that comes by itself, stored durably, without any HTTP server around."""
    os.environ.update(environ)
    beacon = _beacon()

    def send() -> None:
        body = _bodies(1)
        told = {"REQUEST_METHOD": "POST", "PATH_INFO": "/e", "REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": AGENT}
        beacon(told | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}, lambda *_: None)

    send()
    started = time.process_time()
    for _ in range(events):
        send()
    return (time.process_time() - started) / events * 1e6


def _measure(port: int, path: str, size: int, pid: int) -> tuple[float, float]:
    """Events per CPU second of the server and per second on the wall."""
    _send_for(port, path, size, 0.5)
    cpu, started = _cpu_seconds(pid), time.monotonic()
    sent = sum(_send_for(port, path, size, SECONDS))
    wall = time.monotonic() - started
    return sent / (_cpu_seconds(pid) - cpu), sent / wall


def _send_for(port: int, path: str, size: int, seconds: float) -> list[int]:
    counts = [0] * CONNECTIONS
    until = time.monotonic() + seconds

    def send(slot: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while time.monotonic() < until:
            _post(connection, path, _bodies(size))
            counts[slot] += size
        connection.close()

    threads = [threading.Thread(target=send, args=(slot,)) for slot in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts


def _post(connection: http.client.HTTPConnection, path: str, body: bytes) -> None:
    connection.request("POST", path, body, {"User-Agent": AGENT, "Content-Type": "text/plain"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 202:
        raise SystemExit(f"{path} answered {answer.status}")


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
                _post(connection, "/e", body)
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


def _serve(port: int, environ: dict[str, str]) -> subprocess.Popen:
    threads = os.environ.get("BEACON_THREADS", "4")
    command = [
        sys.executable, "-m", "granian", "beacon:application", "--interface", "wsgi", "--no-ws",
        "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", threads,
        "--backpressure", "64", "--log-level", "warning",
    ]  # fmt: skip
    return subprocess.Popen(command, env=environ, cwd=ROOT / "bench", start_new_session=True)


def _worker_of(parent: int) -> int:
    """The server's working process: granian's child."""
    for _ in range(100):
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if children:
            return max(map(int, children), key=_cpu_seconds)
        time.sleep(0.05)
    return parent


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            _post(connection, "/e", _bodies(1))
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
