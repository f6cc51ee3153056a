"""What another table of channels would change: visits of the last 30 days that would come by another channel."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from baton.tracking.channels.reads import channel_table
from baton.tracking.sessions.channel_rules import ChannelTable, channel_of
from baton.tracking.sessions.rules import Came
from baton.tracking.store import ask_recent

SPAN = timedelta(days=30)


@dataclass
class Moves:
    """Visits looked at, and how many of them would go from one channel to another; most first."""

    visits: int = 0
    moved: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(visits for _old, _new, visits in self.moved)


def moves_to(table: ChannelTable, now: datetime) -> Moves:
    """What would change if `table` held instead of the one that does. Raises StoreAway."""
    holds, moves, moved = channel_table(), Moves(), Counter[tuple[str, str]]()
    for row in ask_recent("arrivals", since=now - SPAN, until=now):
        came = Came(row["source"], row["medium"], row["campaign"], row["click_kind"], row["referrer_host"])
        moves.visits += row["visits"]
        moved[channel_of(came, holds), channel_of(came, table)] += row["visits"]
    moves.moved = sorted(((*pair, visits) for pair, visits in moved.items() if pair[0] != pair[1]), key=_most_first)
    return moves


def _most_first(move: tuple[str, str, int]) -> tuple[int, str, str]:
    return -move[2], move[0], move[1]
