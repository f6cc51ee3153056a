"""Search on SQLite: an FTS5 table over the folded column, kept by triggers (migration search_index)."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from baton.platform.db import among
from baton.platform.search.found import Found
from baton.platform.search.models import KINDS, SearchRow

FEW = 2_000  # records named by their ids
COMPLETED = 8  # words of the index a beginning may stand for; with more it is asked for as a beginning
DENSE = 1 / 8  # of all records: gone along by the list, and not listed first


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


def found(thing: str, kind: str, words: list[str]) -> Q | Found:
    """Up to FEW by their ids; more by the ids that the index of words gives; one in eight by each row's own words.

    The sign before the id keeps SQLite from beginning with those ids instead of the list's own order.
    """
    question, number = _question(words), KINDS[kind]
    ids = _ids(question, number, "rowid")
    if len(ids) <= FEW:
        return Q(**{f"{thing}__in": among(ids)})
    if _is_dense(ids) and _is_dense(_ids(question, number, "rowid DESC")):
        return Found(thing, lambda pk, params: _in_own_words(pk, params, number, words))

    def sql_of(pk: str, params: list[Any]) -> tuple[str, list[Any]]:
        return (
            f"+{pk} IN (SELECT rowid / 8 FROM platform_searchindex"  # noqa: S608 - a column of ours
            " WHERE platform_searchindex MATCH %s AND rowid %% 8 = %s)",
            [*params, question, number],
        )

    return Found(thing, sql_of)


def _ids(question: str, number: int, order: str) -> list[int]:
    """Ids of records of a kind that match, one more than FEW at most, from the index of words alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid / 8 FROM platform_searchindex"  # noqa: S608 - an order of ours
            f" WHERE platform_searchindex MATCH %s AND rowid %% 8 = %s ORDER BY {order} LIMIT %s",
            [question, number, FEW + 1],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _is_dense(ids: list[int]) -> bool:
    """Whether one in eight of the records between the first and the last matches."""
    return abs(ids[-1] - ids[0]) <= len(ids) / DENSE


def _in_own_words(pk: str, params: list[Any], number: int, words: list[str]) -> tuple[str, list[Any]]:
    """Folded words stand between single spaces, so that a beginning is a word behind one."""
    every = " AND ".join(["instr(' ' || one.folded, %s)"] * len(words))
    return (
        f"COALESCE((SELECT {every} FROM platform_searchrow AS one WHERE one.id = {pk} * 8 + %s), 0)",  # noqa: S608
        [*(f" {word}" for word in words), *params, number],
    )


def _question(words: list[str]) -> str:
    """All `words` as beginnings; one that few words of the index begin with is asked for as those.

    FTS5 skips along the records of a whole word, and reads all of a beginning's: a second word that nearly every
    record holds cost 40 ms instead of 11, of a million.
    """
    return " AND ".join(f"({' OR '.join(_quoted(_completed(word)))})" for word in words)


def _quoted(whole: list[str] | str) -> list[str]:
    return [f'"{whole}"*'] if isinstance(whole, str) else [f'"{word}"' for word in whole]


def _completed(word: str) -> list[str] | str:
    """The words of the index that begin with `word`, or itself where there are none or more than a few.

    Each next one is looked for behind the last one's own rows, of which there may be a million: "0" is the first
    letter that a word can go on with.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE next(term, n) AS (
                 SELECT (SELECT term FROM platform_searchwords WHERE term >= %s AND term < %s LIMIT 1), 1
                 UNION ALL
                 SELECT (SELECT term FROM platform_searchwords WHERE term >= next.term || '0' AND term < %s LIMIT 1),
                   n + 1 FROM next WHERE n <= %s AND term IS NOT NULL)
               SELECT term FROM next WHERE term IS NOT NULL""",
            [word, f"{word}\U0010ffff", f"{word}\U0010ffff", COMPLETED],
        )
        terms = [term for (term,) in cursor.fetchall()]
    return terms if 0 < len(terms) <= COMPLETED else word
