"""Search on PostgreSQL: full text with prefixes and trigrams over the folded column (migration search_index)."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from baton.platform.search.found import Found
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


def found(thing: str, kind: str, words: list[str]) -> Found:
    """A subquery that PostgreSQL cannot turn into a join, so that it keeps to the list's own order."""

    def sql_of(pk: str, params: list[Any]) -> tuple[str, list[Any]]:
        return (
            f"COALESCE((SELECT words @@ to_tsquery('simple', %s) FROM platform_searchrow WHERE id = {pk} * 8 + %s),"  # noqa: S608
            " false)",
            [_question(words), *params, KINDS[kind]],
        )

    return Found(thing, sql_of)


def ids_of(kind: str, words: list[str], limit: int) -> list[int]:
    """Ids of records of `kind` that match, `limit` at most."""
    rows = matching(SearchRow.objects.filter(kind=kind), words).order_by()
    return list(rows.values_list("thing_id", flat=True)[:limit])


def _question(words: list[str]) -> str:
    return " & ".join(f"{word}:*" for word in words)
