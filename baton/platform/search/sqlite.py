"""Search on SQLite: an FTS5 table over the folded column, kept by triggers (migration search_index)."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from baton.platform.search.found import Found
from baton.platform.search.models import KINDS, SearchRow


def matching(rows: QuerySet[SearchRow], words: list[str]) -> QuerySet[SearchRow]:
    """Rows with a word that begins with each of `words`, which are letters and digits only.

    A join, not `pk IN (...)`: a limit then stops the index at the rows it needs instead of listing them all first.
    Django cannot rename such a join, so these rows are asked by themselves, never inside another question.
    """
    found = ["platform_searchindex.rowid = platform_searchrow.id", "platform_searchindex MATCH %s"]
    return rows.extra(tables=["platform_searchindex"], where=found, params=[_question(words)]).order_by("title", "pk")  # noqa: S610


def alike(rows: QuerySet[SearchRow], words: list[str]) -> QuerySet[SearchRow]:
    """None: SQLite has no measure of likeness."""
    return rows.none()


def found(thing: str, kind: str, words: list[str]) -> Found:
    """Looked up in the ids that the index of words gives.

    The sign before the id keeps SQLite from beginning with those ids instead of the list's own order.
    """

    def sql_of(pk: str, params: list[Any]) -> tuple[str, list[Any]]:
        return (
            f"+{pk} IN (SELECT rowid / 8 FROM platform_searchindex"  # noqa: S608 - a column of ours
            " WHERE platform_searchindex MATCH %s AND rowid %% 8 = %s)",
            [*params, _question(words), KINDS[kind]],
        )

    return Found(thing, sql_of)


def ids_of(kind: str, words: list[str], limit: int) -> list[int]:
    """Ids of records of `kind` that match, `limit` at most, from the index of words alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid / 8 FROM platform_searchindex"
            " WHERE platform_searchindex MATCH %s AND rowid %% 8 = %s LIMIT %s",
            [_question(words), KINDS[kind], limit],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _question(words: list[str]) -> str:
    return " ".join(f'"{word}"*' for word in words)
