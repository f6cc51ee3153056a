"""How the lowest side reaches the page that wires all of them together (settings.BATON_WIRING) without importing it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

from django.conf import settings


def page() -> ModuleType:
    return importlib.import_module(settings.BATON_WIRING)


def listeners() -> dict[str, list[Callable[..., None]]]:
    """verb -> functions called with the journal entry."""
    return page().LISTENERS


def job_kinds() -> dict[str, Callable[..., Any]]:
    """job kind -> function(job, **payload)."""
    return page().JOBS
