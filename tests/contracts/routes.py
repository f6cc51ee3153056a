"""Every address of the product, found where Django finds it; page trees that others publish are left to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.decorators.http import require_POST

FOREIGN = ("accounts/", "api/")  # allauth's pages; the API, which test_api_sight.py walks


@dataclass(frozen=True)
class Route:
    """One address: its name, its pattern as urls.py writes it, and what its view says about itself."""

    name: str
    pattern: str
    view: Any

    @property
    def permission(self) -> str:
        return getattr(self.view, "permission", "")

    @property
    def takes_arguments(self) -> bool:
        return "<" in self.pattern

    @property
    def is_public(self) -> bool:
        return self.permission == "public"

    @property
    def refuses_get(self) -> bool:
        """Whether the view is behind require_POST, however deep in its decorators."""
        return "POST" in _methods(self.view) and "GET" not in _methods(self.view)

    @property
    def takes_post(self) -> bool:
        return "POST" in (_methods(self.view) or {"POST"})


def _methods(view: Any) -> set[str]:
    """The methods that require_http_methods lets through; empty where the view was not asked to be choosy."""
    while view is not None:
        cells = getattr(view, "__closure__", None) or ()
        names = getattr(getattr(view, "__code__", None), "co_freevars", ())
        held = dict(zip(names, cells, strict=False))
        if "request_method_list" in held:
            return set(held["request_method_list"].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return set()


def routes() -> list[Route]:
    """Every address of ours."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
        for pattern in patterns:
            written = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, written)
            else:
                yield Route(pattern.name or "", written, pattern.callback)

    return [one for one in walk(get_resolver().url_patterns, "") if not one.pattern.startswith(FOREIGN)]


@dataclass
class Heard:
    """How many statements were run, and those of them that would change a row."""

    count: int = 0
    writes: list[str] = field(default_factory=list)


@contextmanager
def heard() -> Iterator[Heard]:
    """What is said to either database meanwhile; sessions apart, which keep who is signed in."""
    seen = Heard()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.count += 1
        if sql.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"} and "django_session" not in sql:
            seen.writes.append(sql)
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(watch), connections["events"].execute_wrapper(watch):
        yield seen


assert _methods(require_POST(lambda request: None)) == {"POST"}  # Django keeps the list where it is looked for
