"""Walks of several tables, told in shares, held to a plain list of visits."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from baton.tracking.store import walks as noun
from baton.tracking.store.acts import ACTS, coded, plain
from baton.tracking.store.walks import COLUMNS, Marks, Walked, companions, numbers, ranges, walked

PLAIN = pa.list_(pa.struct([("deed", pa.uint64()), ("moment", pa.timestamp("us")), ("details", pa.string())]))
LABELS = ["email", "direct", ""]
PROPS = [None, "{}", '{"plan": "team"}']


def a_visit(chance: random.Random, visitors: list[int], number: int) -> dict[str, Any]:
    acts = [
        {"deed": chance.choice([2, 4, 2**64 - 2, 7]), "moment": 1000 * number + n, "details": chance.choice(PROPS)}
        for n in range(chance.randrange(4))
    ]
    return {
        "visitor_key": chance.choice(visitors),
        "site_key": chance.choice([3, 2**63 + 1]),
        "started": 1000 * number,
        "ended": 1000 * number + 500,
        "is_meant": chance.random() < 0.8,
        "is_chosen": chance.random() < 0.5,
        "label": chance.choice(LABELS),
        ACTS: acts,
    }


def place(visit: dict[str, Any]) -> tuple[int, ...]:
    return visit["visitor_key"], visit["site_key"], visit["started"]


def a_table(visits: list[dict[str, Any]]) -> pa.Table:
    kinds = [pa.uint64(), pa.uint64(), pa.timestamp("us"), pa.timestamp("us")]
    columns = [pa.array([one[name] for one in visits], kind) for name, kind in zip(COLUMNS, kinds, strict=True)]
    acts = pa.chunked_array([pa.array([one[ACTS] for one in visits], PLAIN)])
    return pa.table([*columns, coded(acts)], names=[*COLUMNS, ACTS])


def batches_of(files: list[list[dict[str, Any]]]) -> list[pa.RecordBatch]:
    return [batch for file in files for batch in a_table(file).to_batches()]


def marked(visits: list[dict[str, Any]]) -> Marks:
    is_meant, is_chosen = (np.array([one[name] for one in visits], bool) for name in ("is_meant", "is_chosen"))
    return Marks(is_meant, is_chosen, np.array([LABELS.index(one["label"]) for one in visits], np.int32), LABELS)


def told(found: Walked) -> list[list[dict[str, Any]]]:
    """Share by share the visits, as they were made."""
    deeds, details = found.deeds.tolist(), found.details.to_pylist()
    shares = []
    for walks in found.by_visitor():
        acts = [
            {"deed": deeds[code], "moment": moment, "details": details[code]}
            for code, moment in zip(walks.codes.tolist(), walks.moments.tolist(), strict=True)
        ]
        columns = [one.tolist() for one in (walks.visitors, walks.sites, walks.started, walks.ended)]
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=True)]
        bounds = pairwise(walks.bounds.tolist())
        for row, (first, end), chosen, label in zip(rows, bounds, walks.is_chosen, walks.labels, strict=True):
            row |= {"is_meant": True, "is_chosen": bool(chosen), "label": found.names[label], ACTS: acts[first:end]}
        shares.append(rows)
    return shares


@pytest.mark.parametrize("seed", range(30))
def test_what_is_meant_is_told_once_in_order_and_no_visitor_in_two_shares(monkeypatch, seed) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(noun, "VISITS_AT_ONCE", chance.choice([1, 7, 1000]))
    visitors = [chance.getrandbits(64) for _n in range(20)]
    files = [
        sorted([a_visit(chance, visitors, 100 * file + n) for n in range(chance.randrange(60))], key=place)
        for file in chance.sample(range(3), 3)
    ]
    visits = [visit for file in files for visit in file]
    shares = told(walked(batches_of(files), marked(visits)))
    assert [visit for share in shares for visit in share] == sorted(filter(is_meant, visits), key=place)
    whose = [{visit["visitor_key"] for visit in share} for share in shares]
    assert sum(map(len, whose)) == len(set().union(*whose))
    assert all(whose)


def is_meant(visit: dict[str, Any]) -> bool:
    return bool(visit["is_meant"])


def test_nothing_at_all_has_no_shares() -> None:
    assert not told(walked([], marked([])))
    assert not told(walked(batches_of([[]]), marked([])))


def test_acts_are_plain_again_after_they_were_coded() -> None:
    acts = [[{"deed": 2, "moment": 1, "details": None}, {"deed": 2, "moment": 2, "details": "{}"}], [], []]
    column = pa.chunked_array([pa.array(acts, PLAIN), pa.array([], PLAIN), pa.array(acts[::-1], PLAIN)])
    assert plain(coded(column)).cast(PLAIN).equals(column)
    assert plain(coded(pa.chunked_array([], PLAIN))).cast(PLAIN).to_pylist() == []
    assert len(coded(column).chunk(0).values.field("what").dictionary) == 2


def test_the_visits_of_acts() -> None:
    visits = [{**a_visit(random.Random(n), [5], n), "is_meant": True} for n in range(9)]
    walks = next(walked(batches_of([sorted(visits, key=place)]), marked(visits)).by_visitor())
    rows = walks.visits_of(np.arange(len(walks.codes))).tolist()
    assert rows == [
        row for row, (first, end) in enumerate(pairwise(walks.bounds.tolist())) for _n in range(end - first)
    ]


def test_ranges_one_after_the_other() -> None:
    assert ranges(np.array([5, 0, 9], np.int32), np.array([2, 0, 3], np.int32)).tolist() == [5, 6, 9, 10, 11]


def test_companions_are_all_of_the_groups() -> None:
    assert companions(np.array([4, 4, 5, 7, 7, 7]), np.array([0, 4])).tolist() == [0, 1, 3, 4, 5]


def test_moments_are_microseconds() -> None:
    assert numbers(pa.array([1], pa.timestamp("us"))).tolist() == [1]
