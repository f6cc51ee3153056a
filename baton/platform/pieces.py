"""A long row of things, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_pieces(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of up to `size` things in their order; no more is read than the piece in hand."""
    waiting = iter(things)
    while piece := list(islice(waiting, size)):
        yield piece
