"""Answers for pages that many people open: asked once a minute, not once a visitor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings

from baton.tracking.store.ask import ask
from baton.tracking.store.snapshot import forget_looks

KEPT_SECONDS = 60.0
LOOK_SECONDS = 30.0
ANSWERS_KEPT = 200
_lock = threading.Lock()
_answers: dict[Any, tuple[float, Any]] = {}
Answer = TypeVar("Answer")


def ask_recent(name: str, /, **params: Any) -> list[dict[str, Any]]:
    """ask(), at most two minutes old: times are rounded up to the minute, the answer is kept that long, and what came
    in the half minute before it was asked may be missing.

    The rows are shared: do not change them.
    """
    return recent(name, lambda **rounded: ask(name, max_age=LOOK_SECONDS, **rounded), params)


def recent(name: str, find: Callable[..., Answer], params: dict[str, Any]) -> Answer:
    """What `find` gives with these parameters, rounded and kept as ask_recent does; `name` tells it from others."""
    rounded = {key: _to_the_minute(value) for key, value in params.items()}
    place = (str(settings.BATON_HOME), name, repr(sorted(rounded.items())))
    found = _answers.get(place)
    if found and time.monotonic() - found[0] < KEPT_SECONDS:
        return found[1]
    answer = find(**rounded)
    with _lock:
        if len(_answers) >= ANSWERS_KEPT:
            _answers.clear()
        _answers[place] = (time.monotonic(), answer)
    return answer


def forget_answers() -> None:
    """Ask anew; for tests and after a demo company was made."""
    _answers.clear()
    forget_looks()


def _to_the_minute(value: Any) -> Any:
    if isinstance(value, datetime) and (value.second or value.microsecond):
        return value.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return value
