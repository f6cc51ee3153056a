"""The signs of a funnel: which acts of people's visits, and what servers told of them, fit a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from baton.tracking.funnels.chains import NOBODYS, Numbers, Signs, places_of
from baton.tracking.funnels.rules import VISIT
from baton.tracking.store.walks import Walks, numbers, ranges

STILL_MINUTES = 30  # what a server tells belongs to a visit that ended less than this before


@dataclass(frozen=True)
class Fits:
    """The steps that deeds fit (bit n - 1 for step n), and by step, from 0, the props that do. Deeds are in order."""

    deeds: NDArray[np.uint64]
    steps: NDArray[np.uint16]
    details: dict[int, list[str]]

    def steps_of(self, deeds: NDArray[np.uint64], details: pa.ChunkedArray) -> NDArray[np.uint16]:
        """The steps that each of these fits: those of the deed, less those that ask for details which it has not."""
        places = np.searchsorted(self.deeds, deeds)
        found = np.append(self.steps, np.uint16(0))[places]
        found[np.append(self.deeds, np.uint64(0))[places] != deeds] = 0
        for step, held in self.details.items():
            bit = np.uint16(1 << step)
            asked = np.flatnonzero((found & bit) != 0)
            has = pc.is_in(details.take(pa.array(asked)), value_set=pa.array(held, pa.string()))
            found[asked[~numbers(has)]] &= ~bit
        return found


@dataclass(frozen=True)
class Told:
    """What servers told, by visitor: whose it was (the visitor's key), when (microseconds) and which steps it fits."""

    visitors: NDArray[np.uint64]
    moments: Numbers
    steps: NDArray[np.uint16]

    def of(self, walks: Walks) -> Told:
        """What was told of the visitors from the first to the last one of some walks."""
        first = np.searchsorted(self.visitors, walks.visitors[0])
        end = np.searchsorted(self.visitors, walks.visitors[-1], side="right")
        return Told(self.visitors[first:end], self.moments[first:end], self.steps[first:end])

    def __len__(self) -> int:
        return len(self.moments)


def _units_of(walks: Walks, per: str) -> Numbers:
    """What chains are looked for in, as a number for each visit: visitors or visits."""
    if per == VISIT:
        return np.arange(len(walks), dtype=np.int32)
    return np.cumsum(np.append(False, walks.visitors[1:] != walks.visitors[:-1]), dtype=np.int32)


def signs_of(walks: Walks, steps: NDArray[np.uint16], told: Told, per: str) -> Signs:
    """All signs of some walks. `steps` are those that each act fits."""
    units = _units_of(walks, per)
    acts = np.flatnonzero(steps != 0)
    visits = walks.visits_of(acts)
    fitting = steps[acts]
    may_begin = (fitting & 1).astype(bool) & walks.is_chosen[visits]
    signs = Signs(units[visits], places_of(walks.moments[acts], fitting), fitting, may_begin, visits, acts)
    told = told.of(walks)
    return _with_told(signs, told, *_units_of_told(walks, units, told, per)) if len(told) else signs


def _units_of_told(walks: Walks, units: Numbers, told: Told, per: str) -> tuple[Numbers, Numbers]:
    """Rows of what was told of a unit, and these units, in their order.

    Those of a visit were told while it went on or soon after.
    """
    first = np.searchsorted(walks.visitors, told.visitors)
    count = np.searchsorted(walks.visitors, told.visitors, side="right") - first
    if per != VISIT:
        rows = np.flatnonzero(count)
        return rows, units[first[rows]]
    rows, visits = np.repeat(np.arange(len(told)), count), ranges(first, count)
    moments, still = told.moments[rows], STILL_MINUTES * 60_000_000
    meant = np.flatnonzero((moments >= walks.started[visits]) & (moments < walks.ended[visits] + still))
    meant = meant[np.argsort(visits[meant], kind="stable")]
    return rows[meant], visits[meant]


def _with_told(signs: Signs, told: Told, rows: Numbers, units: Numbers) -> Signs:
    """Signs with some of what was told, of these units."""
    places = np.searchsorted(signs.units, units, side="right")
    return Signs(
        np.insert(signs.units, places, units),
        np.insert(signs.places, places, places_of(told.moments[rows], told.steps[rows])),
        np.insert(signs.steps, places, told.steps[rows]),
        np.insert(signs.may_begin, places, False),
        np.insert(signs.visits, places, NOBODYS),
        np.insert(signs.acts, places, NOBODYS),
    )


def next_views(
    walks: Walks, visits: Numbers, acts: Numbers, after: Numbers, until: Numbers, is_view: NDArray[np.bool_], per: str
) -> Numbers:
    """The first page view from each act of a visit on that is after a moment and not after another; NOBODYS for none.

    It is in the same visit or, for visitors, in a later one on the same site. Gives acts. `is_view` is by code.
    """
    found = np.full(len(acts), NOBODYS, np.int32)
    rows, ends = np.arange(len(acts)), (walks.bounds[1:] if per == VISIT else _ends_on_site(walks))[visits]
    while len(rows):
        goes_on = np.flatnonzero(acts < ends[rows])
        rows, acts = rows[goes_on], acts[goes_on]
        moments = walks.moments[acts]
        is_late = moments > until[rows]
        is_next = is_view[walks.codes[acts]] & (moments > after[rows]) & ~is_late
        hits, goes_on = np.flatnonzero(is_next), np.flatnonzero(~(is_next | is_late))
        found[rows[hits]] = acts[hits]
        rows, acts = rows[goes_on], acts[goes_on] + 1
    return found


def _ends_on_site(walks: Walks) -> Numbers:
    """For each visit where the acts of its visitor's visits to its site end."""
    differs = (walks.visitors[1:] != walks.visitors[:-1]) | (walks.sites[1:] != walks.sites[:-1])
    lasts = np.flatnonzero(np.append(differs, True))
    return np.repeat(walks.bounds[lasts + 1], np.diff(lasts, prepend=-1))


def is_page(deeds: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether deeds are page views: the word baton_deed makes these even."""
    return deeds & np.uint64(1) == 0
