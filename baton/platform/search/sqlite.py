"""Search on SQLite: an FTS5 table over the folded column, kept by triggers (migration search_index)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from baton.platform.search.models import SearchRow


def matching(rows: QuerySet[SearchRow], words: list[str]) -> QuerySet[SearchRow]:
    """Rows with a word that begins with each of `words`, which are letters and digits only."""
    question = " ".join(f'"{word}"*' for word in words)
    found = RawSQL("SELECT rowid FROM platform_searchindex WHERE platform_searchindex MATCH %s", [question])
    return rows.filter(pk__in=found).order_by("title", "pk")


def alike(rows: QuerySet[SearchRow], words: list[str]) -> QuerySet[SearchRow]:
    """None: SQLite has no measure of likeness."""
    return rows.none()
