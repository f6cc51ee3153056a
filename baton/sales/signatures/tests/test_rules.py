"""The chain of evidence and drawn signatures, without a database."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from baton.sales.signatures.rules import Fact, event_hash, first_break, height_of, tidy_strokes


def a_chain(length: int) -> list[tuple[Fact, str]]:
    chain: list[tuple[Fact, str]] = []
    for n in range(1, length + 1):
        previous = chain[-1][1] if chain else ""
        fact = Fact(1, n, n % 3, "opened", f"2026-03-10T09:{n:02}:00.000000+00:00", "::1", "b", {"n": n}, previous)
        chain.append((fact, event_hash(fact)))
    return chain


def test_a_chain_left_alone_is_whole():
    assert first_break(a_chain(20)) is None
    assert first_break([]) is None


@given(st.integers(2, 12), st.data())
def test_deleting_moving_or_editing_one_event_is_found_there(length, data):
    chain = a_chain(length)
    place = data.draw(st.integers(0, length - 2))
    deleted = [*chain[:place], *chain[place + 1 :]]
    assert first_break(deleted) == place + 1
    moved = [*chain[:place], chain[place + 1], chain[place], *chain[place + 2 :]]
    assert first_break(moved) == place + 1
    name = data.draw(st.sampled_from(["kind", "at", "ip", "user_agent", "signer", "facts"]))
    changed = replace(chain[place][0], **{name: {"n": -1} if name == "facts" else "99"})
    assert first_break([*chain[:place], (changed, chain[place][1]), *chain[place + 1 :]]) == place + 1
    forged = [*chain[:place], (changed, event_hash(changed)), *chain[place + 1 :]]
    assert first_break(forged) == place + 2, "a hash made anew does not fit the next event"


def test_a_drawing_is_kept_small_and_in_its_box():
    drawn = [{"points": [{"x": 100, "y": 50, "time": 1}, {"x": 300, "y": 90}]}, {"points": [{"x": 200, "y": 70}]}]
    strokes = tidy_strokes(drawn)
    assert strokes == [[[0.0, 0.0], [1.0, 0.2]], [[0.5, 0.1]]]
    assert height_of(strokes) == 0.2


NOT_DRAWINGS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["points", "x", "y"]), inner),
    max_leaves=12,
)


@given(NOT_DRAWINGS)
def test_anything_else_is_no_drawing_and_breaks_nothing(given):
    for stroke in tidy_strokes(given):
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in stroke)


def test_a_drawing_too_large_is_left_out():
    assert tidy_strokes([{"points": [{"x": n, "y": 1} for n in range(7000)]}]) == []
    assert tidy_strokes([{"points": [{"x": 1, "y": 1}, {"x": 1e300, "y": 1}]}]) == []
