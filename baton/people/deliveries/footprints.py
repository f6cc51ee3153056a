"""Footprints: a file per batch in hand that says which messages' text went out and what was answered.

The ledger learns of answers per batch; a worker killed in between leaves this file. Written with one unbuffered write
each, it survives kill -9 (not the loss of power: the file names the machine's boot, and after another boot it is not
believed). While the worker lives it holds a lock on the file, so that nobody recovers the batch of a living worker.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.conf import settings

from baton.platform.mail.smtp import Outcome


class Footprints:
    """Open for one batch: `before` and `after` are given to the transport."""

    def __init__(self, claim: str) -> None:
        self._path = _folder() / claim
        self._file = -1

    def __enter__(self) -> Self:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._write({"boot": boot()})
        return self

    def __exit__(self, *failed: object) -> None:
        """Let go; the file stays when something failed, for the recovery to read."""
        os.close(self._file)
        if not any(failed):
            self._path.unlink(missing_ok=True)

    def before(self, delivery: int) -> None:
        os.write(self._file, b"> %d\n" % delivery)

    def after(self, outcome: Outcome) -> None:
        self._write([outcome.tag, outcome.state, outcome.code, outcome.text, outcome.at_sender])

    def _write(self, value: object) -> None:
        os.write(self._file, json.dumps(value).encode() + b"\n")


@dataclass(frozen=True)
class Trail:
    """What a batch's file tells: whose text went out without an answer, and the outcomes that are known."""

    open_ends: set[int]
    outcomes: list[Outcome]


def is_alive(claim: str) -> bool:
    """Whether a worker on this machine still holds the batch."""
    with contextlib.suppress(FileNotFoundError), (_folder() / claim).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def read(claim: str) -> Trail | None:
    """The trail of a batch whose worker died; None when there is none or it cannot be believed."""
    try:
        lines = (_folder() / claim).read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    if not lines or json.loads(lines[0]) != {"boot": boot()}:
        return None
    begun: set[int] = set()
    outcomes = []
    for line in lines[1:]:
        if line.startswith(b"> "):
            begun.add(int(line[2:]))
        else:
            outcomes.append(Outcome(*json.loads(line)))
    return Trail(begun - {outcome.tag for outcome in outcomes}, outcomes)


def forget(claim: str) -> None:
    (_folder() / claim).unlink(missing_ok=True)


def boot() -> str:
    """Names this start of this machine."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{os.uname().nodename}"


def _folder() -> Path:
    place = settings.BATON_HOME / "outbox"
    place.mkdir(exist_ok=True)
    return place
