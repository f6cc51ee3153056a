"""Which pages follow a page, or come before it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baton.tracking.store.figures.counting import most_of
from baton.tracking.store.judged import Judged
from baton.tracking.store.walks import Acts, begins, ranges

DEPTHS = 3
END = 0


def paths(judged: Judged, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """See paths.sql."""
    step = -1 if params["toward"] == "to" else 1
    counts: list[Counter[str]] = [Counter() for _depth in range(DEPTHS)]
    for batch, mask in judged.chosen.parts:
        acts = Acts.of(batch)
        first, second, third = _walks(acts, mask, params["anchor"], step)
        took_one = first == _code(acts, params["one"])
        took_two = took_one & (second == _code(acts, params["two"]))
        for told, codes in zip(counts, (first, second[took_one], third[took_two]), strict=True):
            count = np.bincount(codes)
            seen = np.flatnonzero(count)
            for page, times in zip(_pages(acts, seen), count.take(seen).tolist(), strict=True):
                told[page] += times
    return [
        (depth, page, visits, sum(told.values()))
        for depth, told in enumerate(counts, start=1)
        for page, visits in most_of(told, params["most"])
    ]


def _code(acts: Acts, page: str) -> int:
    """What walks tell a page by; -1 for none, and where nobody viewed it."""
    code = acts.code_of(page) if page else -1
    return code + 1 if code >= 0 else -1


def _pages(acts: Acts, told: NDArray[np.int64]) -> list[str]:
    """The pages that walks tell by these, in order; empty for the visit's end."""
    return [""] * int((told == END).sum()) + acts.pages_of(told[told != END] - 1)


def _walks(acts: Acts, mask: NDArray[np.bool_] | None, anchor: str, step: int) -> list[NDArray[np.int64]]:
    """Of each visit that saw the anchor, the codes of the pages at each depth, plus 1; END beyond the visit's end.

    A page shown again at once counts once.
    """
    code = acts.code_of(anchor)
    visits = np.unique(acts.visits_of(np.flatnonzero(acts.codes == code)))
    if mask is not None:
        visits = visits[mask[visits]]
    count = np.diff(acts.bounds)[visits]
    theirs, units = ranges(acts.bounds[visits], count), np.repeat(np.arange(len(visits)), count)
    is_view = acts.is_view()[acts.codes[theirs]]
    codes, units = acts.codes[theirs[is_view]], units[is_view]
    is_turn = begins(codes, units)
    codes, units = codes[is_turn], units[is_turn]
    anchors = np.flatnonzero(codes == code)
    firsts = anchors[np.unique(units[anchors], return_index=True)[1]]
    found = []
    for depth in range(1, DEPTHS + 1):
        at = firsts + step * depth
        inside = np.clip(at, 0, max(len(codes) - 1, 0))
        is_there = (at == inside) & (units[inside] == units[firsts])
        found.append(np.where(is_there, codes[inside] + 1, END))
    return found
