"""Visits counted by day: different visitors by sorting, of millions several times as quick as a table of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from baton.tracking.store.walks import numbers

QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def by_day(rows: Any, zone: str) -> list[tuple[date, int, int, int]]:
    """Each day of a zone with its visitors, visits and views, of an Arrow table with a row for each visit.

    Its columns are the quarter of an hour since 1970 (every zone's day begins with one), the visitor's key and the
    views. What is sorted are keys whose last bits, as many as tell the days apart, are replaced by the day: with 64
    days the chance that any two of a million visitors of one day fall together is two in a million.
    """
    import numpy as np

    quarters, visitors, views = (numbers(rows[name]) for name in ("quarter", "visitor_key", "views"))
    if not len(quarters):
        return []
    least = int(quarters.min())
    days = _days(least, int(quarters.max()), zone)
    first = days[0]
    places = np.array([(day - first).days for day in days])[quarters - least]
    bits = np.uint64((days[-1] - first).days.bit_length())
    packed = visitors >> bits << bits | places.view(np.uint64)
    packed.sort()
    different = packed[np.append(True, packed[1:] != packed[:-1])] & ((np.uint64(1) << bits) - np.uint64(1))
    counts = [
        np.bincount(different.view(np.int64)),
        np.bincount(places),
        np.bincount(places, weights=views).astype(np.int64),
    ]
    found = zip(*(one.tolist() for one in counts), strict=True)
    return [(first + timedelta(days=n), *told) for n, told in enumerate(found) if told[1]]


def _days(first: int, last: int, zone: str) -> list[date]:
    """The days of a zone in which quarters of an hour lie, from one to another."""
    theirs = ZoneInfo(zone)
    return [(_EPOCH + quarter * QUARTER).astimezone(theirs).date() for quarter in range(first, last + 1)]
