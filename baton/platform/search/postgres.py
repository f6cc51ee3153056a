"""Search on PostgreSQL: full text with prefixes and trigrams over the folded column (migration search_index)."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from baton.platform.db import among
from baton.platform.search.found import Found
from baton.platform.search.models import KINDS, SearchRow

FEW, MANY = 2_000, 10_000  # records named by their ids, and looked up in a list of them


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


def found(thing: str, kind: str, words: list[str]) -> Q | Found:
    """Up to FEW by their ids; up to MANY by their ids too, looked up by the list; more by each row's own words.

    Whether it is worth listing them is what the planner thinks: that costs a millisecond, and counting them 50.
    """
    rows = matching(SearchRow.objects.filter(kind=kind), words).order_by().values_list("thing_id", flat=True)
    ids = list(rows[: MANY + 1]) if _thought_of(rows) <= MANY else None
    if ids is None or len(ids) > MANY:
        return Found(thing, lambda pk, params: _in_own_words(pk, params, KINDS[kind], words))
    if len(ids) <= FEW:
        return Q(**{f"{thing}__in": among(ids)})
    # The sum keeps PostgreSQL from beginning with those ids instead of the list's own order.
    told = f"{{{','.join(map(str, ids))}}}"
    return Found(thing, lambda pk, params: (f"{pk} + 0 = ANY(%s::bigint[])", [*params, told]))


def _thought_of(rows: QuerySet[Any]) -> int:
    """How many rows the planner expects (postgresql.org/docs/15/using-explain.html)."""
    [plan] = json.loads(rows.explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])


def _in_own_words(pk: str, params: list[Any], number: int, words: list[str]) -> tuple[str, list[Any]]:
    """A subquery that PostgreSQL cannot turn into a join, so that it keeps to the list's own order."""
    return (
        "COALESCE((SELECT one.words @@ to_tsquery('simple', %s) FROM platform_searchrow AS one"  # noqa: S608
        f" WHERE one.id = {pk} * 8 + %s), false)",
        [_question(words), *params, number],
    )


def _question(words: list[str]) -> str:
    return " & ".join(f"{word}:*" for word in words)
