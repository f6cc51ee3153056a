"""The doorbell: wakes a worker. It may ring too often, too late or be wiped; rows are the truth (decision 0003).

A named pipe beside the database by default; a list in Redis with REDIS_URL, for workers on several machines.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import logging
import os
import select
import sys
import termios
import time
from pathlib import Path
from typing import Protocol

from django.conf import settings

log = logging.getLogger("baton.jobs")

ENOUGH = 100  # rings that nobody has heard yet: one more would wake nobody sooner
ONE = b"!"
REDIS_SECONDS = 5.0  # a Redis that says nothing for so long is away; no wait is longer


class Bell(Protocol):
    def unheard(self) -> int:
        """Rings that nobody has heard yet."""

    def ring(self) -> None:
        """One of those who wait is to wake."""

    def hear(self, seconds: float) -> bool:
        """Wait for a ring, at most `seconds`; False when there was none, or another heard it."""


class Pipe:
    """A ring is a byte in a named pipe; both ends are held, so that it is never at its end."""

    def __init__(self, path: Path) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def unheard(self) -> int:
        return int.from_bytes(fcntl.ioctl(self._pipe, termios.FIONREAD, bytes(4)), sys.byteorder)

    def ring(self) -> None:
        os.write(self._pipe, ONE)

    def hear(self, seconds: float) -> bool:
        if not select.select([self._pipe], [], [], seconds)[0]:
            return False
        try:
            return bool(os.read(self._pipe, 1))
        except BlockingIOError:
            return False


class RedisList:
    """A ring is an entry of a list in Redis."""

    KEY = "baton:doorbell"

    def __init__(self, url: str) -> None:
        from redis import Redis  # 6 MB of a worker that has none

        self._redis = Redis.from_url(url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)

    def unheard(self) -> int:
        return self._redis.llen(self.KEY)

    def ring(self) -> None:
        self._redis.rpush(self.KEY, ONE)

    def hear(self, seconds: float) -> bool:
        return self._redis.blpop(self.KEY, timeout=seconds) is not None


@functools.cache
def _bell() -> Bell:
    return RedisList(settings.REDIS_URL) if settings.REDIS_URL else Pipe(settings.BATON_HOME / "doorbell")


def ring() -> None:
    """Wake one worker. A fault here is logged and forgotten: the sweeper finds the row within a second or two."""
    try:
        if _bell().unheard() < ENOUGH:
            _bell().ring()
    except Exception as error:
        log.warning("doorbell is out of order, jobs wait for the sweeper: %s", error)


def wait(seconds: float) -> bool:
    """Wait until it rings, at most `seconds`. True when it rang."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            if _bell().hear(left):
                return True
        except Exception as error:
            log.warning("doorbell is out of order: %s", error)
            _bell.cache_clear()
            time.sleep(min(1.0, left))
    return False
