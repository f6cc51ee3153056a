"""Search on SQLite: an FTS5 table over the folded column, kept by triggers (migration search_index)."""

from __future__ import annotations

import json

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from baton.platform.search.models import SearchRow


def matching(rows: QuerySet[SearchRow], words: list[str]) -> QuerySet[SearchRow]:
    """Rows with a word that begins with each of `words`, which are letters and digits only.

    A join, not `pk IN (...)`: a limit then stops the index at the rows it needs instead of listing them all first.
    Django cannot rename such a join, so these rows are asked by themselves, never inside another question.
    """
    question = " ".join(f'"{word}"*' for word in words)
    found = ["platform_searchindex.rowid = platform_searchrow.id", "platform_searchindex MATCH %s"]
    return rows.extra(tables=["platform_searchindex"], where=found, params=[question]).order_by("title", "pk")  # noqa: S610


def alike(rows: QuerySet[SearchRow], words: list[str]) -> QuerySet[SearchRow]:
    """None: SQLite has no measure of likeness."""
    return rows.none()


def among(ids: list[int]) -> RawSQL:
    """Many ids for `pk__in`, as one parameter: thousands of them are slow to write into a question."""
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(ids)])
