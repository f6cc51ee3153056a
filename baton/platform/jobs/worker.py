"""The worker process: waits at the doorbell, runs due jobs, sweeps, keeps the clock of repeating work."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

from baton.platform import jobs, wiring
from baton.platform.jobs import doorbell
from baton.platform.jobs.actions import give_back, sweep

log = logging.getLogger("baton.worker")

SWEEP_SECONDS = 1.0
LANE_SECONDS = 0.25


@dataclass(frozen=True)
class Every:
    """Repeating work: job `kind` each `seconds`, counted from midnight UTC, once across all workers."""

    kind: str
    seconds: int

    def key(self, now: datetime) -> str:
        return f"every:{self.kind}:{int(now.timestamp()) // self.seconds}"


class Worker:
    """One process's loop. `stop()` lets the running job end first; kill -9 is survived by the leases."""

    def __init__(self) -> None:
        self._stopping = False
        self._was_away = False
        self._last_slots: dict[str, str] = {}

    def stop(self, *_: object) -> None:
        self._stopping = True

    def run(self) -> None:
        """Loop until stopped. A database that is away is waited for, never given up on."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        lane = UrgentLane()
        lane.start()
        while not self._stopping:
            try:
                close_old_connections()
                self.turn(datetime.now(UTC))
            except DatabaseError as error:
                log.warning("database is away, trying again: %s", error)
                self._was_away = True
                connections.close_all()
                time.sleep(1)
            doorbell.wait(SWEEP_SECONDS)
        lane.stop()

    def turn(self, now: datetime) -> None:
        """One round: repeating work, ticks, lost leases, due jobs."""
        if self._was_away:  # a worker does one job at a time: what it still holds, it was at when the database went
            give_back(now)
            self._was_away = False
        sweep(now)
        for every in wiring.page().CRON:
            if self._last_slots.get(every.kind) != every.key(now):
                jobs.enqueue(every.kind, key=every.key(now))
                self._last_slots[every.kind] = every.key(now)
        for tick in wiring.page().TICKS:
            _guarded(tick)
        jobs.run_due(limit=50)


class UrgentLane(threading.Thread):
    """A thread beside the worker's loop that takes urgent jobs alone: they wait for no long job.

    It looks by itself: a ring wakes one of many who wait, and that may be one who is busy.
    """

    def __init__(self) -> None:
        super().__init__(name="urgent", daemon=True)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let the job in hand end."""
        self._stopped.set()
        self.join(timeout=30)

    def run(self) -> None:
        was_away = False
        while not self._stopped.wait(LANE_SECONDS):
            try:
                close_old_connections()
                if was_away:
                    give_back(datetime.now(UTC))
                was_away = False
                jobs.run_due(limit=50, only_urgent=True)
            except DatabaseError as error:
                log.warning("database is away, urgent jobs wait: %s", error)
                was_away = True
                connections.close_all()
        connections.close_all()


def _guarded(tick: Callable[[], None]) -> None:
    try:
        tick()
    except DatabaseError:
        raise
    except Exception:
        log.exception("tick %s failed; it runs again in a second", tick.__name__)
