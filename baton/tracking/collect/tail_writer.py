"""Group commit: requests that arrive together share one transaction; none is answered before it is durable."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from django.db import DatabaseError, connections

from baton.tracking.store.append import insert_rows

Rows = list[tuple[str, str]]
Refused = tuple[str, str, int]  # day, reason, how many
_COUNT = (
    "INSERT INTO tracking_eventcount (day, reason, count) VALUES (%s, %s, %s)"
    " ON CONFLICT (day, reason) DO UPDATE SET count = tracking_eventcount.count + excluded.count"
)


ROUNDS = 8  # how often one transaction takes in what arrived while it wrote


class TailWriter:
    """Writes tail rows of many threads over one connection of its own.

    The first thread to come takes everything that waits and commits it; the others find theirs done. So a commit costs
    each of them a share, and a lonely request waits for nobody.
    """

    def __init__(self, alias: str = "events") -> None:
        self._alias = alias
        self._turn = threading.Lock()
        self._waiting: deque[_Batch] = deque()
        self._connection: Any = None

    def store(self, rows: Rows, *refused: Refused) -> None:
        """Durable when it returns. `refused` is counted in the same transaction.

        Raises DatabaseError when nothing was stored.
        """
        batch = _Batch(rows, refused)
        self._waiting.append(batch)
        with self._turn:
            if not batch.done:
                self._write()
        if batch.error is not None:
            raise DatabaseError(str(batch.error)) from batch.error

    def _write(self) -> None:
        taken: list[_Batch] = []
        error: Exception | None = None
        for _attempt in range(2):  # a connection the server has closed is opened anew; ids make a repeat harmless
            try:
                self._commit(taken)
                error = None
                break
            except Exception as caught:  # every waiting request must be answered, whatever the driver raises
                error = caught
                self.close()
        if error is not None:  # where not even a connection was to be had, nothing was taken yet: all of them failed
            taken += self._arrived()
        for batch in taken:  # and no other: what arrived after the commit waits for its own thread to take the turn
            batch.error, batch.done = error, True

    def _commit(self, taken: list[_Batch]) -> None:
        """Write what was taken and what arrives meanwhile: the driver lets other threads run in each of its calls."""
        wrapper = self._opened()
        is_sqlite = wrapper.vendor == "sqlite"
        mark = "?" if is_sqlite else "%s"
        cursor = wrapper.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
        try:
            fresh = list(taken)
            for _round in range(ROUNDS):
                fresh += (arrived := self._arrived())
                taken += arrived
                if not fresh:
                    break
                insert_rows(cursor, [row for batch in fresh for row in batch.rows], vendor=wrapper.vendor, mark=mark)
                for batch in fresh:
                    for counted in batch.refused:
                        cursor.execute(_COUNT.replace("%s", mark), counted)
                fresh = []
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        finally:
            cursor.close()

    def _arrived(self) -> list[_Batch]:
        batches = []
        while self._waiting:
            batches.append(self._waiting.popleft())
        return batches

    def _opened(self) -> Any:
        if self._connection is None:
            wrapper = connections[self._alias].copy()
            wrapper.inc_thread_sharing()
            wrapper.connect()
            self._connection = wrapper
        return self._connection

    def close(self) -> None:
        """Let go of the connection; the next batch opens one."""
        wrapper, self._connection = self._connection, None
        if wrapper is not None:
            try:
                wrapper.connection.close()
            except Exception:  # noqa: S110 - it is broken already, which is why it is closed
                pass


class _Batch:
    __slots__ = ("done", "error", "refused", "rows")

    def __init__(self, rows: Rows, refused: tuple[Refused, ...]) -> None:
        self.rows, self.refused = rows, refused
        self.done = False
        self.error: Exception | None = None
