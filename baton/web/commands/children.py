"""Keeping child processes running: one that dies is started again, the parent's end is theirs."""

from __future__ import annotations

import logging
import signal
import subprocess
import time

log = logging.getLogger("baton.up")

LOOK_SECONDS = 0.5
RESTART_SECONDS = 2
GRACE_SECONDS = 20


class Children:
    """Starts each command, restarts those that die, and stops all on SIGTERM or Ctrl-C."""

    def __init__(self, commands: list[list[str]]) -> None:
        self._commands = commands
        self._running: list[subprocess.Popen] = []
        self._stopping = False

    def run(self) -> int:
        """Look after the children until told to stop; gives 0."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        self._running = [subprocess.Popen(command) for command in self._commands]  # noqa: S603
        while not self._stopping:
            time.sleep(LOOK_SECONDS)
            for position, child in enumerate(self._running):
                if child.poll() is not None and not self._stopping:
                    log.warning("process %s ended with %s and is started again", child.args, child.returncode)
                    time.sleep(RESTART_SECONDS)
                    self._running[position] = subprocess.Popen(self._commands[position])  # noqa: S603
        self._end()
        return 0

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _end(self) -> None:
        for child in self._running:
            child.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for child in self._running:
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
