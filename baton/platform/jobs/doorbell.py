"""The doorbell: wakes a worker. It may ring too often, too late or be wiped; rows are the truth (decision 0003).

huey's storages carry the ring: a file beside the database by default, Redis with REDIS_URL.
"""

from __future__ import annotations

import functools
import logging
import time

from django.conf import settings
from huey.storage import BaseStorage, RedisStorage, SqliteStorage

log = logging.getLogger("baton.jobs")

POLL_SECONDS = 0.1


@functools.cache
def _storage() -> BaseStorage:
    if settings.REDIS_URL:
        return RedisStorage("baton", url=settings.REDIS_URL, blocking=True, read_timeout=1)
    return SqliteStorage("baton", filename=str(settings.BATON_HOME / "doorbell.sqlite3"))


def ring() -> None:
    """Wake one worker. A fault here is logged and forgotten: the sweeper finds the row within a second or two."""
    try:
        if _storage().queue_size() < 100:
            _storage().enqueue(b"ring")
    except Exception as error:
        log.warning("doorbell is out of order, jobs wait for the sweeper: %s", error)


def wait(seconds: float) -> bool:
    """Wait until it rings, at most `seconds`. True when it rang."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            if _storage().dequeue() is not None:
                return True
        except Exception as error:
            log.warning("doorbell is out of order: %s", error)
            _storage.cache_clear()
            time.sleep(min(1.0, left))
        time.sleep(min(POLL_SECONDS, left))
    return False
