"""`baton collect`, as a real process: it answers as the beacon does, in order, and what it answered is stored."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import pytest

from baton.tracking.collect.answers import MAX_BYTES
from baton.tracking.collect.collector import MAX_HEAD_BYTES
from baton.tracking.collect.reading import new_id
from tests.home import migrated_home

pytestmark = pytest.mark.own_sqlite


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return migrated_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def port(home) -> Iterator[int]:
    server, port = started(home)
    yield port
    server.terminate()
    server.wait()


def started(home) -> tuple[subprocess.Popen, int]:
    """The server once it says that it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "baton.web.cli", "collect", "--port", str(port)],
        env={**os.environ, "BATON_HOME": str(home), "DATABASE_URL": "", "EVENTS_URL": ""},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    with server.stdout:
        assert "Collecting events" in server.stdout.readline()
    return server, port


def spoken(port: int, *sent: bytes, answers: int = 1) -> list[tuple[int, dict[str, str], bytes]]:
    """Send over one connection; status, headers and body of each answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for part in sent:
            connection.sendall(part)
        file = connection.makefile("rb")
        return [_one(file) for _ in range(answers)]


def _one(file) -> tuple[int, dict[str, str], bytes]:
    status = int(file.readline().split()[1])
    headers = {}
    while line := file.readline().strip():
        name, _colon, value = line.decode().partition(": ")
        headers[name] = value
    return status, headers, file.read(int(headers.get("Content-Length", 0)))


def post(body: bytes, *, path: str = "/e", more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def event(id: str) -> bytes:
    return json.dumps({"id": id, "url": "https://shop.example/pricing"}).encode()


def stored(home) -> set[str]:
    database = sqlite3.connect(home / "events.sqlite3")
    found = {row[0] for row in database.execute("SELECT event FROM tracking_eventtail")}
    database.close()
    return found


def test_an_event_is_stored_when_it_is_answered(home, port) -> None:
    id = new_id()
    [(status, headers, body)] = spoken(port, post(event(id)))
    assert (status, body) == (202, b'{"taken":1,"too_old":0}')
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Date" in headers
    assert id in stored(home)


def test_requests_that_do_not_wait_are_answered_in_order(home, port) -> None:
    ids = [new_id() for _ in range(20)]
    told = (
        b"".join(post(event(id)) for id in ids[:10]) + post(b"nonsense") + b"".join(post(event(id)) for id in ids[10:])
    )
    found = [status for status, _headers, _body in spoken(port, told, answers=21)]
    assert found == [202] * 10 + [400] + [202] * 10
    assert set(ids) <= stored(home)


def test_a_request_in_pieces_is_one_request(home, port) -> None:
    id = new_id()
    whole = post(event(id))
    [(status, _headers, _body)] = spoken(port, *(whole[at : at + 7] for at in range(0, len(whole), 7)))
    assert status == 202
    assert id in stored(home)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /e HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"POST /e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 411),
        (post(b"{}", more="Transfer-Encoding: chunked\r\n"), 400),  # two lengths at once: RFC 9112, 6.1
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET /e HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 405),
        (b"POST /e HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (MAX_BYTES + MAX_HEAD_BYTES) + b"\r\n", 413),
        (post(b" " * (MAX_BYTES + 1)), 413),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(port, sent, status) -> None:
    [(found, headers, body)] = spoken(port, sent)
    assert found == status
    assert headers["Content-Type"] == "application/problem+json"
    assert json.loads(body)["detail"]


def test_a_connection_that_is_to_close_is_closed(port) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(post(event(new_id()), more="Connection: close\r\n"))
        told = b""
        while part := connection.recv(4096):
            told += part
    assert told.startswith(b"HTTP/1.1 202")
    assert b"Connection: close" in told


def test_the_script_is_read_here_too(port) -> None:
    [(status, headers, body)] = spoken(port, b"GET /b.js?v=1 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (status, headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert b"sendBeacon" in body
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"HEAD /b.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert connection.makefile("rb").read().endswith(b"\r\n\r\n")


def test_a_header_cannot_pretend_to_be_another(port, home) -> None:
    id = new_id()
    [(status, _headers, _body)] = spoken(port, post(event(id), more="X_Forwarded_For: 1.2.3.4\r\nDNT: 1\r\n"))
    assert status == 202


def test_sigterm_ends_it_and_leaves_what_was_answered(home) -> None:
    server, port = started(home)
    id = new_id()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(post(event(id)))
        assert connection.recv(4096).startswith(b"HTTP/1.1 202")
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
    assert id in stored(home)
