"""Attributes of some contacts in columns: each fetched once and compared with numpy, however many conditions ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db.models import QuerySet
from pyroaring import BitMap64

from baton.marketing.segments.leaves.bitmaps import bitmap, who_have
from baton.marketing.segments.leaves.moments import micros
from baton.marketing.segments.vocabulary import ATTRIBUTES
from baton.people.contacts.models import Contact


class Columns:
    """The attributes of a query's contacts."""

    def __init__(self, contacts: QuerySet[Contact]) -> None:
        self._names = list(ATTRIBUTES)
        rows = list(contacts.values_list("pk", *[name.replace(".", "__") for name in self._names]))
        self._ids = np.array([row[0] for row in rows], dtype=np.int64)
        self._rows = rows
        self._by_value: dict[str, dict[Any, BitMap64]] = {}
        self._numbers: dict[str, tuple[Any, Any]] = {}

    def where(self, name: str, holds: Callable[[Any], bool]) -> BitMap64:
        """Whose value satisfies `holds`, which is asked once for each different value."""
        return who_have(self._values(name), holds)

    def between(self, name: str, least: float | None, most: float | None, *, half_open: bool = False) -> BitMap64:
        """Whose number or moment (in microseconds) is known and in the range; without `most` itself if `half_open`."""
        values, ids = self._sorted(name)
        first = 0 if least is None else int(np.searchsorted(values, least, "left"))
        last = len(values) if most is None else int(np.searchsorted(values, most, "left" if half_open else "right"))
        return bitmap(ids[first:last])

    def known(self, name: str) -> BitMap64:
        return self.where(name, lambda value: value is not None and value != "")

    def pairs(self, name: str) -> list[tuple[int, Any]]:
        """Contact and value, where known."""
        place = self._names.index(name) + 1
        return [(row[0], row[place]) for row in self._rows if row[place] is not None]

    def _values(self, name: str) -> dict[Any, BitMap64]:
        if name not in self._by_value:
            place = self._names.index(name) + 1
            ids: dict[Any, list[int]] = defaultdict(list)
            for row in self._rows:
                ids[row[place]].append(row[0])
            self._by_value[name] = {value: BitMap64(theirs) for value, theirs in ids.items()}
        return self._by_value[name]

    def _sorted(self, name: str) -> tuple[Any, Any]:
        if name not in self._numbers:
            pairs = self.pairs(name)
            plain = [micros(value) if hasattr(value, "year") else value for _pk, value in pairs]
            values, ids = np.array(plain), np.array([pk for pk, _value in pairs], dtype=np.int64)
            order = np.argsort(values, kind="stable")
            self._numbers[name] = values[order], ids[order]
        return self._numbers[name]
