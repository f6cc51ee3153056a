"""What an engine does: answer questions, and take over blocks of events that the mover hands it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from baton.tracking.store.questions import Question
from baton.tracking.store.walks import Walked


class Engine(Protocol):
    """Holds moved events. Errors: StoreAway when it does not answer (nothing was lost: the tail keeps it)."""

    name: str

    def run(self, asked: Question, params: dict[str, Any], *, max_age: float = 0.0) -> tuple[list[str], list[tuple]]:
        """Column names and rows of a question; `params` are checked, times naive in UTC.

        What came in the last `max_age` seconds may be missing.
        """
        ...

    def table(self, asked: Question, params: dict[str, Any], *, max_age: float = 0.0) -> Any:
        """The same rows as an Arrow table, for answers of many rows."""
        ...

    def walks(self, asked: Question, params: dict[str, Any], *, max_age: float = 0.0) -> Iterator[Walked]:
        """Visits with what was done in them, no more at once than fit into memory; `asked` is funnel_visits.sql."""
        ...

    def take(self, block: str, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """Make a block of events durable and give the catalog entries to record with it (none without a catalog).

        Called again with the same block and rows after a crash; the events must then be there once.
        """
        ...

    def forget(self, entries: Sequence[dict[str, Any]]) -> None:
        """Remove what `take` made when its rows turned out to have been moved by another process."""
        ...

    def erase(self, contacts: Sequence[int], visitors: Sequence[str]) -> bool:
        """Rewrite without these people's events; False when another process was at work and it must be tried again."""
        ...

    def count(self) -> int:
        """How many events it holds, without the tail."""
        ...

    def months(self) -> list[str]:
        """The months ("2026-11", of UTC) it holds events of, in order."""
        ...

    def batches(self, month: str) -> Iterator[Any]:
        """A month's events as they came, as Arrow tables in columns.schema()."""
        ...

    def keep_month(self, month: str, batches: Iterable[Any]) -> None:
        """Hold exactly these events of a month, whatever was there of it; the same again changes nothing."""
        ...

    def clear(self) -> None:
        """Hold nothing."""
        ...
