"""Chains over arrays where the shortcuts they take do not hold."""

from __future__ import annotations

import random

import numpy as np
import pytest

from baton.tracking.funnels.chains import NOBODYS, Signs, best_chains, in_turn, places_of
from baton.tracking.funnels.rules import Sign, best_chain


def test_rows_in_order_stay_as_they_are() -> None:
    assert in_turn(np.array([0, 0, 1]), np.array([1, 2, 1]), lambda _rows: []) is None
    assert in_turn(np.array([0, 0, 1, 1]), np.array([1, 2, 5, 4]), lambda _rows: []).tolist() == [0, 1, 3, 2]


@pytest.mark.parametrize("seed", range(20))
def test_the_best_chain_is_that_of_the_rule(seed) -> None:
    """Signs of many units in any order within each, many of them at one moment."""
    chance = random.Random(seed)
    steps, minutes = chance.randrange(2, 6), chance.choice([1, 5, 60])
    told = [
        (unit, chance.randrange(12) * 30_000_000, chance.randrange(1, 2**steps), chance.random() < 0.8)
        for unit in range(40)
        for _n in range(chance.randrange(1, 12))
    ]
    units, moments, fitting, may_begin = (np.array(one) for one in zip(*told, strict=True))
    fitting = fitting.astype(np.uint16)
    rows = np.arange(len(told))
    signs = Signs(units, places_of(moments, fitting), fitting, may_begin & (fitting & 1 != 0), rows)
    found = best_chains(signs, steps, minutes, ended=lambda acts: acts)
    want = []
    for unit in range(40):
        own = [
            Sign(at, frozenset(n for n in range(1, steps + 1) if bits >> (n - 1) & 1), begins)
            for whose, at, bits, begins in told
            if whose == unit
        ]
        if chain := best_chain(own, minutes=minutes):
            want.append(chain)
    got = [[int(moment[n]) for moment in found.moments[: int(found.levels[n])]] for n in range(len(found.levels))]
    assert got == want
    assert (found.acts != NOBODYS).all()
