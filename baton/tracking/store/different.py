"""Telling different things apart by sorting them: of millions it is several times as quick as a table of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from baton.tracking.store.walks import numbers

QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def different(rows: Any) -> dict[int, int]:
    """How many different things each part has, of an Arrow table of the columns `part`, a small number, and `thing`."""
    counts = _different(numbers(rows["part"]).astype(np.int64), numbers(rows["thing"]))
    return {part: count for part, count in enumerate(counts.tolist()) if count}


def by_day(rows: Any, zone: str) -> list[tuple[date, int, int, int]]:
    """Each day of a zone with its visitors, visits and views, of an Arrow table with a row for each visit.

    Its columns are the quarter of an hour since 1970 (every zone's day begins with one), the visitor's key and the
    views.
    """
    quarters, visitors, views = (numbers(rows[name]) for name in ("quarter", "visitor_key", "views"))
    if not len(quarters):
        return []
    least = int(quarters.min())
    days = _days(least, int(quarters.max()), zone)
    first = days[0]
    places = np.array([(day - first).days for day in days])[quarters - least]
    counts = [_different(places, visitors), np.bincount(places), np.bincount(places, weights=views).astype(np.int64)]
    found = zip(*(one.tolist() for one in counts), strict=True)
    return [(first + timedelta(days=n), *told) for n, told in enumerate(found) if told[1]]


def _different(places: NDArray[np.int64], things: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many different things each place has; things are keys, as if drawn at random.

    What is sorted are keys whose last bits, as many as tell the places apart, are replaced by the place: with 64 places
    the chance that any two of a million things of one place fall together is two in a million.
    """
    bits = np.uint64(int(places.max(initial=0)).bit_length())
    packed = things >> bits << bits | places.view(np.uint64)
    packed.sort()
    firsts = packed[np.append(True, packed[1:] != packed[:-1])[: len(packed)]]
    return np.bincount((firsts & ((np.uint64(1) << bits) - np.uint64(1))).view(np.int64))


def _days(first: int, last: int, zone: str) -> list[date]:
    """The days of a zone in which quarters of an hour lie, from one to another."""
    theirs = ZoneInfo(zone)
    return [(_EPOCH + quarter * QUARTER).astimezone(theirs).date() for quarter in range(first, last + 1)]
