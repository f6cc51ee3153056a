"""Bitmaps of arrays."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from pyroaring import BitMap64


def bitmap(ids: Any) -> BitMap64:
    """A bitmap of an array of ids, in any order, each as often as it likes; read as machine words, not as a list."""
    return BitMap64(array("Q", np.asarray(ids, dtype=np.uint64).tobytes()))
