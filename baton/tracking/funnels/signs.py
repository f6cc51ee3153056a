"""The signs of a funnel: which acts of people's visits, and what servers told of them, fit a step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from baton.tracking.funnels.chains import NOBODYS, Numbers, Signs, in_turn, places_of
from baton.tracking.funnels.rules import VISIT, Shape
from baton.tracking.store.walks import Walks, numbers

STILL_MINUTES = 30  # what a server tells belongs to a visit that ended less than this before
SLOT_BITS = 16
KEYS_AT_ONCE = 65_536
VISITS_AT_ONCE = 65_536


@dataclass(frozen=True)
class Fits:
    """The steps that deeds fit (bit n - 1 for step n), and by step, from 0, the props that do."""

    deeds: NDArray[np.uint64]
    steps: NDArray[np.uint16]
    details: dict[int, list[str]]

    def steps_of(self, deeds: NDArray[np.uint64], details: pa.ChunkedArray) -> NDArray[np.uint16]:
        """The steps that each act fits: those of its deed, less those that ask for details which it has not."""
        found = _looked_up(deeds, self.deeds, self.steps)
        for step, held in self.details.items():
            bit = np.uint16(1 << step)
            asked = np.flatnonzero((found & bit) != 0)
            has = pc.is_in(details.take(pa.array(asked)), value_set=pa.array(held, pa.string()))
            found[asked[~numbers(has)]] &= ~bit
        return found


@dataclass(frozen=True)
class Told:
    """What servers told: of whom (the visitor's key), when (microseconds) and which steps fit, at least one."""

    visitors: NDArray[np.uint64]
    moments: Numbers
    steps: NDArray[np.uint16]


@dataclass(frozen=True)
class People:
    """Visits visitor by visitor, each one's in their order: `order` are rows of visits, `numbers` whose each of these
    is, and `keys` the visitors' keys by that number.
    """

    order: Numbers
    numbers: Numbers
    keys: NDArray[np.uint64]


@dataclass(frozen=True)
class Units:
    """What chains are looked for in, each a number: rows of visits unit by unit (`visits` and their `numbers`).

    `told` are rows of what was told, with their numbers in order; `people` whose the visits are, where that had to be
    known.
    """

    visits: Numbers
    numbers: Numbers
    told: Numbers
    told_numbers: Numbers
    people: People | None

    def spans(self) -> Iterator[tuple[slice, slice]]:
        """Some units after the other: ranges of `visits` and of `told`. Few at once, so that what is made of them stays
        near the processor.
        """
        cuts = np.unique(np.searchsorted(self.numbers, self.numbers[::VISITS_AT_ONCE]))
        for first, end in pairwise([*cuts.tolist(), len(self.numbers)]):
            of_told = np.searchsorted(self.told_numbers, [self.numbers[first], self.numbers[end - 1] + 1])
            yield slice(first, end), slice(*of_told.tolist())


def units_of(shape: Shape, walks: Walks, told: Told) -> Units:
    """The visitors or the visits of a funnel."""
    rows = np.arange(len(walks), dtype=np.int32)
    if shape.per == VISIT and not len(told.moments):
        return Units(rows, rows, rows[:0], rows[:0], None)
    people = people_of(walks.visitors, walks.started)
    if shape.per == VISIT:
        return Units(rows, rows, *_by_unit(*_visits_of_told(walks, people, told)), people)
    return Units(people.order, people.numbers, *_by_unit(*_visitors_of_told(people, told)), people)


def _by_unit(rows: Numbers, units: Numbers) -> tuple[Numbers, Numbers]:
    order = np.argsort(units, kind="stable")
    return rows[order], units[order]


def people_of(keys: NDArray[np.uint64], started: Numbers) -> People:
    """Visits grouped by the key of whose they are."""
    order = np.arange(len(keys), dtype=np.int32) if (keys[1:] >= keys[:-1]).all() else _grouped(keys)
    own = keys[order]
    is_new = np.append(True, own[1:] != own[:-1])[: len(own)]
    whose = np.cumsum(is_new, dtype=np.int32) - 1
    turn = in_turn(whose, started[order])
    return People(order if turn is None else order[turn], whose, own[is_new])


def _grouped(keys: NDArray[np.uint64]) -> Numbers:
    """Rows by key, of the same key in their order.

    What is sorted are numbers that hold most of the key and the row, five times as quick as sorting rows by whole keys;
    that is done where most of the key did not tell two of them apart.
    """
    bits = np.uint64(max(len(keys).bit_length(), 1))
    packed = np.sort(keys >> bits << bits | np.arange(len(keys), dtype=np.uint64))
    order = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int32)
    packed >>= bits
    own = keys[order]
    if ((packed[1:] == packed[:-1]) & (own[1:] != own[:-1])).any():
        return np.argsort(keys, kind="stable").astype(np.int32)
    return order


def _visitors_of_told(people: People, told: Told) -> tuple[Numbers, Numbers]:
    """Rows of what was told of visitors who have visits, and their numbers."""
    place = np.searchsorted(people.keys, told.visitors)
    rows = np.flatnonzero(np.append(people.keys, np.uint64(0))[place] == told.visitors)
    rows = rows[place[rows] < len(people.keys)]
    return rows, place[rows]


def _visits_of_told(walks: Walks, people: People, told: Told) -> tuple[Numbers, Numbers]:
    """Rows of what was told while a visit of that visitor went on or soon after, and these visits."""
    rows, whose = _visitors_of_told(people, told)
    first = np.searchsorted(people.numbers, whose)
    count = np.searchsorted(people.numbers, whose, side="right") - first
    rows, visits = np.repeat(rows, count), people.order[_ranges(first, count)]
    moments, still = told.moments[rows], STILL_MINUTES * 60_000_000
    meant = (moments >= walks.started[visits]) & (moments < walks.ended[visits] + still)
    return rows[meant], visits[meant]


def signs_of(walks: Walks, steps: NDArray[np.uint16], units: Units, told: Told) -> Iterator[Signs]:
    """The signs of all units, some of these after the other. `steps` are those that each act fits."""
    is_sign = steps != 0
    acts = np.flatnonzero(is_sign).astype(np.int32)
    so_far = np.zeros(len(steps) + 1, np.int32)
    np.cumsum(is_sign, out=so_far[1:])
    first = so_far[walks.first]
    count = so_far[walks.end] - first
    some = np.flatnonzero(count[units.visits] != 0)
    units = replace(units, visits=units.visits[some], numbers=units.numbers[some])
    for span, of_told in units.spans():
        visits = units.visits[span]
        count_here = count[visits]
        acts_here = acts[_ranges(first[visits], count_here)]
        signs = _are_acts(
            walks, steps, acts_here, np.repeat(visits, count_here), np.repeat(units.numbers[span], count_here)
        )
        yield _with_told(signs, told, units.told[of_told], units.told_numbers[of_told])


def _are_acts(walks: Walks, steps: NDArray[np.uint16], acts: Numbers, visits: Numbers, units: Numbers) -> Signs:
    """Signs that are these acts of these visits."""
    fitting = steps[acts]
    may_begin = (fitting & 1).astype(bool) & walks.is_chosen[visits]
    return Signs(units, places_of(walks.moments[acts], fitting), fitting, may_begin, visits, acts)


def _with_told(signs: Signs, told: Told, rows: Numbers, units: Numbers) -> Signs:
    """Signs with some of what was told, of these units."""
    if not len(rows):
        return signs
    places = np.searchsorted(signs.units, units, side="right")
    return Signs(
        np.insert(signs.units, places, units),
        np.insert(signs.places, places, places_of(told.moments[rows], told.steps[rows])),
        np.insert(signs.steps, places, told.steps[rows]),
        np.insert(signs.may_begin, places, False),
        np.insert(signs.visits, places, NOBODYS),
        np.insert(signs.acts, places, NOBODYS),
    )


def _ranges(first: Numbers, count: Numbers) -> Numbers:
    """The numbers of several ranges, one after the other."""
    ends = np.cumsum(count, dtype=np.int32)
    return np.repeat(first - (ends - count), count) + np.arange(ends[-1] if len(ends) else 0, dtype=np.int32)


def _looked_up(wanted: NDArray[np.uint64], keys: NDArray[np.uint64], values: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The value of each wanted key, 0 for none.

    Keys are as if drawn at random: a few of their bits are a place in a table. Those that find theirs taken are looked
    up by other bits.
    """
    found = np.zeros(len(wanted), np.uint16)
    shift = 1
    while len(keys) and len(wanted):
        slots, rows = np.unique(_slots(keys, shift), return_index=True)
        table = np.zeros(1 << SLOT_BITS, np.int32)
        table[slots] = rows + 1
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            some = wanted[start : start + KEYS_AT_ONCE]
            near = table[_slots(some, shift)]
            hits = np.flatnonzero(near != 0)
            row = near[hits] - 1
            is_same = keys[row] == some[hits]
            found[start + hits[is_same]] = values[row[is_same]]
        keys, values = np.delete(keys, rows), np.delete(values, rows)
        shift = (shift + 7) % 64
    return found


def _slots(keys: NDArray[np.uint64], shift: int) -> NDArray[np.uint32]:
    """Some bits of each key: of its lower half, or from a shift of 32 on of its upper one."""
    halves = keys.view(np.uint32)[shift // 32 :: 2]
    return (halves >> np.uint32(shift % 32 % (33 - SLOT_BITS))) & np.uint32((1 << SLOT_BITS) - 1)


def followers_of(walks: Walks, people: People) -> Numbers:
    """By visit the next one of the same visitor on the same site; NOBODYS for the last."""
    sites = walks.sites
    if len(sites) and (sites != sites[0]).any():
        people = people_of(walks.visitors ^ sites, walks.started)
    followers = np.full(len(walks), NOBODYS, np.int32)
    same = np.flatnonzero(people.numbers[1:] == people.numbers[:-1])
    followers[people.order[same]] = people.order[same + 1]
    return followers


def next_views(
    walks: Walks, visits: Numbers, acts: Numbers, after: Numbers, until: Numbers, followers: Numbers | None
) -> Numbers:
    """The first page view after a moment and not after another, from an act of a visit on and through the visits that
    follow it, where these are given; NOBODYS for none. Gives acts.
    """
    found = np.full(len(acts), NOBODYS, np.int32)
    rows = np.arange(len(acts), dtype=np.int32)
    while len(rows):
        is_over = acts >= walks.end[visits]
        if followers is not None:
            visits = np.where(is_over, followers[visits], visits)
            acts = np.where(is_over, walks.first[visits], acts)
        goes_on = np.flatnonzero(~is_over if followers is None else visits != NOBODYS)
        rows, visits, acts = rows[goes_on], visits[goes_on], acts[goes_on]
        is_act = acts < walks.end[visits]
        at = np.minimum(acts, len(walks.moments) - 1)
        moments = walks.moments[at]
        is_late = is_act & (moments > until[rows])
        is_view = is_act & ~is_late & (moments > after[rows]) & is_page(walks.deeds[at])
        found[rows[is_view]] = acts[is_view]
        goes_on = np.flatnonzero(~(is_view | is_late))
        rows, visits, acts = rows[goes_on], visits[goes_on], (acts + is_act)[goes_on]
    return found


def is_page(deeds: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether deeds are page views: the word baton_deed makes these even."""
    return deeds & np.uint64(1) == 0
