"""The chain of evidence: every event holds the hash of the one before, so none can be changed, moved or taken out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

MAX_STROKES, MAX_POINTS = 60, 6000


@dataclass(frozen=True)
class Fact:
    """One event as it is hashed. `at` is ISO 8601 in UTC; `signer` the signer's id or 0."""

    request: int
    sequence: int
    signer: int
    kind: str
    at: str
    ip: str
    user_agent: str
    facts: dict[str, Any]
    previous_hash: str


def event_hash(fact: Fact) -> str:
    """SHA-256 of the event as JSON with sorted keys; it covers the hash of the event before."""
    text = json.dumps(asdict(fact), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def first_break(chain: Sequence[tuple[Fact, str]]) -> int | None:
    """The sequence number at which (event, kept hash) pairs stop being one unbroken chain from 1; None when whole."""
    previous = ""
    for expected, (fact, kept) in enumerate(chain, start=1):
        if fact.sequence != expected or fact.previous_hash != previous or event_hash(fact) != kept:
            return expected
        previous = kept
    return None


def tidy_strokes(given: Any) -> list[list[list[float]]]:
    """A drawn signature as lines of (x, y) points within a box 1 wide, three decimals; [] for anything else.

    Takes what signature_pad's toData() gives: a list of {"points": [{"x", "y"}, ...]}.
    """
    if not isinstance(given, list) or not 0 < len(given) <= MAX_STROKES:
        return []
    try:
        lines = [[(float(point["x"]), float(point["y"])) for point in line["points"]] for line in given]
    except (TypeError, KeyError, ValueError):
        return []
    flat = [point for line in lines for point in line]
    if not 2 <= len(flat) <= MAX_POINTS or not all(abs(x) < 1e5 and abs(y) < 1e5 for x, y in flat):
        return []
    left, top = min(x for x, _y in flat), min(y for _x, y in flat)
    width = max(*(x - left for x, _y in flat), *(y - top for _x, y in flat), 1.0)
    return [[[round((x - left) / width, 3), round((y - top) / width, 3)] for x, y in line] for line in lines if line]


def height_of(strokes: Iterable[Iterable[Sequence[float]]]) -> float:
    """How high tidied strokes are, in parts of their box's width."""
    return max((point[1] for line in strokes for point in line), default=0.0)
