"""The beacon: POST /e and GET /b.js as a raw WSGI callable in front of Django. Durable before it answers.

202  everything is stored (a repeat of an id is stored once)
400, 403, 405, 411, 413, 429   nothing is stored; application/problem+json says why
503  nothing is stored; send it again
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

from django.db import Error as DatabaseError

from baton.tracking.collect.rates import Rates
from baton.tracking.collect.reading import NotYourSite, read_events
from baton.tracking.collect.script import small_script
from baton.tracking.collect.sites import KnownSites
from baton.tracking.collect.tail_writer import Rows, TailWriter
from baton.tracking.collect.visitors import client_address
from baton.tracking.errors import BadEvent
from baton.tracking.store.append import tail_row

log = logging.getLogger("baton.beacon")

MAX_BYTES = 65_536  # what browsers let a page leave behind with sendBeacon
PER_SECOND, BURST = 200, 2_000  # events of one address; an office behind one address stays far below


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_decode = json.JSONDecoder(parse_constant=_no_number).decode
Start = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], Start], Iterable[bytes]]
_CROSS_ORIGIN = [
    ("Access-Control-Allow-Methods", "POST"),
    ("Access-Control-Allow-Headers", "content-type"),
    ("Access-Control-Max-Age", "86400"),
]


class Writer(Protocol):
    def store(self, rows: Rows, refused: tuple[str, str, int] | None = None) -> None: ...


class Beacon:
    """Answers /e and /b.js, hands everything else to `application`."""

    def __init__(
        self,
        application: Wsgi,
        *,
        writer: Writer | None = None,
        rates: Rates | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._application = application
        self._writer: Writer = writer or TailWriter()
        self._rates = rates or Rates(PER_SECOND, BURST)
        self._clock = clock
        self._sites = KnownSites()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/e":
            return self._collect(environ, start)
        if path == "/b.js":
            return _script(environ, start)
        return self._application(environ, start)

    def _collect(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        headers = [("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store")]
        if method == "OPTIONS":
            return _answer(start, "204 No Content", [*headers, *_CROSS_ORIGIN], b"")
        try:
            if method != "POST":
                raise _Refused("405 Method Not Allowed", "Send events with POST.")
            told = _body(environ)
            many = len(told) if isinstance(told, list) else 1
            if not self._rates.allows(client_address(environ), many):
                raise _Refused("429 Too Many Requests", "This address sends more than is taken. Try again in a minute.")
            body = self._store(told, environ)
        except _Refused as refused:
            return _problem(start, refused.status, headers, str(refused))
        except NotYourSite as refused:
            return _problem(start, "403 Forbidden", headers, str(refused))
        except BadEvent as refused:
            return _problem(start, "400 Bad Request", headers, str(refused))
        except DatabaseError:
            log.exception("events could not be stored")
            return _problem(start, "503 Service Unavailable", headers, "Nothing was stored. Send it again.")
        return _answer(start, "202 Accepted", [*headers, ("Content-Type", "application/json")], body)

    def _store(self, told: Any, environ: dict[str, Any]) -> bytes:
        now = self._clock() // 1000
        read = read_events(told, environ, now_micros=now, site_of=self._sites.site_of)
        refused = None
        if read.too_old:
            refused = (f"{datetime.fromtimestamp(now // 1_000_000, UTC):%Y-%m-%d}", "too old", read.too_old)
        self._writer.store([tail_row(event) for event in read.events], refused)
        return b'{"taken":%d,"too_old":%d}' % (len(read.events), read.too_old)


class _Refused(Exception):
    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def _body(environ: dict[str, Any]) -> Any:
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise _Refused("411 Length Required", "Say how long the body is with Content-Length.")
    if int(length) > MAX_BYTES:
        raise _Refused("413 Content Too Large", f"A body has at most {MAX_BYTES} bytes. Send fewer events at once.")
    try:
        return _decode(environ["wsgi.input"].read(int(length)).decode())
    except (ValueError, RecursionError):
        raise _Refused("400 Bad Request", "The body is no JSON.") from None


def _script(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return _problem(start, "405 Method Not Allowed", [], "Read the script with GET.")
    headers = [
        ("Content-Type", "text/javascript; charset=utf-8"),
        ("Cache-Control", "public, max-age=3600"),
        ("Access-Control-Allow-Origin", "*"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    body = small_script().encode()
    return _answer(start, "200 OK", headers, body, with_body=environ["REQUEST_METHOD"] == "GET")


def _problem(start: Start, status: str, headers: list[tuple[str, str]], sentence: str) -> Iterable[bytes]:
    code, _space, title = status.partition(" ")
    body = json.dumps({"type": "about:blank", "title": title, "status": int(code), "detail": sentence}).encode()
    extra = [("Content-Type", "application/problem+json")]
    if code == "429":
        extra.append(("Retry-After", "60"))
    if code == "405":
        extra.append(("Allow", "POST, OPTIONS"))
    return _answer(start, status, [*headers, *extra], body)


def _answer(
    start: Start, status: str, headers: list[tuple[str, str]], body: bytes, *, with_body: bool = True
) -> Iterable[bytes]:
    start(status, [*headers, ("Content-Length", str(len(body)))])
    return [body] if with_body else []
