"""Several connections to one server at once: while one waits for an answer, the next one's message goes out.

DATA ends a pipelined group (RFC 2920 section 3.1), so one connection stands still for a round trip with every message.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from baton.platform.mail.smtp import After, Before, Envelope, Outcome, SmtpConnection, SmtpFault

WORTH_A_CONNECTION = 20  # messages; for fewer a further greeting costs more than it saves


class Bundle:
    """Up to `most` connections, each made by `dial`: the first by `connect`, others when there is work for them."""

    def __init__(self, dial: Callable[[], SmtpConnection], most: int) -> None:
        self._dial, self._most = dial, most
        self._lines: list[SmtpConnection] = []

    @property
    def is_open(self) -> bool:
        """Whether all of them are: where one was lost, the server is asked anew whether it takes mail."""
        return bool(self._lines) and all(line.is_open for line in self._lines)

    def connect(self) -> None:
        """Raises SmtpFault."""
        self.close()
        self._add()

    def close(self) -> None:
        for line in self._lines:
            line.close()
        self._lines = []

    def send(
        self,
        envelopes: Iterable[Envelope],
        *,
        before: Before = None,
        after: After = None,
    ) -> Iterator[Outcome]:
        """One outcome for each envelope, as it becomes known; each connection has its share, in order."""
        waiting = list(envelopes)
        self._grow(len(waiting) // WORTH_A_CONNECTION)
        count = len(self._lines)
        turns = deque(
            line.steps(waiting[place::count], before=before, after=after) for place, line in enumerate(self._lines)
        )
        while turns:
            steps = turns.popleft()
            for outcome in steps:
                if outcome:
                    yield outcome
                else:
                    turns.append(steps)
                    break

    def _grow(self, wanted: int) -> None:
        while len(self._lines) < min(wanted, self._most):
            try:
                self._add()
            except SmtpFault:  # it takes no more of us at once: what there is will do
                self._most = len(self._lines)

    def _add(self) -> None:
        line = self._dial()
        line.connect()
        self._lines.append(line)
