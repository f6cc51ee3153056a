"""How points fade and add up. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

BIGGEST_POINTS = 1000


@dataclass(frozen=True)
class Point:
    """Points earned at a moment."""

    at: datetime
    points: float


def engagement(points: Iterable[Point], *, now: datetime, half_life_days: float) -> float:
    """Sum of points, each worth half as much after every `half_life_days`. No points gives 0.0. Unit: points."""
    total = 0.0
    for point in points:
        age_days = max(0.0, (now - point.at).total_seconds() / 86_400)
        total += point.points * 0.5 ** (age_days / half_life_days)
    return total


def whole(text: str) -> int | None:
    """A whole number as typed, with its sign; None for anything else."""
    digits = text.strip().removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 7 else None
