"""Keeping the search rows in step with the records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from baton.platform.bulk import upsert_rows
from baton.platform.search.folding import words_of
from baton.platform.search.models import SearchRow, row_id

COLUMNS = ["id", "kind", "thing_id", "side", "title", "note", "folded", "url", "owner_id"]


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

    def row(self) -> tuple[int, str, int, str, str, str, str, str, int | None]:
        """Its row in the search's table, in the order of COLUMNS."""
        folded = " ".join(words_of(f"{self.title} {self.words}"))
        return (
            row_id(self.kind, self.thing_id), self.kind, self.thing_id, self.side, self.title[:300], self.note[:300],
            folded, self.url, self.owner_id,
        )  # fmt: skip


def index_thing(thing: Findable) -> None:
    """Make one record findable as it is now; call it in the action's transaction."""
    index_many([thing])


def index_many(things: Iterable[Findable]) -> None:
    """Make many records findable, in bulk."""
    upsert_rows(SearchRow, COLUMNS, ["id"], [thing.row() for thing in things])


def forget_thing(kind: str, thing_id: int) -> None:
    """A record in the bin or gone is not found any more."""
    SearchRow.objects.filter(kind=kind, thing_id=thing_id).delete()
