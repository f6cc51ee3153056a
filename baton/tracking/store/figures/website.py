"""Figures of all chosen visits, and of these by day and by where from, with what, from which place."""

from __future__ import annotations

from typing import Any

import numpy as np

from baton.tracking.store.figures.counting import days_of, different
from baton.tracking.store.judged import Judged

_MINUTE = 60_000_000


def total(judged: Judged, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """See website_total.sql."""
    visits = judged.chosen
    visitors = visits.of("visitor_key")
    micros = visits.of("ended") - visits.of("started")
    return [
        (
            int(different(visitors, np.zeros(len(visitors), np.int8), 1)[0]),
            len(visitors),
            int(visits.of("views").sum()),
            int((visits.of("actions") <= 1).sum()),
            int(micros.sum()) / _MINUTE,
            int(visits.of("engaged").sum()) / 60,
            int((visits.contacts() > 0).sum()),
        )
    ]


def days(judged: Judged, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """See website_days.sql."""
    visits = judged.chosen
    places, told = days_of(visits.of("started"), params["zone"])
    counts = (
        different(visits.of("visitor_key"), places, len(told)),
        np.bincount(places, minlength=len(told)),
        _sums(places, visits.of("views"), len(told)),
    )
    rows = zip(told, *(one.tolist() for one in counts), strict=True)
    return [row for row in rows if row[2]]


def parts(judged: Judged, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """See website_parts.sql."""
    visits = judged.chosen
    codes, names = visits.labels(params["by"])
    count = np.bincount(codes, minlength=len(names))
    most = sorted(np.flatnonzero(count).tolist(), key=lambda code: (-count[code], names[code]))[: params["most"]]
    micros = visits.of("ended") - visits.of("started")
    told = (
        _visitors_of(visits.of("visitor_key"), codes, most, len(names)),
        count[most],
        _sums(codes, visits.of("views"), len(names))[most],
        np.bincount(codes.compress(visits.of("actions") <= 1), minlength=len(names))[most],
        np.bincount(codes, weights=micros, minlength=len(names))[most] / _MINUTE,
        np.bincount(codes.compress(visits.contacts() > 0), minlength=len(names))[most],
    )
    return [*zip([names[code] for code in most], *(one.tolist() for one in told), strict=True)]


def _visitors_of(visitors: Any, codes: Any, most: list[int], count: int) -> Any:
    """How many different visitors have each of some of `count` codes."""
    place = np.full(count, -1, np.int32)
    place[most] = np.arange(len(most))
    places = place.take(codes)
    is_one = places >= 0
    if not is_one.all():
        visitors, places = visitors.compress(is_one), places.compress(is_one)
    return different(visitors, places, len(most))


def _sums(groups: Any, numbers: Any, count: int) -> Any:
    """The sum of whole numbers by group."""
    return np.bincount(groups, weights=numbers, minlength=count).astype(np.int64)
