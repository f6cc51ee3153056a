"""The events of some contacts in columns: fetched once for all conditions, then compared with numpy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from baton.marketing.segments.leaves.windows import EARLIEST, WHERE_COLUMNS, window
from baton.tracking.store import ask_table


class Batch:
    """Events of one name: contact and moment (microseconds) as arrays, texts as codes with their values."""

    def __init__(self, table: Any) -> None:
        self.contact = table["contact"].to_numpy()
        self.at = table["happened_at"].cast("timestamp[us]").to_numpy().astype(np.int64)
        self._table = table
        self._coded: dict[str, tuple[Any, list[str]]] = {}

    def mask(self, leaf: dict[str, Any], *, path: str = "") -> Any:
        """Which events are as the leaf says, whenever they happened; `path` stands for the leaf's own."""
        mask = np.ones(len(self.contact), dtype=bool)
        if path:
            return mask & self._where("path", lambda text: path in text)
        for key, column in WHERE_COLUMNS.items():
            wanted = leaf.get(key)
            if wanted:
                mask &= self._where(column, _contains(wanted) if key == "path" else _equals(wanted))
        if leaf.get("prop"):
            mask &= self._where("props", lambda text: prop_text(text, leaf["prop"]) == leaf.get("is", ""))
        return mask

    def numbers(self, of: str) -> Any:
        """The value or a prop of each event, nan where there is none."""
        if of == "value":
            return self._table["value_minor"].cast("float64").fill_null(float("nan")).to_numpy()
        codes, values = self._codes("props")
        return np.array([number_of(prop_text(text, of)) for text in values], dtype=float)[codes]

    def _where(self, column: str, holds: Callable[[str], bool]) -> Any:
        codes, values = self._codes(column)
        return np.array([holds(value) for value in values], dtype=bool)[codes]

    def _codes(self, column: str) -> tuple[Any, list[str]]:
        if column not in self._coded:
            coded = self._table[column].combine_chunks().cast("string").dictionary_encode()
            self._coded[column] = coded.indices.to_numpy(zero_copy_only=False), coded.dictionary.to_pylist()
        return self._coded[column]


class FewEvents:
    """The events of some contacts by name, fetched when first asked for: all names and the widest window at once."""

    def __init__(self, contacts: list[int], ahead: Iterable[dict[str, Any]], now: datetime) -> None:
        self._contacts, self._now = contacts, now
        self._ahead = list(ahead)
        self._batches: dict[str, Batch] = {}
        self._from: dict[str, datetime] = {}  # since when a name's events were fetched

    def named(self, name: str, leaf: dict[str, Any]) -> Batch | None:
        """The events of that name; None when these contacts have none."""
        if name not in self._batches or self._since([leaf]) < self._from[name]:
            self._fetch([*self._ahead, leaf])
            self._ahead = []
        batch = self._batches[name]
        return batch if len(batch.contact) else None

    def _fetch(self, leaves: list[dict[str, Any]]) -> None:
        import pyarrow.compute as pc  # late: a process that shows no segment never needs it

        asking = [leaf for leaf in leaves if "event" in leaf]
        names = sorted({leaf[key] for leaf in asking for key in ("event", "then") if leaf.get(key)})
        since = self._since(asking)
        table = ask_table("events_of_some_contacts", contacts=self._contacts, names=names, since=since)
        for name in names:
            self._from[name] = since
            self._batches[name] = Batch(table.filter(pc.equal(table["name"], name)))

    def _since(self, leaves: list[dict[str, Any]]) -> datetime:
        """When the widest window of some leaves begins, two days early for whatever zone it is in."""
        begins = min(window(leaf, now=self._now, zone="UTC")[0] or EARLIEST for leaf in leaves)
        return max(begins - timedelta(days=2), EARLIEST)


def prop_text(props: str, key: str) -> str:
    """A prop as baton_prop gives it: texts as they are, numbers as written, "" for none and for null."""
    try:
        value = json.loads(props or "{}", parse_float=_Raw, parse_int=_Raw).get(key)
    except ValueError:
        return ""
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


class _Raw(str):
    """A number in the letters it was written with."""


def number_of(text: str) -> float:
    """The number a text says, nan for none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _contains(wanted: str) -> Callable[[str], bool]:
    return lambda text: wanted in text


def _equals(wanted: str) -> Callable[[str], bool]:
    return lambda text: text == wanted


def in_utc(at: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(at))
