"""Finding. Each word must be the beginning of a word of the record; the engine is the database's own.

PostgreSQL also forgives a misspelling: where nothing begins with the words, what looks alike is offered.
"""

from __future__ import annotations

from django.db import connection
from django.db.models import Expression, Q

from baton.platform.accounts.models import User
from baton.platform.accounts.roles import ALL, OWN
from baton.platform.search import postgres, sqlite
from baton.platform.search.folding import words_of
from baton.platform.search.models import SearchRow

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


def found(kind: str, text: str, thing: str = "pk") -> Q | Expression:
    """The condition that a list's row is about a record of `kind` that `text` finds; `thing` names the record's id.

    Few are looked for once and named by their ids. Where many match, the list is gone along in its own order: naming
    them all took 0.3 s of 50,000 Adas. A text without a word finds nothing.
    """
    words = words_of(text)
    return ENGINES[connection.vendor].found(thing, kind, words) if words else Q(pk__in=[])


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
