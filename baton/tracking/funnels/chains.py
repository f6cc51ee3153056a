"""Chains of very many people at once: what rules.py says, over arrays. Nothing here asks the store.

Rows are picked with `take` and `compress`: NumPy does the same for brackets, but three times as slowly.

Signs lie unit by unit (visitor or visit), in each by their place; a place is a number that orders them: sixteen times
the moment in microseconds, and the first step that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baton.tracking.funnels.rules import MOST_STEPS
from baton.tracking.store.walks import FEW, begins, companions

Numbers = NDArray[np.integer[Any]]
NOBODYS = -1
_LOWEST = np.array([0, *((n & -n).bit_length() for n in range(1, 2**MOST_STEPS))], np.int8)


@dataclass(frozen=True)
class Signs:
    """Signs: of which unit, where in it, the steps that fit (bit n - 1 for step n), and whether they may begin a chain.

    `acts` are the acts they are, NOBODYS for what a server told.
    """

    units: Numbers
    places: Numbers
    steps: NDArray[np.uint16]
    may_begin: NDArray[np.bool_]
    acts: Numbers

    def __len__(self) -> int:
        return len(self.units)

    def take(self, rows: Numbers) -> Signs:
        """These signs in this order."""
        return Signs(*(getattr(self, field.name).take(rows) for field in fields(self)))


@dataclass(frozen=True)
class Chains:
    """The chain that counts of each unit that has one.

    `acts` are those of the first step, `last_acts` those of the last (NOBODYS for what a server told), `levels` how
    many steps it has, and `moments[n]` when step n + 1 was taken, in microseconds; without meaning from the level on.
    `last_moments` are when the last step was taken.
    """

    units: Numbers
    acts: Numbers
    last_acts: Numbers
    levels: Numbers
    moments: list[Numbers]
    last_moments: Numbers


def places_of(moments: Numbers, steps: NDArray[np.uint16]) -> Numbers:
    """Places of signs that happened then and fit these steps."""
    places = moments << 4
    places |= _LOWEST.take(steps)
    return places


def best_chains(signs: Signs, steps: int, minutes: int, ended: Callable[[Numbers], Numbers]) -> Chains:
    """The chain of most steps of each unit, of several the one that begins first.

    Of signs in one place, those of the visit that ended first begin: `ended` tells when the visits of acts did.
    """
    signs = _ordered(signs, ended)
    starts = np.flatnonzero(signs.may_begin)
    found = _steps_taken(signs, starts, steps, minutes)
    levels = np.zeros(len(starts), np.int8)
    for taken in found:
        levels += taken < len(signs)
    units = signs.units.take(starts)
    if (units[1:] == units[:-1]).any():
        best = _best(units, levels)
        found, levels = [taken.take(best) for taken in found], levels.take(best)
    last = found[0].copy()
    for n, taken in enumerate(found[1:], start=1):
        further = np.flatnonzero(levels > n)
        last[further] = taken.take(further)
    moments = np.append(signs.places >> 4, 0)
    firsts = found[0]
    return Chains(
        units=signs.units.take(firsts),
        acts=signs.acts.take(firsts),
        last_acts=signs.acts.take(last),
        levels=levels,
        moments=[moments.take(taken) for taken in found],
        last_moments=moments.take(last),
    )


def _ordered(signs: Signs, ended: Callable[[Numbers], Numbers]) -> Signs:
    """Signs in their order, those in the same place as one with all their steps."""

    def further(rows: Numbers) -> Sequence[NDArray[Any]]:
        acts = signs.acts.take(rows)
        return ~signs.may_begin.take(rows), np.where(acts == NOBODYS, 0, ended(acts))

    rows = in_turn(signs.units, signs.places, further)
    if rows is None:
        return signs
    signs = signs.take(rows)
    firsts = np.flatnonzero(begins(signs.units, signs.places))
    return replace(signs.take(firsts), steps=np.bitwise_or.reduceat(signs.steps, firsts))


def in_turn(units: Numbers, places: Numbers, further: Callable[[Numbers], Sequence[NDArray[Any]]]) -> Numbers | None:
    """The order that puts rows, which lie unit by unit, by their places and then by what `further` tells of rows.

    None where they lie so, each in a place of its own.
    """
    wrong = np.flatnonzero((units[1:] == units[:-1]) & (places[1:] <= places[:-1]))
    if not len(wrong):
        return None
    rows = companions(units, wrong)
    order = np.arange(len(units))
    order[rows] = rows[np.lexsort((*reversed(further(rows)), places[rows], units[rows]))]
    return order


def _steps_taken(signs: Signs, starts: Numbers, steps: int, minutes: int) -> list[Numbers]:
    """For each step the sign by which every start goes on to it; the number of signs where it does not."""
    none = len(signs)
    units, places = np.append(signs.units, np.int32(NOBODYS)), np.append(signs.places, 0)
    latest: Numbers = signs.places.take(starts) | 15
    latest += minutes * 60_000_000 * 16
    going: Numbers = np.arange(len(starts))
    at: Numbers = starts
    whose: Numbers = signs.units.take(starts)
    found = [starts]
    for step in range(1, steps):
        at = _next_of(signs.steps, step, at)
        goes_on = np.flatnonzero((units.take(at) == whose) & (places.take(at) <= latest))
        going, at, whose, latest = (one.take(goes_on) for one in (going, at, whose, latest))
        taken = np.full(len(starts), none)
        taken[going] = at
        found.append(taken)
    return found


def _next_of(steps: NDArray[np.uint16], step: int, at: Numbers) -> Numbers:
    """After each of some signs the first one that fits step `step` + 1; the number of signs where none does."""
    is_fit = (steps & np.uint16(1 << step)) != 0
    fitting = np.append(np.flatnonzero(is_fit), len(steps))
    if FEW * len(at) < len(steps):
        return fitting.take(np.searchsorted(fitting, at, side="right"))
    return fitting.take(np.cumsum(is_fit, dtype=np.int32).take(at))


def _best(units: Numbers, levels: Numbers) -> Numbers:
    """The row of each unit's highest level, the first of several. Rows lie unit by unit."""
    firsts = np.flatnonzero(begins(units))
    rank = levels.astype(np.int64) << 32
    rank |= np.arange(len(units) - 1, -1, -1)
    return len(units) - 1 - (np.maximum.reduceat(rank, firsts) & 0xFFFFFFFF)
