"""Bitmaps of arrays."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pyroaring import BitMap64


def bitmap(ids: Any) -> BitMap64:
    """A bitmap of an array of ids, in any order, each as often as it likes; read as machine words, not as a list."""
    return BitMap64(array("Q", np.asarray(ids, dtype=np.uint64).tobytes()))


def who_have(values: Mapping[Any, BitMap64], holds: Callable[[Any], bool]) -> BitMap64:
    """Of the ids by value, those whose value satisfies `holds`, which is asked once for each different value."""
    return BitMap64().union(*(ids for value, ids in values.items() if holds(value)))
