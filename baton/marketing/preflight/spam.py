"""Asking a SpamAssassin daemon what it holds of a message: spamc's protocol over a socket.

REPORT of SPAMC/1.5; the answer's head and its table of rules are read (SpamAssassin's spamd/PROTOCOL, 4.0).
"""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass

from baton.platform.errors import OutsideFault

SECONDS = 30.0
MOST_ANSWER = 200_000
_VERDICT = re.compile(r"^Spam:\s*\S+\s*;\s*(-?[\d.]+)\s*/\s*(-?[\d.]+)", re.MULTILINE | re.IGNORECASE)
_RULE = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s+([A-Z][A-Z0-9_]+)\s+(.*)$")


class NoVerdict(OutsideFault):
    """The daemon was not reached, or its answer is none."""


@dataclass(frozen=True)
class Verdict:
    """Points, the daemon's own limit, and the rules that gave points: (points, name, words), the heaviest first."""

    score: float
    limit: float
    rules: list[tuple[float, str, str]]


def ask_spamd(place: str, message: bytes) -> Verdict:
    """`place` is host:port. Raises NoVerdict."""
    host, _colon, port = place.rpartition(":")
    head = f"REPORT SPAMC/1.5\r\nContent-length: {len(message)}\r\n\r\n".encode()
    until = time.monotonic() + SECONDS
    try:
        with socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), timeout=5) as peer:
            peer.sendall(head + message)
            peer.shutdown(socket.SHUT_WR)
            return _read(_answer(peer, until))
    except (OSError, ValueError) as error:
        raise NoVerdict(f"spamd at {place}: {error}"[:200]) from None


def _answer(peer: socket.socket, until: float) -> str:
    raw = b""
    while len(raw) < MOST_ANSWER:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        peer.settimeout(left)
        got = peer.recv(65536)
        if not got:
            break
        raw += got
    return raw.decode("utf-8", "replace").replace("\0", "")


def _read(answer: str) -> Verdict:
    head, _blank, report = answer.replace("\r\n", "\n").partition("\n\n")
    found = _VERDICT.search(head)
    if not head.startswith("SPAMD/") or found is None:
        raise ValueError(f"not an answer: {head[:80]!r}")
    rules = [(float(row[1]), row[2], row[3].strip()) for line in report.splitlines() if (row := _RULE.match(line))]
    return Verdict(float(found[1]), float(found[2]), sorted(rules, reverse=True))
