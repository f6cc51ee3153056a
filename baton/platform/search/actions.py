"""Keeping the search rows in step with the records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from baton.platform.search.folding import words_of
from baton.platform.search.models import SearchRow


@dataclass(frozen=True)
class Findable:
    """What a record is found by and shown as. `side` names whose sight decides ("people", "sales")."""

    kind: str
    thing_id: int
    side: str
    title: str
    words: str
    url: str
    note: str = ""
    owner_id: int | None = None

    def row(self) -> SearchRow:
        return SearchRow(
            kind=self.kind,
            thing_id=self.thing_id,
            side=self.side,
            title=self.title[:300],
            note=self.note[:300],
            folded=" ".join(words_of(f"{self.title} {self.words}")),
            url=self.url,
            owner_id=self.owner_id,
        )


def index_thing(thing: Findable) -> None:
    """Make one record findable as it is now; call it in the action's transaction."""
    index_many([thing])


def index_many(things: Iterable[Findable]) -> None:
    """Make many records findable, in bulk."""
    rows = [thing.row() for thing in things]
    SearchRow.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["kind", "thing_id"],
        update_fields=["side", "title", "note", "folded", "url", "owner_id"],
        batch_size=500,
    )


def forget_thing(kind: str, thing_id: int) -> None:
    """A record in the bin or gone is not found any more."""
    SearchRow.objects.filter(kind=kind, thing_id=thing_id).delete()
