"""When the events a condition counts must have happened. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from baton.marketing.segments.calendar import midnight

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# The parameter of a leaf -> the events' column it is compared with.
WHERE_COLUMNS = {
    "path": "path", "campaign": "campaign", "source": "source", "medium": "medium", "referrer": "referrer_host",
    "device": "device", "country": "country",
}  # fmt: skip


def days_of(leaf: dict[str, Any]) -> int | None:
    """How many days back the window reaches; None for ever and for a window between days."""
    if "since" in leaf or "until" in leaf:
        return None
    return leaf.get("days", 30)


def window(leaf: dict[str, Any], *, now: datetime, zone: str) -> tuple[datetime | None, datetime]:
    """The half-open window; never beyond `now`. Days given are whole days of the zone."""
    days = days_of(leaf)
    if days is not None:
        return now - timedelta(days=days), now
    since = midnight(date.fromisoformat(leaf["since"]), zone) if leaf.get("since") else None
    until = midnight(date.fromisoformat(leaf["until"]) + timedelta(days=1), zone) if leaf.get("until") else now
    return since, min(until, now)
