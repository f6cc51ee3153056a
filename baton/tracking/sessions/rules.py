"""When a visit begins. Pure; the same rules stand in SQL and a test holds both to the same answers.

The SQL is questions/parts/computed_visits.sql. Its channel: channel_rules.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from baton.tracking.sessions import channels

IDLE = timedelta(minutes=30)
CARRIED = timedelta(days=1)
LONGEST = timedelta(days=1)
RULES = 1000 * channels.VERSION + 7  # raise the last figure when the rule of a visit changes, or what is kept of it
ENGAGEMENT = "engagement"  # tells how long a page was in front of somebody: a sign of the visit, nothing that was done
ENGAGED_AT_MOST = timedelta(minutes=30)  # by one such event


@dataclass(frozen=True)
class Came:
    """What a visit's first event says of where it came from; `source` is stated (utm_source), `referrer` a host."""

    source: str = ""
    medium: str = ""
    campaign: str = ""
    click_kind: str = ""
    referrer: str = ""
    click_id: str = ""

    @property
    def marker(self) -> str:
        """Tells one campaign's arrival from another's; empty for a page that states nothing."""
        if not (self.source or self.campaign or self.click_id):
            return ""
        return "|".join((self.source, self.medium, self.campaign, self.click_id))


@dataclass(frozen=True)
class Seen:
    """One page event of a visitor, for `split_visits`."""

    at: datetime
    id: str
    came: Came


def split_visits(events: Iterable[Seen]) -> list[list[Seen]]:
    """One visitor's page events on one site cut into visits, in order of time.

    A visit begins with an event that has none in the 30 minutes before it, or that carries a campaign other than the
    last one carried within the day before. Midnight ends nothing. What comes a day or more after a visit's beginning
    without a pause (a page left open that goes on telling) belongs to no visit.
    """
    visits: list[list[Seen]] = []
    marker, marked_at = "", None
    for event in sorted(events, key=lambda one: (one.at, one.id)):
        carried = marker if marked_at is not None and event.at - marked_at < CARRIED else ""
        is_new_campaign = bool(event.came.marker) and event.came.marker != carried
        if not visits or event.at - visits[-1][-1].at >= IDLE or is_new_campaign:
            visits.append([])
        visits[-1].append(event)
        if event.came.marker:
            marker, marked_at = event.came.marker, event.at
    return [[event for event in visit if event.at - visit[0].at < LONGEST] for visit in visits]


def pages_read(paths: Sequence[str]) -> dict[str, int]:
    """How often each page was read, in order of first reading."""
    counted: dict[str, int] = {}
    for path in paths:
        counted[path] = counted.get(path, 0) + 1
    return counted
