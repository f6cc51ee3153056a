"""How many visitors come again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from baton.tracking.retention.rules import MOST_AFTER, week_of
from baton.tracking.store.figures.counting import days_of
from baton.tracking.store.judged import Judged
from baton.tracking.store.walks import begins

_BITS = MOST_AFTER + 2  # one for each week, the last for all that are later
_LATEST = np.iinfo(np.int64).max


def retention(judged: Judged, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """See retention.sql."""
    visits = judged.meant
    visitors, started = visits.of("visitor_key"), visits.of("started")
    chosen = np.where(judged.is_meant_chosen(), started, _LATEST)
    rows = visits.of("lasting") == 1
    if not rows.all():
        visitors, started, chosen = (one.compress(rows) for one in (visitors, started, chosen))
    if (visitors[1:] < visitors[:-1]).any():
        order = np.argsort(visitors)
        visitors, started, chosen = (one.take(order) for one in (visitors, started, chosen))
    return _cohorts(visitors, started, chosen, params) if len(visitors) else []


def _cohorts(visitors: Any, started: Any, chosen: Any, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Rows lie visitor by visitor; `chosen` is when a chosen visit began, _LATEST for others."""
    places, days = days_of(started, params["zone"])
    weeks = np.array([week_of(day) for day in days]).take(places)
    firsts = np.flatnonzero(begins(visitors))
    began = np.minimum.reduceat(started, firsts)
    since, until = (np.datetime64(params[name], "us").astype(np.int64) for name in ("first_from", "first_until"))
    is_one = (np.minimum.reduceat(chosen, firsts) == began) & (began >= since) & (began < until)
    week = np.minimum.reduceat(weeks, firsts)
    after = weeks - np.repeat(week, np.diff(firsts, append=len(visitors)))
    came = np.bitwise_or.reduceat(np.left_shift(1, np.minimum(after, MOST_AFTER + 1)), firsts)
    counts: Counter[tuple[int, int]] = Counter()
    cohorts, many = np.unique((week << _BITS | came).compress(is_one), return_counts=True)
    for cohort, visitors_of in zip(cohorts.tolist(), many.tolist(), strict=True):
        nth, bits = cohort >> _BITS, cohort & ((1 << _BITS) - 1)
        for weeks_after in range(MOST_AFTER + 1):
            if bits >> weeks_after & 1:
                counts[nth, weeks_after] += visitors_of
    return [(*key, visitors_of) for key, visitors_of in sorted(counts.items())]
