"""The signs of a funnel: which acts of people's visits, and what servers told of them, fit a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from baton.tracking.funnels.chains import NOBODYS, Chains, Numbers, Signs, places_of
from baton.tracking.funnels.rules import VISIT, Shape
from baton.tracking.store.walks import Walks, begins, groups_of, numbers, ranges

STILL_MINUTES = 30  # what a server tells belongs to a visit that ended less than this before
VISIT_MINUTES = 1440 + STILL_MINUTES  # no visit has longer


@dataclass(frozen=True)
class Fits:
    """The steps that deeds fit (bit n - 1 for step n), and by step, from 0, the props that do. Deeds are in order."""

    deeds: NDArray[np.uint64]
    steps: NDArray[np.uint16]
    details: dict[int, list[str]]

    def steps_of(self, deeds: NDArray[np.uint64], details: pa.ChunkedArray) -> NDArray[np.uint16]:
        """The steps that each of these fits: those of the deed, less those that ask for details which it has not."""
        places = np.searchsorted(self.deeds, deeds)
        found = np.append(self.steps, np.uint16(0)).take(places)
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


def _units(walks: Walks, per: str) -> Numbers:
    """Where the visits of what chains are looked for in begin, visitors or visits, and after the last where it ends."""
    if per == VISIT:
        return np.arange(len(walks) + 1)
    return _bounds(walks.visitors)


def _bounds(*columns: NDArray[Any]) -> Numbers:
    """Where groups of rows begin that are alike in some columns, and after the last where it ends."""
    return np.append(np.flatnonzero(begins(*columns)), len(columns[0]))


def signs_of(walks: Walks, steps: NDArray[np.uint16], told: Told, shape: Shape) -> Signs:
    """All signs of some walks. `steps` are those that each act fits."""
    per = shape.per
    units = _units(walks, per)
    acts = np.flatnonzero(steps != 0)
    fitting = steps.take(acts)
    may_begin = (fitting & 1).astype(bool)
    if not walks.is_chosen.all():
        may_begin &= walks.is_chosen.take(walks.visits_of(acts))
    whose = groups_of(acts, walks.bounds.take(units))
    if per == VISIT and shape.minutes >= VISIT_MINUTES:
        may_begin = _first_of_each(may_begin, whose)
    signs = Signs(whose, places_of(walks.moments.take(acts), fitting), fitting, may_begin, acts)
    told = told.of(walks)
    return _with_told(signs, told, *_units_of_told(walks, units, told, per)) if len(told) else signs


def _first_of_each(may_begin: NDArray[np.bool_], units: Numbers) -> NDArray[np.bool_]:
    """Of what may begin the first of each unit: no later one comes further, where all have the time they need."""
    starts = np.flatnonzero(may_begin)
    whose = units.take(starts)
    firsts = np.zeros(len(may_begin), bool)
    firsts[starts.compress(begins(whose))] = True
    return firsts


def _units_of_told(walks: Walks, units: Numbers, told: Told, per: str) -> tuple[Numbers, Numbers]:
    """Rows of what was told of a unit, and these units, in their order.

    Those of a visit were told while it went on or soon after.
    """
    first = np.searchsorted(walks.visitors, told.visitors)
    count = np.searchsorted(walks.visitors, told.visitors, side="right") - first
    if per != VISIT:
        rows = np.flatnonzero(count)
        return rows, groups_of(first.take(rows), units)
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
        np.insert(signs.acts, places, NOBODYS),
    )


def next_views(
    walks: Walks, chains: Chains, rows: Numbers, until: Numbers, is_view: NDArray[np.bool_], per: str
) -> Numbers:
    """The first page view after the last step of each of some chains (`rows`) and not after a moment; NOBODYS for none.

    It is in the same visit as the first step or, for visitors, in a later one on the same site. Gives acts. `is_view`
    is by code.
    """
    firsts, lasts, after = (one.take(rows) for one in (chains.acts, chains.last_acts, chains.last_moments))
    ends = walks.bounds.take(chains.units.take(rows) + 1) if per == VISIT else _ends_on_site(walks, firsts)
    acts = np.where((lasts > firsts) & (lasts < ends), lasts, firsts) + 1
    found = np.full(len(rows), NOBODYS)
    left: Numbers = np.arange(len(rows))
    while len(left):
        moments = walks.moments.take(acts, mode="clip")
        is_there = (acts < ends) & (moments <= until)
        is_next = is_there & is_view.take(walks.codes.take(acts, mode="clip")) & (moments > after)
        hits, goes_on = np.flatnonzero(is_next), np.flatnonzero(is_there & ~is_next)
        found[left.take(hits)] = acts.take(hits)
        left, acts, ends, after, until = (one.take(goes_on) for one in (left, acts + 1, ends, after, until))
    return found


def _ends_on_site(walks: Walks, acts: Numbers) -> Numbers:
    """For each of some acts where those of its visitor's visits to its site end."""
    visits = _bounds(walks.visitors, walks.sites)
    bounds = walks.bounds.take(visits)
    return bounds.take(groups_of(acts, bounds) + 1)
