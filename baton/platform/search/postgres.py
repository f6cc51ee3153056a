"""Search on PostgreSQL: full text with prefixes over the folded column, by a GIN index (migration search_index)."""

from __future__ import annotations

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
