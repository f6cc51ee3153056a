"""Asking: run a question on whichever engine holds the events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from baton.platform.organisation import organisation
from baton.tracking.store.engines import engine
from baton.tracking.store.questions import Question, checked, question
from baton.tracking.store.walks import Walked


def ask(name: str, /, *, max_age: float = 0.0, **params: Any) -> list[dict[str, Any]]:
    """Rows of the question `name` as dictionaries by column; events of the last `max_age` seconds may be missing.

    Times are given with a zone and come back in UTC. Raises UnknownQuestion, BadParameter, StoreAway.
    """
    asked, values = _checked(name, params)
    columns, rows = engine().run(asked, values, max_age=max_age)
    return [dict(zip(columns, map(_in_utc, row), strict=True)) for row in rows]


def ask_walks(name: str, /, *, max_age: float = 0.0, **params: Any) -> Iterator[Walked]:
    """Visits with what was done in them, as the question `name` chooses them. See `ask`."""
    return engine().walks(*_checked(name, params), max_age=max_age)


def ask_table(name: str, /, *, max_age: float = 0.0, **params: Any) -> Any:
    """The same as an Arrow table, for answers of very many rows; times are without a zone and in UTC."""
    return engine().table(*_checked(name, params), max_age=max_age)


def _checked(name: str, params: dict[str, Any]) -> tuple[Question, dict[str, Any]]:
    asked = question(name, steps=len(params.get("names", ())))
    zone = "" if params.get("zone") or "zone" not in asked.params else organisation().zone
    return asked, checked(asked, params, zone=zone)


def _in_utc(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
