"""Finding. Each word must be the beginning of a word of the record; the engine is the database's own.

PostgreSQL also forgives a misspelling: where nothing begins with the words, what looks alike is offered.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from baton.platform.accounts.models import User
from baton.platform.accounts.roles import ALL, OWN
from baton.platform.search import postgres, sqlite
from baton.platform.search.folding import words_of
from baton.platform.search.models import SearchRow

FEW = 500
ENGINES = {"sqlite": sqlite, "postgresql": postgres}


def find(user: User, text: str, limit: int = 12, *, kind: str = "") -> list[SearchRow]:
    """What `user` may see and whose words begin with every word of `text`; best match first. No words find nothing."""
    words = words_of(text)
    if not words:
        return []
    rows = SearchRow.objects.filter(_sight(user))
    if kind:
        rows = rows.filter(kind=kind)
    engine = ENGINES[connection.vendor]
    return list(engine.matching(rows, words)[:limit]) or list(engine.alike(rows, words)[:limit])


def matching_ids(kind: str, text: str, limit: int, *, seen_by: User | None = None) -> Collection[int] | RawSQL | None:
    """Ids of records of `kind` that match, for `pk__in`, `limit` at most; None where `text` has no word.

    With `seen_by` only what that person may see counts towards the limit: others' records must not crowd theirs out.
    They are looked for once, however many questions a page then asks about them.
    """
    words = words_of(text)
    if not words:
        return None
    engine = ENGINES[connection.vendor]
    candidates = SearchRow.objects.filter(_sight(seen_by) if seen_by else Q(), kind=kind)
    rows = engine.matching(candidates, words).order_by()
    ids = list(rows.values_list("thing_id", flat=True)[:limit])
    return ids if len(ids) <= FEW else engine.among(ids)


def _sight(user: User) -> Q:
    seen = Q(pk__in=[])
    for side in ("people", "sales", "marketing"):
        if user.may(f"{side}.view"):
            seen |= Q(side=side) & _owned(user, side)
    return seen


def _owned(user: User, side: str) -> Q:
    sight = user.sight(side)
    if sight == ALL:
        return Q()
    return Q(owner_id=user.pk) if sight == OWN else Q(owner_id__in=user.team_user_ids)
