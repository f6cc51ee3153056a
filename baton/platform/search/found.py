"""The condition that a list's row is about a record that was found, asked of each row in turn."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Expression, F


class Found(Expression):
    """Whether `thing` is the id of a record of `kind` that `question` finds. The engines say how (`sql_of`).

    A list goes along its own order and stops when the page is full: right where many match.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, thing: str, kind: int, question: str) -> None:
        super().__init__()
        self._thing, self._kind, self._question = F(thing), kind, question

    def get_source_expressions(self) -> list[Any]:
        return [self._thing]

    def set_source_expressions(self, exprs: Any) -> None:
        [self._thing] = exprs

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        thing, params = compiler.compile(self._thing)
        return self.sql_of(thing, params)

    def sql_of(self, thing: str, params: list[Any]) -> tuple[str, list[Any]]:
        """SQL and parameters, those of `thing` among them."""
        raise NotImplementedError
