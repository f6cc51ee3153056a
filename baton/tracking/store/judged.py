"""Visits that a question is about, as arrays: tables in the order of walks (walk_files.walked), judged row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from baton.tracking.store import parquet
from baton.tracking.store.questions import UNKNOWN
from baton.tracking.store.snapshot import Snapshot
from baton.tracking.store.walk_files import LABELS
from baton.tracking.store.walks import Acts, Marks, begins, numbers

# To these filters UNKNOWN is what is empty; the others take it as it stands.
MAY_BE_UNKNOWN = {"source", "campaign", "device", "browser", "system", "country", "language"}
_DAY = 86_400_000_000  # microseconds
_FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True)
class Claims:
    """Who visitors turned out to be: keys of visitors, in order, and their contacts."""

    visitors: NDArray[np.uint64]
    contacts: NDArray[np.int64]

    def of(self, visitors: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The contact of each visitor, 0 for nobody; quick where the same visitor's rows lie side by side."""
        if not len(self.visitors) or not len(visitors):
            return np.zeros(len(visitors), np.int64)
        firsts = np.flatnonzero(begins(visitors))
        asked = visitors.take(firsts)
        places = np.searchsorted(self.visitors, asked)
        found = np.where(self.visitors.take(places, mode="clip") == asked, self.contacts.take(places, mode="clip"), 0)
        return np.repeat(found, np.diff(firsts, append=len(visitors)))


@dataclass(frozen=True)
class Picked:
    """Some visits of several batches, those of one after those of the other. A mask tells which; None tells all."""

    parts: list[tuple[pa.RecordBatch, NDArray[np.bool_] | None]]
    claims: Claims

    def __len__(self) -> int:
        return sum(len(batch) if mask is None else int(mask.sum()) for batch, mask in self.parts)

    def of(self, name: str) -> NDArray[Any]:
        """A column of numbers; moments are microseconds since 1970."""
        return _together([_picked(numbers(batch.column(name)), mask) for batch, mask in self.parts])

    def labels(self, by: str) -> tuple[NDArray[Any], list[str]]:
        """One of LABELS as places in a list of different ones, some of which may not occur."""
        names: dict[str, int] = {}
        found = []
        for batch, mask in self.parts:
            column = batch.column(LABELS[by])
            places = [names.setdefault(text, len(names)) for text in column.dictionary.to_pylist()]
            codes = _picked(numbers(column.indices), mask)
            found.append(codes if places == [*range(len(places))] else np.array(places, np.int32).take(codes))
        return _together(found), [*names]

    def contacts(self) -> NDArray[np.int64]:
        """Whose visits they are, 0 where nobody knows. A visit with a sign of nobody's is what its visitor is."""
        kept = self.of("contact")
        if not len(self.claims.visitors):
            return kept
        claimed = self.claims.of(self.of("visitor_key"))
        return np.where(self.of("unnamed") == 1, np.maximum(kept, claimed), kept)


@dataclass(frozen=True)
class Judged:
    """Visits by row of several batches: which a question is about, and which of these its filters choose."""

    batches: list[pa.RecordBatch]
    is_meant: list[NDArray[np.bool_]]
    is_chosen: list[NDArray[np.bool_]]
    claims: Claims

    @property
    def meant(self) -> Picked:
        """Those that the question is about."""
        return self._picked(self.is_meant)

    @property
    def chosen(self) -> Picked:
        """Those that its filters choose."""
        return self._picked(self.is_chosen)

    def is_meant_chosen(self) -> NDArray[np.bool_]:
        """Of those that the question is about, which its filters choose."""
        return _together([chosen.compress(meant) for chosen, meant in zip(self.is_chosen, self.is_meant, strict=True)])

    def marks(self, by: str) -> Marks:
        """The same as walks take it, parted by one of LABELS, by contact or (empty) by nothing."""
        every = Picked([(batch, None) for batch in self.batches], self.claims)
        if by == "contact":
            labels, names = _numbered(every.contacts())
        else:
            labels, names = every.labels(by) if by else (np.zeros(len(every), np.int32), [""])
        return Marks(_together(self.is_meant), _together(self.is_chosen), labels, names)

    def _picked(self, masks: list[NDArray[np.bool_]]) -> Picked:
        told = [None if mask.all() else mask for mask in masks]
        return Picked([*zip(self.batches, told, strict=True)], self.claims)


def judged(
    tables: Sequence[tuple[pa.Table, Collection[date]]], params: dict[str, Any], snapshot: Snapshot, claims: Claims
) -> Judged:
    """Visits of tables, each told with the days of which it is not to be believed, as a question's parameters say."""
    batches, is_meant, is_chosen = [], [], []
    filters = [name for name in (*LABELS, "page") if params.get(name)]
    for batch, stale in _batches(tables):
        meant = _meant(batch, params, stale, snapshot)
        chosen = meant.copy() if filters else meant
        for name in filters:
            chosen &= _saw(batch, params[name]) if name == "page" else _has(batch, name, params[name])
        batches.append(batch)
        is_meant.append(meant)
        is_chosen.append(chosen)
    return Judged(batches, is_meant, is_chosen, claims)


def _batches(
    tables: Sequence[tuple[pa.Table, Collection[date]]],
) -> Iterator[tuple[pa.RecordBatch, Collection[date]]]:
    return ((batch, stale) for table, stale in tables for batch in table.to_batches() if len(batch))


def _meant(
    batch: pa.RecordBatch, params: dict[str, Any], stale: Collection[date], snapshot: Snapshot
) -> NDArray[np.bool_]:
    """Which visits begin in the question's span on its site, on no stale day, and are nobody hidden's."""
    since, until = (np.datetime64(params[name], "us").astype(np.int64) for name in ("since", "until"))
    started = numbers(batch.column("started"))
    is_meant = (started >= since) & (started < until)
    if stale:
        is_meant &= ~np.isin(started // _DAY, [(day - _FIRST_DAY).days for day in stale])
    if params["site"]:
        is_meant &= numbers(batch.column("site_key")) == np.uint64(parquet.text_key(params["site"]))
    if snapshot.hidden_contacts:
        is_meant &= ~np.isin(numbers(batch.column("contact")), snapshot.hidden_contacts)
    if snapshot.hidden_visitors:
        hidden = [parquet.text_key(visitor) for visitor in snapshot.hidden_visitors]
        is_meant &= ~np.isin(numbers(batch.column("visitor_key")), np.array(hidden, np.uint64))
    return is_meant


def _has(batch: pa.RecordBatch, name: str, value: str) -> NDArray[np.bool_]:
    """Which visits are as a filter says."""
    column = batch.column(LABELS[name])
    text = "" if value == UNKNOWN and name in MAY_BE_UNKNOWN else value
    return numbers(column.indices) == pc.index(column.dictionary, text).as_py()


def _saw(batch: pa.RecordBatch, page: str) -> NDArray[np.bool_]:
    """In which visits a page was viewed."""
    acts = Acts.of(batch)
    is_seen = np.zeros(len(batch), bool)
    is_seen[acts.visits_of(np.flatnonzero(acts.codes == acts.code_of(page)))] = True
    return is_seen


def _numbered(contacts: NDArray[np.int64]) -> tuple[NDArray[Any], list[str]]:
    """Contacts as places in a list of the different ones, of which the first, empty, is nobody."""
    known = np.flatnonzero(contacts)
    different, places = np.unique(contacts.take(known), return_inverse=True)
    labels = np.zeros(len(contacts), np.int64)
    labels[known] = places + 1
    return labels, ["", *map(str, different.tolist())]


def _picked(column: NDArray[Any], mask: NDArray[np.bool_] | None) -> NDArray[Any]:
    return column if mask is None else column.compress(mask)


def _together(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    if len(parts) == 1:
        return parts[0]  # as it lies in the file
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)
