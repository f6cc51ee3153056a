"""How much one address may send: a bucket that fills steadily and is emptied by what comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

ADDRESSES_KEPT = 50_000


class Rates:
    """One bucket per address in this process: `burst` events at once, `per_second` in the long run; 0 is no limit."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.burst = per_second, burst
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def allows(self, address: str, events: int) -> bool:
        """Take `events` from the address's bucket; False, and nothing taken, when it holds too few."""
        if not self.per_second:
            return True
        now = self._clock()
        with self._lock:
            level, at = self._buckets.get(address, (self.burst, now))
            level = min(self.burst, level + (now - at) * self.per_second)
            if events > level:
                return False
            if len(self._buckets) >= ADDRESSES_KEPT:
                self._buckets.clear()  # costs a flood its memory of itself, nobody else anything
            self._buckets[address] = (level - events, now)
        return True
