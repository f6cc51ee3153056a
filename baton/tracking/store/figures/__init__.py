"""Answers of the file engine to what pages ask of all visits: counted over arrays, as the question's SQL counts.

Each takes visits as they were judged by the question's parameters (store/judged.py), and these, and gives rows of what
the head of the question says. Tests hold them to the SQL, the contract test to what ClickHouse answers.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baton.tracking.store.judged import Judged

Figure = Callable[["Judged", dict[str, Any]], list[tuple[Any, ...]]]
FIGURES = {
    "website_total": "website.total",
    "website_days": "website.days",
    "website_parts": "website.parts",
    "website_pages": "pages.pages",
    "website_engagement": "pages.engagement",
    "paths": "paths.paths",
    "retention": "retention.retention",
}


def figure(question: str) -> Figure | None:
    """What answers a question over arrays; None where SQL does. Loads what counts only when it is asked for."""
    if question not in FIGURES:
        return None
    module, name = FIGURES[question].split(".")
    found: Figure = getattr(import_module(f"{__name__}.{module}"), name)
    return found
