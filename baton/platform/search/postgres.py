"""Search on PostgreSQL: full text with prefixes and trigrams over the folded column (migration search_index)."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import BooleanField, Expression, F, QuerySet
from django.db.models.expressions import RawSQL

from baton.platform.search.models import KINDS, SearchRow


def matching(rows: QuerySet[SearchRow], words: list[str]) -> QuerySet[SearchRow]:
    """Rows with a word that begins with each of `words`; words are letters and digits only."""
    match = RawSQL("words @@ to_tsquery('simple', %s)", [_question(words)], output_field=BooleanField())
    return rows.alias(is_match=match).filter(is_match=True).order_by("title", "pk")


def alike(rows: QuerySet[SearchRow], words: list[str]) -> QuerySet[SearchRow]:
    """Rows that for each of `words` hold a piece alike enough (pg_trgm's own threshold), the most alike first."""
    every_word = " AND ".join(["%s <%% platform_searchrow.folded"] * len(words))
    is_alike = RawSQL(every_word, words, output_field=BooleanField())  # noqa: S611
    return (
        rows.alias(is_alike=is_alike)
        .filter(is_alike=True)
        .order_by(TrigramWordSimilarity(" ".join(words), "folded").desc(), "pk")
    )


class Found(Expression):
    """Whether `thing` is the id of a record of `kind` that matches: asked of each record in turn.

    A subquery that PostgreSQL cannot turn into a join: it goes along the list's own order and stops when the page is
    full. Right where many match.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, thing: str, kind: str, words: list[str]) -> None:
        super().__init__()
        self._thing, self._kind, self._question = F(thing), kind, _question(words)

    def get_source_expressions(self) -> list[Any]:
        return [self._thing]

    def set_source_expressions(self, exprs: Any) -> None:
        [self._thing] = exprs

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        thing, params = compiler.compile(self._thing)
        return (  # names and numbers of ours
            f"COALESCE((SELECT words @@ to_tsquery('simple', %s) FROM platform_searchrow WHERE id = {thing} * 8 + %s),"  # noqa: S608
            " false)",
            [self._question, *params, KINDS[self._kind]],
        )


def ids_of(kind: str, words: list[str], limit: int) -> list[int]:
    """Ids of records of `kind` that match, `limit` at most."""
    rows = matching(SearchRow.objects.filter(kind=kind), words).order_by()
    return list(rows.values_list("thing_id", flat=True)[:limit])


def _question(words: list[str]) -> str:
    return " & ".join(f"{word}:*" for word in words)
