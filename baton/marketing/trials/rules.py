"""Pure rules of A/B tests: who gets which variant, and when the rest may go out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST = "A"  # the email itself
LETTERS = "ABCDE"
HELD = "-"  # stands on the ledger for who is held out
REST = "*"  # ... for who waits for the winner; released, they carry the winner's letter in lower case
_LOTS = 2**64


@dataclass(frozen=True)
class Plan:
    """How an audience is cut. `test_share` of those not held out is split equally among `letters`; shares 0 to 1."""

    letters: str
    test_share: float
    held_share: float


def lot(salt: str, contact: int) -> float:
    """The contact's lot in a test, 0 up to 1: always the same for the same salt, and no order of ids shows in it.

    BLAKE2b with the test's secret as the key (RFC 7693), its first eight bytes as a number.
    """
    drawn = hashlib.blake2b(b"%d" % contact, key=salt.encode()[:64], digest_size=8).digest()
    return int.from_bytes(drawn, "big") / _LOTS


def part_of(plan: Plan, drawn: float) -> str:
    """What a lot gives: HELD, a letter, or REST."""
    if drawn < plan.held_share:
        return HELD
    left = (drawn - plan.held_share) / (1 - plan.held_share)
    if left >= plan.test_share:
        return REST
    place = int(left / plan.test_share * len(plan.letters))
    return plan.letters[min(place, len(plan.letters) - 1)]


def released_at(started_at: datetime, hours_later: int, now: datetime, *, is_hour_tested: bool) -> datetime:
    """When the rest goes out: now, or where hours are what is tested, when that hour of the day comes next."""
    if not is_hour_tested:
        return now
    first = started_at + timedelta(hours=hours_later)
    days = max(0, -(-(now - first) // timedelta(days=1)))
    return first + timedelta(days=days)
