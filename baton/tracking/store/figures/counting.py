"""What several figures count by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from baton.tracking.store.walks import begins

QUARTER = timedelta(minutes=15)  # every zone's day begins with one
_MICROS = 900_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def different(visitors: NDArray[np.uint64], groups: NDArray[np.integer[Any]], count: int) -> NDArray[np.int64]:
    """How many different visitors each of `count` groups has, of rows that tell a visitor's key and a group.

    What is sorted are keys whose last bits, as many as tell the groups apart, are replaced by the group: with 64 groups
    the chance that any two of a million visitors of one group fall together is two in a million. Sorting tells millions
    apart several times as quick as a table of them.
    """
    if not len(visitors):
        return np.zeros(count, np.int64)
    bits = np.uint64((count - 1).bit_length())
    packed = visitors >> bits << bits
    packed |= groups.astype(np.uint64)
    if (packed[1:] < packed[:-1]).any():
        packed.sort()
    firsts = packed.compress(begins(packed))
    return np.bincount((firsts & ((np.uint64(1) << bits) - np.uint64(1))).view(np.int64), minlength=count)


def most_of(counts: Mapping[str, int], most: int) -> list[tuple[str, int]]:
    """The labels counted most often with how often, of those alike the first by name first."""
    return sorted(counts.items(), key=lambda label: (-label[1], label[0]))[:most]


def days_of(moments: NDArray[np.int64], zone: str) -> tuple[NDArray[np.int64], list[date]]:
    """The day of a zone in which each moment (microseconds since 1970) lies, as a place in a list of days."""
    if not len(moments):
        return np.zeros(0, np.int64), []
    quarters = moments // _MICROS
    least, most = int(quarters.min()), int(quarters.max())
    theirs = ZoneInfo(zone)
    first, last = ((_EPOCH + n * QUARTER).astimezone(theirs).date() for n in (least, most))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    begin = [(datetime(day.year, day.month, day.day, tzinfo=theirs) - _EPOCH) // QUARTER for day in days]
    places = np.searchsorted(begin, np.arange(least, most + 1), side="right") - 1
    return places.take(quarters - least), days
