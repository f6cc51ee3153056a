"""The beacon as a server of its own: one thread, one loop, one transaction for everything that arrived together.

For sites with many visitors: it answers /e and /b.js and nothing else, several times cheaper than the server of the
pages, and goes on while that one is busy. What it answers is the same (answers.py).
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from typing import Any

import httptools
from django.db import Error as DatabaseError

from baton.tracking.collect import answers
from baton.tracking.collect.answers import MAX_BYTES, Answer, Answers, Headers, problem
from baton.tracking.collect.tail_writer import TailWriter

log = logging.getLogger("baton.beacon")

MAX_HEAD_BYTES = 32_768
MAX_CONNECTIONS = 8_192  # of one process; the next one is closed at once
MAX_UNREAD_BYTES = 262_144  # answers waiting for a browser that does not read them
REQUEST_SECONDS, IDLE_SECONDS, LOOK_SECONDS = 10, 75, 5


class Collector:
    """Stores what its connections heard and has them answer, in the order in which they heard it."""

    def __init__(self, writer: TailWriter | None = None, given: Answers | None = None) -> None:
        self.answers = given or Answers()
        self.connections: set[_Connection] = set()
        self._writer = writer or TailWriter()
        self._waiting: list[tuple[_Connection, Answer]] = []

    def connection(self) -> asyncio.Protocol:
        return _Connection(self)

    def answer_soon(self, connection: _Connection, answer: Answer) -> None:
        """Answer once it is durable, together with all that comes in the same round of the loop."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self._waiting.append((connection, answer))

    def flush(self) -> None:
        """Store everything that waits in one transaction, then answer."""
        waiting, self._waiting = self._waiting, []
        rows = [row for _connection, answer in waiting for row in answer.rows]
        refused = [counted for _connection, answer in waiting for counted in answer.refused]
        stored = True
        if rows or refused:
            try:
                self._writer.store(rows, *refused)
            except DatabaseError:
                log.exception("events could not be stored")
                stored = False
        for connection, answer in waiting:
            connection.send(answer if stored or not answer.needs_storing else answers.unstored())

    def let_go_of_slow_ones(self) -> None:
        """Close connections whose request takes too long to come, and those that have been idle."""
        now = time.monotonic()
        for connection in list(self.connections):
            if now - connection.since > (REQUEST_SECONDS if connection.is_hearing else IDLE_SECONDS):
                connection.close()

    def end(self) -> None:
        """Store and answer what was heard, then close."""
        self.flush()
        for connection in list(self.connections):
            connection.close()
        self._writer.close()


class _Connection(asyncio.Protocol):
    """One browser's or proxy's connection; requests may follow each other without waiting (pipelining)."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._parser = httptools.HttpRequestParser(self)
        self._address = ""
        self._closing = False
        self._keeps: list[bool] = []  # for each request heard and not answered: does its connection stay open
        self.since = time.monotonic()
        self._begin()

    def _begin(self) -> None:
        self._environ: dict[str, Any] = {}
        self._body: list[bytes] = []
        self._url = b""
        self._bytes = 0
        self.is_hearing = False

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=MAX_UNREAD_BYTES)
        self._address = (transport.get_extra_info("peername") or ("",))[0]
        if len(self._collector.connections) >= MAX_CONNECTIONS:
            transport.abort()
        else:
            self._collector.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._closing = True
        self._collector.connections.discard(self)

    def pause_writing(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        if not self.is_hearing:
            self.is_hearing, self.since = True, time.monotonic()
        self._bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # nothing is upgraded here: the request was answered as any other
            self._closing = True
        except httptools.HttpParserError:
            self._refuse(problem("400 Bad Request", "The request is no HTTP."))
        if self._bytes > MAX_BYTES + MAX_HEAD_BYTES and not self._closing:
            self._refuse(problem("413 Content Too Large", f"A body has at most {MAX_BYTES} bytes."))

    # httptools calls these

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        key = _environ_key(name)
        if not key:
            return
        told, before = value.decode("latin-1"), self._environ.get(key)
        self._environ[key] = told if before is None else f"{before},{told}"

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._closing:
            return
        self._environ["REQUEST_METHOD"] = method = self._parser.get_method().decode()
        self._environ["REMOTE_ADDR"] = self._address
        path = self._url.partition(b"?")[0]
        if path == b"/e":
            answer = self._collector.answers.events(self._environ, self._read)
        elif path == b"/b.js":
            answer = answers.script(method)
        else:
            answer = problem("404 Not Found", "Here are only /e and /b.js.")
        if method == "HEAD":
            answer.body = b""  # the length goes too: it may be left out (RFC 9110, 9.3.2)
        self._answer_soon(answer, keeps=self._parser.should_keep_alive() and not self._parser.should_upgrade())
        self._begin()

    def _read(self, length: int) -> bytes:
        body = b"".join(self._body)
        return body[:length]

    def _refuse(self, answer: Answer) -> None:
        self._answer_soon(answer, keeps=False)

    def _answer_soon(self, answer: Answer, *, keeps: bool) -> None:
        self._closing = not keeps
        self._keeps.append(keeps)
        self._collector.answer_soon(self, answer)

    def send(self, answer: Answer) -> None:
        """Write an answer; the last one of a connection closes it."""
        keeps = self._keeps.pop(0)
        if self._transport.is_closing():
            return
        closing = b"" if keeps else b"Connection: close\r\n"
        head = b"%b%bDate: %b\r\nContent-Length: %d\r\n\r\n" % (
            _head(answer.status, answer.headers), closing, _date(int(time.time())), len(answer.body),
        )  # fmt: skip
        self._transport.write(head + answer.body)
        self.since = time.monotonic()
        if not keeps:
            self._transport.close()

    def close(self) -> None:
        self._closing = True
        self._transport.close()


@lru_cache(maxsize=1024)
def _environ_key(name: bytes) -> str:
    """WSGI's name of a header; empty for one with an underscore, which could pretend to be another."""
    if b"_" in name:
        return ""
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_LENGTH", "CONTENT_TYPE") else f"HTTP_{key}"


@lru_cache(maxsize=64)
def _head(status: str, headers: Headers) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


async def collect(host: str, port: int, collector: Collector, *, listening: Callable[[], None] = lambda: None) -> None:
    """Listen until SIGTERM or SIGINT; calls `listening` once it does. Several processes may listen on one port."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(collector.connection, host, port, reuse_port=True, backlog=1024)
    looking = loop.create_task(_look(collector))
    listening()
    await ended.wait()
    looking.cancel()
    server.close()
    collector.end()


async def _look(collector: Collector) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        collector.let_go_of_slow_ones()
