"""When an address that only fails for a time is given up. Pure; docs/users/deliverability.md says it in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SILENCE_MEANS_ARRIVED = timedelta(days=3)


@dataclass(frozen=True)
class Try:
    """One mail to a person: when it failed for a time, or when there was a sign that it arrived; else both None."""

    failed_at: datetime | None = None
    arrived_at: datetime | None = None


def is_given_up(tries: Sequence[Try], *, failures: int, days: int) -> bool:
    """Whether at least `failures` mails failed over at least `days` without one sign of life between.

    A sign of life is an open, a click, a provider's word of delivery, or a mail that has not come back for three days
    after a server took it. `failures` 0 never gives up.
    """
    alive = max((one.arrived_at for one in tries if one.arrived_at), default=None)
    failed = sorted(one.failed_at for one in tries if one.failed_at and (alive is None or one.failed_at > alive))
    return bool(failures) and len(failed) >= failures and failed[-1] - failed[0] >= timedelta(days=days)
