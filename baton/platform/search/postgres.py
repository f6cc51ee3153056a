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
        "to_tsvector('simple', platform_searchrow.folded) @@ to_tsquery('simple', %s)",
        [question],
        output_field=BooleanField(),
    )
    return rows.alias(is_match=match).filter(is_match=True).order_by("title", "pk")


def alike(rows: QuerySet[SearchRow], words: list[str]) -> QuerySet[SearchRow]:
    """Rows whose words share most three-letter pieces with `words` (pg_trgm's own threshold), the most alike first."""
    typed = " ".join(words)
    is_alike = RawSQL("%s <%% platform_searchrow.folded", [typed], output_field=BooleanField())
    return (
        rows.alias(is_alike=is_alike)
        .filter(is_alike=True)
        .order_by(TrigramWordSimilarity(typed, "folded").desc(), "pk")
    )
