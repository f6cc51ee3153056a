"""What each request to the beacon is answered, and what must be stored before; apart from any server.

202  everything is stored (a repeat of an id is stored once)
400, 403, 405, 411, 413, 429   nothing is stored; application/problem+json says why
503  nothing is stored; send it again
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from baton.platform.visitor import client_address
from baton.tracking.collect.rates import Rates
from baton.tracking.collect.reading import NotYourSite, read_events
from baton.tracking.collect.script import small_script
from baton.tracking.collect.sites import KnownSites
from baton.tracking.collect.tail_writer import Refused, Rows
from baton.tracking.errors import BadEvent
from baton.tracking.store.append import tail_row

MAX_BYTES = 65_536  # what browsers let a page leave behind with sendBeacon
PER_SECOND, BURST = 200, 2_000  # events of one address; an office behind one address stays far below


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_decode = json.JSONDecoder(parse_constant=_no_number).decode
Headers = tuple[tuple[str, str], ...]

_ANYONE = (("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store"))
_TAKEN = (*_ANYONE, ("Content-Type", "application/json"))
_CROSS_ORIGIN = (
    *_ANYONE,
    ("Access-Control-Allow-Methods", "POST"),
    ("Access-Control-Allow-Headers", "content-type"),
    ("Access-Control-Max-Age", "86400"),
)
_SCRIPT = (
    ("Content-Type", "text/javascript; charset=utf-8"),
    ("Cache-Control", "public, max-age=3600"),
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(slots=True)
class Answer:
    """A status line's end, headers without the length, and a body. `rows` and `refused` are to be stored first."""

    status: str
    headers: Headers
    body: bytes = b""
    rows: Rows = field(default_factory=list)
    refused: tuple[Refused, ...] = ()

    @property
    def needs_storing(self) -> bool:
        return bool(self.rows or self.refused)


class Answers:
    """Reads requests of /e and /b.js; knows the sites and how much each address has sent."""

    def __init__(self, rates: Rates | None = None, clock: Callable[[], int] = time.time_ns) -> None:
        self._rates = rates or Rates(PER_SECOND, BURST)
        self._clock = clock
        self._sites = KnownSites()

    def events(self, environ: dict[str, Any], read: Callable[[int], bytes]) -> Answer:
        """The answer to a request of /e. `environ` is WSGI's; `read` gives so many bytes of the body."""
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            return Answer("204 No Content", _CROSS_ORIGIN)
        try:
            if method != "POST":
                raise _No("405 Method Not Allowed", "Send events with POST.")
            told = _told(environ, read)
            many = len(told) if isinstance(told, list) else 1
            if not self._rates.allows(client_address(environ), many):
                raise _No("429 Too Many Requests", "This address sends more than is taken. Try again in a minute.")
            return self._taken(told, environ)
        except _No as no:
            return problem(no.status, str(no))
        except NotYourSite as no:
            return problem("403 Forbidden", str(no))
        except BadEvent as no:
            return problem("400 Bad Request", str(no))

    def _taken(self, told: Any, environ: dict[str, Any]) -> Answer:
        now = self._clock() // 1000
        read = read_events(told, environ, now_micros=now, site_of=self._sites.site_of)
        refused: tuple[Refused, ...] = ()
        if read.too_old:
            refused = ((f"{datetime.fromtimestamp(now // 1_000_000, UTC):%Y-%m-%d}", "too old", read.too_old),)
        body = b'{"taken":%d,"too_old":%d}' % (len(read.events), read.too_old)
        return Answer("202 Accepted", _TAKEN, body, [tail_row(event) for event in read.events], refused)


def script(method: str) -> Answer:
    """The answer to a request of /b.js."""
    if method not in ("GET", "HEAD"):
        return problem("405 Method Not Allowed", "Read the script with GET.", allow="GET, HEAD")
    return Answer("200 OK", _SCRIPT, small_script().encode())


def unstored() -> Answer:
    return problem("503 Service Unavailable", "Nothing was stored. Send it again.")


def problem(status: str, sentence: str, *, allow: str = "POST, OPTIONS") -> Answer:
    """A refusal as RFC 9457 has it."""
    code, _space, title = status.partition(" ")
    headers: Headers = (*_ANYONE, ("Content-Type", "application/problem+json"))
    if code == "429":
        headers += (("Retry-After", "60"),)
    if code == "405":
        headers += (("Allow", allow),)
    told = {"type": "about:blank", "title": title, "status": int(code), "detail": sentence}
    return Answer(status, headers, json.dumps(told).encode())


class _No(Exception):
    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def _told(environ: dict[str, Any], read: Callable[[int], bytes]) -> Any:
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise _No("411 Length Required", "Say how long the body is with Content-Length.")
    if int(length) > MAX_BYTES:
        raise _No("413 Content Too Large", f"A body has at most {MAX_BYTES} bytes. Send fewer events at once.")
    try:
        return _decode(read(int(length)).decode())
    except (ValueError, RecursionError):
        raise _No("400 Bad Request", "The body is no JSON.") from None
