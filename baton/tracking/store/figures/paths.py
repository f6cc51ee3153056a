"""Which pages follow a page, or come before it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baton.tracking.store.judged import Judged
from baton.tracking.store.walks import Acts, ranges

DEPTHS = 3


def paths(judged: Judged, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """See paths.sql."""
    step = -1 if params["toward"] == "to" else 1
    one, two = params["one"], params["two"]
    counts: list[Counter[str]] = [Counter() for _depth in range(DEPTHS)]
    for batch, mask in judged.chosen.parts:
        acts = Acts.of(batch)
        names = ["", *acts.pages_of(np.arange(len(acts.deeds)))]
        walks = _walks(acts, mask, params["anchor"], step)
        first, second = (walks[depth] for depth in range(2))
        took_one = np.isin(first, [n for n, name in enumerate(names) if name == one]) & bool(one)
        took_two = took_one & np.isin(second, [n for n, name in enumerate(names) if name == two]) & bool(two)
        for told, codes in zip(counts, (first, second[took_one], walks[2][took_two]), strict=True):
            seen = np.bincount(codes, minlength=len(names))
            for code in np.flatnonzero(seen).tolist():
                told[names[code]] += int(seen[code])
    return [
        (depth, page, visits, sum(told.values()))
        for depth, told in enumerate(counts, start=1)
        for page, visits in sorted(told.items(), key=lambda page: (-page[1], page[0]))[: params["most"]]
    ]


def _walks(acts: Acts, mask: NDArray[np.bool_] | None, anchor: str, step: int) -> list[NDArray[np.int64]]:
    """Of each visit that saw the anchor, the codes of the pages at each depth, plus 1; 0 beyond the visit's end.

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
    is_turn = np.append(True, (codes[1:] != codes[:-1]) | (units[1:] != units[:-1]))[: len(codes)]
    codes, units = codes[is_turn], units[is_turn]
    anchors = np.flatnonzero(codes == code)
    firsts = anchors[np.unique(units[anchors], return_index=True)[1]]
    found = []
    for depth in range(1, DEPTHS + 1):
        at = firsts + step * depth
        inside = np.clip(at, 0, max(len(codes) - 1, 0))
        is_there = (at == inside) & (units[inside] == units[firsts])
        found.append(np.where(is_there, codes[inside] + 1, 0))
    return found
