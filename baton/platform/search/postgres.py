"""Search on PostgreSQL: full text with prefixes and trigrams over the folded column (migration search_index)."""

from __future__ import annotations

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from baton.platform.search.models import SearchRow


def matching(rows: QuerySet[SearchRow], words: list[str]) -> QuerySet[SearchRow]:
    """Rows with a word that begins with each of `words`; words are letters and digits only."""
    question = " & ".join(f"{word}:*" for word in words)
    match = RawSQL(
        "to_tsvector('simple', folded) @@ to_tsquery('simple', %s)",
        [question],
        output_field=BooleanField(),
    )
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


def among(ids: list[int]) -> RawSQL:
    """Many ids for `pk__in`, as one parameter: thousands of them are slow to write into a question."""
    return RawSQL("SELECT unnest(%s::bigint[])", [ids])
