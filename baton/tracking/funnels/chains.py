"""Chains of very many people at once: what rules.py says, over arrays. Nothing here asks the store.

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
from baton.tracking.store.walks import companions

Numbers = NDArray[np.integer[Any]]
NOBODYS = -1
_LOWEST = np.array([0, *((n & -n).bit_length() for n in range(1, 2**MOST_STEPS))], np.int8)


@dataclass(frozen=True)
class Signs:
    """Signs: of which unit, where in it, the steps that fit (bit n - 1 for step n), and whether they may begin a chain.

    `visits` and `acts` are rows of the visit and of the act they are, NOBODYS for what a server told.
    """

    units: Numbers
    places: Numbers
    steps: NDArray[np.uint16]
    may_begin: NDArray[np.bool_]
    visits: Numbers
    acts: Numbers

    def __len__(self) -> int:
        return len(self.units)

    def __getitem__(self, rows: Any) -> Signs:
        return Signs(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Chains:
    """The chain that counts of each unit that has one.

    `visits` and `acts` are those of the first step, `levels` how many steps it has, and `moments[n]` when step n + 1
    was taken, in microseconds; without meaning from the level on.
    """

    visits: Numbers
    acts: Numbers
    levels: Numbers
    moments: list[Numbers]

    def last_moments(self) -> Numbers:
        """When each chain's last step was taken."""
        last = self.moments[0].copy()
        for n, moments in enumerate(self.moments[1:], start=1):
            np.copyto(last, moments, where=self.levels > n)
        return last


def places_of(moments: Numbers, steps: NDArray[np.uint16]) -> Numbers:
    """Places of signs that happened then and fit these steps."""
    places = moments << 4
    places |= _LOWEST[steps]
    return places


def best_chains(signs: Signs, steps: int, minutes: int, ended: Numbers) -> Chains:
    """The chain of most steps of each unit, of several the one that begins first.

    Of signs in one place, those of the visit that ended first begin (`ended`, by visit).
    """
    signs = _ordered(signs, ended)
    starts = np.flatnonzero(signs.may_begin).astype(np.int32)
    found = _steps_taken(signs, starts, steps, minutes)
    levels = np.zeros(len(starts), np.int32)
    for taken in found:
        levels += taken < len(signs)
    best = _best(signs.units[starts], levels)
    moments = np.append(signs.places >> 4, 0)
    return Chains(
        signs.visits[starts[best]], signs.acts[starts[best]], levels[best], [moments[taken[best]] for taken in found]
    )


def _ordered(signs: Signs, ended: Numbers) -> Signs:
    """Signs in their order, those in the same place as one with all their steps."""
    rows = in_turn(signs.units, signs.places, lambda: [~signs.may_begin, np.append(ended, 0)[signs.visits]])
    if rows is None:
        return signs
    signs = signs[rows]
    differs = (signs.units[1:] != signs.units[:-1]) | (signs.places[1:] != signs.places[:-1])
    firsts = np.flatnonzero(np.append(True, differs))
    return replace(signs[firsts], steps=np.bitwise_or.reduceat(signs.steps, firsts))


def in_turn(units: Numbers, places: Numbers, further: Callable[[], Sequence[NDArray[Any]]] = list) -> Numbers | None:
    """The order that puts rows, which lie unit by unit, by their places and then by `further`.

    None where they lie so, each in a place of its own.
    """
    wrong = np.flatnonzero((units[1:] == units[:-1]) & (places[1:] <= places[:-1]))
    if not len(wrong):
        return None
    rows = companions(units, wrong)
    order = np.arange(len(units))
    order[rows] = rows[np.lexsort((*(key[rows] for key in reversed(further())), places[rows], units[rows]))]
    return order


def _steps_taken(signs: Signs, starts: Numbers, steps: int, minutes: int) -> list[Numbers]:
    """For each step the sign by which every start goes on to it; the number of signs where it does not."""
    none = len(signs)
    units, places = np.append(signs.units, np.int32(NOBODYS)), np.append(signs.places, 0)
    latest = places[starts] | 15
    latest += minutes * 60_000_000 * 16
    going: Numbers = np.arange(len(starts), dtype=np.int32)
    at, whose = starts, units[starts]
    found = [starts]
    for step in range(1, steps):
        at = _next_of(signs.steps, step, at)
        goes_on = np.flatnonzero((units[at] == whose) & (places[at] <= latest))
        going, at, whose, latest = going[goes_on], at[goes_on], whose[goes_on], latest[goes_on]
        taken = np.full(len(starts), none, np.int32)
        taken[going] = at
        found.append(taken)
    return found


def _next_of(steps: NDArray[np.uint16], step: int, at: Numbers) -> Numbers:
    """After each of some signs the first one that fits step `step` + 1; the number of signs where none does."""
    is_fit = (steps & np.uint16(1 << step)) != 0
    fitting = np.append(np.flatnonzero(is_fit), len(steps))
    return fitting[np.cumsum(is_fit, dtype=np.int32)[at]]


def _best(units: Numbers, levels: Numbers) -> Numbers:
    """The row of each unit's highest level, the first of several. Rows lie unit by unit."""
    if not len(units):
        return np.arange(0)
    firsts = np.flatnonzero(np.append(True, units[1:] != units[:-1]))
    rank = levels.astype(np.int64) << 32
    rank |= np.arange(len(units) - 1, -1, -1)
    return len(units) - 1 - (np.maximum.reduceat(rank, firsts) & 0xFFFFFFFF)
