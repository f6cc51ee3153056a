"""Moments at which contacts must be looked at again: two arrays of whole numbers, packed for the database."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import QuerySet

EVERYONE = 0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(at))


def _empty() -> Any:
    return np.empty(0, dtype=np.int64)


@dataclass
class Relooks:
    """`at[i]` in microseconds is when contact `ids[i]` may change; id 0 is everyone. Too many moments do no harm."""

    at: Any = field(default_factory=_empty)
    ids: Any = field(default_factory=_empty)

    @classmethod
    def of(cls, pairs: Iterable[tuple[datetime, int]]) -> Relooks:
        """From pairs of moment and contact."""
        listed = [(micros(at), pk) for at, pk in pairs]
        if not listed:
            return cls()
        both = np.array(listed, dtype=np.int64)
        return cls(both[:, 0], both[:, 1])

    @classmethod
    def for_all(cls, moments: Iterable[datetime]) -> Relooks:
        """Moments at which everyone is looked at."""
        return cls.of((moment, EVERYONE) for moment in moments)

    @classmethod
    def unpacked(cls, packed: bytes) -> Relooks:
        if not packed:
            return cls()
        both = np.frombuffer(zlib.decompress(packed), dtype=np.int64).reshape(2, -1)
        return cls(both[0], both[1])

    def packed(self) -> bytes:
        return zlib.compress(np.stack([self.at, self.ids]).tobytes(), 1) if len(self.at) else b""

    def __add__(self, other: Relooks) -> Relooks:
        if not len(other.at):
            return self
        return Relooks(np.concatenate([self.at, other.at]), np.concatenate([self.ids, other.ids]))

    def due(self, now: datetime) -> set[int]:
        """Contacts to look at by `now`."""
        return set(self.ids[self.at <= micros(now)].tolist())

    def after(self, now: datetime) -> Relooks:
        """What is left after a look at `now`, with `now` itself: some answers change only just after their moment."""
        keep = self.at >= micros(now)
        return Relooks(self.at[keep], self.ids[keep])

    def first(self) -> datetime | None:
        return moment_of(self.at.min()) if len(self.at) else None


def of_rows(
    rows: QuerySet[Any], contact: str, column: str, offsets: Iterable[timedelta], since: datetime, until: datetime
) -> Relooks:
    """Moments from `since` to `until` at which a row's time, moved by an offset, is reached."""
    total = Relooks()
    for offset in offsets:
        span = {f"{column}__gte": since - offset, f"{column}__lte": until - offset}
        total += Relooks.of((at + offset, pk) for pk, at in rows.filter(**span).values_list(contact, column))
    return total


def window_ends(days: float | None) -> list[timedelta]:
    """A moment counts from when it is past until a window of so many days has gone over it; without one, for ever."""
    return [timedelta(), timedelta(days=days)] if days else [timedelta()]
