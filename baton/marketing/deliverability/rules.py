"""Pure rules of deliverability: when complaints warn and pause, when refusals of ours do."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Gmail and Yahoo ask for under 0.10 % and act at 0.30 % (support.google.com/a/answer/14229414, read 2026-11): the
# warning comes before the first, the pause before the second.
WARN_SHARE = 0.0008
PAUSE_SHARE = 0.0020
LEAST_COMPLAINTS = 2  # one person's click never stops a mailing, however small it is
COUNTED_DAYS = 7
FAULTS_THAT_PAUSE = 20
FAULT_SHARE = 0.01

FINE, WARN, PAUSED = "fine", "warn", "paused"


def standing(complained: int, sent: int) -> str:
    """Where complaints at a provider stand: fine, warn or paused."""
    share = complained / sent if sent else 0.0
    if share >= PAUSE_SHARE and complained >= LEAST_COMPLAINTS:
        return PAUSED
    return WARN if share >= WARN_SHARE and complained else FINE


def faults_that_pause(sent: int) -> int:
    """How many refusals of ours stop a mailing of which so many were handed over: one of a hundred, twenty at most.

    A small mailing stops at the first: whatever refuses us once, refuses us again.
    """
    return min(FAULTS_THAT_PAUSE, max(1, math.ceil(sent * FAULT_SHARE)))


@dataclass(frozen=True)
class Fared:
    """How mail fared somewhere in some time; numbers of mails."""

    sent: int = 0
    deferred: int = 0
    unknown: int = 0
    dead_address: int = 0
    mailbox: int = 0
    message_refused: int = 0
    sender_refused: int = 0
    complained: int = 0

    @property
    def complained_share(self) -> float | None:
        """Complaints among what was sent; None where nothing was."""
        return self.complained / self.sent if self.sent else None

    @property
    def standing(self) -> str:
        return standing(self.complained, self.sent)
