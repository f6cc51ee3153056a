"""What our processes keep in memory: out of Python's search for garbage, in one pool, few pages of the database."""

import contextlib
import ctypes
import gc
from typing import Any

from django.db.backends.signals import connection_created
from django.urls import get_resolver

M_ARENA_MAX = -8  # malloc.h
FEW_PAGES_KB = 8_000  # of SQLite's cache, for each connection; requests have 20,000 (platform/environment.py)
BETWEEN_FULL = 100  # collections of the middle generation between two full ones; Python's own: 10


def settle() -> None:
    """Load what every request needs, let the collector never look at it again, and at everything else more seldom.

    A full collection reads each living object. 170,000 of them are code, models and addresses: that took 0.1 s of one
    request in thirty; what is left takes half, of one in several hundred (docs.python.org/3.11/library/gc.html).
    """
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, BETWEEN_FULL)


def one_pool() -> None:
    """Let all threads of this process take their memory from one pool, where the C library has several.

    glibc makes one for each thread and gives little of it back (mallopt(3), M_ARENA_MAX): 20 to 30 MB of a worker.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, 1)


def few_pages() -> None:
    """Let connections of this process keep few of SQLite's pages: a worker reads most of them once.

    100,000 mails took as long, and two workers 17 MB less.
    """
    connection_created.connect(_keep_few_pages)


def _keep_few_pages(connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{FEW_PAGES_KB}")
