"""The condition that a list's row is about a record that was found, asked of each row in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, Expression, F

SqlOf = Callable[[str, list[Any]], tuple[str, list[Any]]]


class Found(Expression):
    """Whether `thing` is the id of a record that is found: the engine's `sql_of` makes SQL and parameters of its own.

    A list goes along its own order and stops when the page is full: right where many match.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, thing: str, sql_of: SqlOf) -> None:
        super().__init__()
        self._thing, self._sql_of = F(thing), sql_of

    def get_source_expressions(self) -> list[Any]:
        return [self._thing]

    def set_source_expressions(self, exprs: Any) -> None:
        [self._thing] = exprs

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return self._sql_of(*compiler.compile(self._thing))
