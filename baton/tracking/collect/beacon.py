"""The beacon as a raw WSGI callable in front of Django: POST /e and GET /b.js. Durable before it answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from django.db import Error as DatabaseError

from baton.tracking.collect import answers
from baton.tracking.collect.answers import Answer, Answers
from baton.tracking.collect.rates import Rates
from baton.tracking.collect.tail_writer import Refused, Rows, TailWriter

log = logging.getLogger("baton.beacon")

Start = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], Start], Iterable[bytes]]


class Writer(Protocol):
    def store(self, rows: Rows, *refused: Refused) -> None: ...


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
        self._answers = Answers(rates, clock)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/e":
            answer = self._answers.events(environ, environ["wsgi.input"].read)
            return _send(self._stored(answer), environ, start)
        if path == "/b.js":
            return _send(answers.script(environ["REQUEST_METHOD"]), environ, start)
        return self._application(environ, start)

    def _stored(self, answer: Answer) -> Answer:
        if not answer.needs_storing:
            return answer
        try:
            self._writer.store(answer.rows, *answer.refused)
        except DatabaseError:
            log.exception("events could not be stored")
            return answers.unstored()
        return answer


def _send(answer: Answer, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start(answer.status, [*answer.headers, ("Content-Length", str(len(answer.body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]
