"""What every loader of a noun does: find what is there, create or update the rest, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from baton.exchange.imports.models import ExternalId
from baton.platform.accounts.models import User
from baton.platform.bulk import insert_rows
from baton.platform.db import among
from baton.platform.record import Record

CREATED, UPDATED, SKIPPED, REFUSED = "created", "updated", "skipped", "refused"


@dataclass
class Outcome:
    """What became of a row and its `thing`, a record of the loader's kind, None where the row was refused.

    `before` are an updated record's former values; `reason` says why a row was refused.
    """

    number: int
    kind: str
    thing: Any = None
    before: dict[str, Any] | None = None
    reason: str = ""


@dataclass
class Batch:
    """Rows being loaded together: numbers with their values, who imports, when, and the source of external ids.

    `dry` loads nothing: loaders say what would become of each row. What a row makes or changes beside its own record
    (a contact's new company, the lead a deal qualifies) goes to `also_made` and `also_changed`, where undo finds it.
    """

    rows: list[tuple[int, dict[str, Any]]]
    source: str
    actor: User | None
    now: datetime
    dry: bool = False
    also_made: list[models.Model] = field(default_factory=list)
    also_changed: list[tuple[models.Model, dict[str, Any]]] = field(default_factory=list)

    def values(self, name: str) -> set[Any]:
        """All different values of a field, without empty ones."""
        return {row[name] for _number, row in self.rows if row.get(name)}


@dataclass(frozen=True)
class Loader:
    """One noun: its fields with the kind each cell is read as, and the function that loads a batch.

    Where a field can only be set once every row is there (a company's parent further down), `last_fields` names it and
    `finish` is given all rows once more; it must bear repetition.
    """

    noun: str
    fields: dict[str, str]
    load: Callable[[Batch], list[Outcome]]
    last_fields: frozenset[str] = frozenset()
    finish: Callable[[Batch], None] | None = None


def key_of(row: dict[str, Any]) -> str:
    """What a row is recognised by when its file comes again: its external id, else its very content."""
    return row.get("external_id") or row.get("row_id") or ""


def known_ids(source: str, noun: str, external_ids: Iterable[str]) -> dict[str, int]:
    """Our ids of what the source calls by these ids."""
    found = ExternalId.objects.filter(source=source, noun=noun, external_id__in=among(external_ids, "text"))
    return dict(found.values_list("external_id", "object_id"))


def keep_ids(source: str, noun: str, pairs: Iterable[tuple[str, int]]) -> None:
    """Remember which record is which outside; what is known already stays."""
    insert_rows(
        ExternalId,
        ["source", "noun", "external_id", "object_id"],
        ((source, noun, key, pk) for key, pk in pairs if key),
    )


def keep_outcomes(
    batch: Batch, noun: str, outcomes: list[Outcome], key: Callable[[dict[str, Any]], str] = key_of
) -> None:
    """Remember the external ids of a batch's rows that have a record now."""
    pairs = [
        (key(row), outcome.thing.pk)
        for (_number, row), outcome in zip(batch.rows, outcomes, strict=True)
        if outcome.thing is not None
    ]
    keep_ids(batch.source, noun, pairs)


def differing(thing: models.Model, values: dict[str, Any]) -> dict[str, Any]:
    """Former values of the fields that `values` would change; a value that is None changes nothing."""
    return {
        name: getattr(thing, name)
        for name, value in values.items()
        if value is not None and getattr(thing, name) != value
    }


def touch(batch: Batch, things: Iterable[Record]) -> list[str]:
    """Mark records as changed now, for whoever has one open; gives the fields to save beside the changed ones."""
    for thing in things:
        thing.changed_at, thing.revision = batch.now, thing.revision + 1
    return ["changed_at", "revision"]


def set_values(thing: models.Model, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if value is not None:
            setattr(thing, name, value)
