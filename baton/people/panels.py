"""Panels that other sides show on a record's page, listed in web/wiring.py, drawn to finished parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

Panel = Callable[..., tuple[str, dict[str, Any]] | None]


def drawn(panels: Iterable[Panel], request: HttpRequest, record: Any) -> list[SafeString]:
    """Each panel's part for this reader and record; panels that have nothing to say are left out."""
    found = [panel(request.user, record) for panel in panels]
    return [mark_safe(render_to_string(part[0], part[1], request=request)) for part in found if part]  # noqa: S308
