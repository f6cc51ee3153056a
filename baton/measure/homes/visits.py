"""Visits, which the event store counts: by channel beside the leads they brought, and direct ones over 13 months.

A question over the events takes longer than a page may, so the homes fetch these parts after they are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from baton.measure.homes.months import months_until
from baton.people.leads.models import Lead
from baton.people.leads.rules import INBOUND
from baton.platform.dates import Period, today_in
from baton.platform.organisation import organisation
from baton.tracking.channels.reads import channel_labels
from baton.tracking.store import ask_recent

SPAN = timedelta(days=28)
MONTHS = 13
DIRECT = "direct"


@dataclass
class ChannelLine:
    """One channel, 28 days and the 28 before. `share` is leads per visit, None without visits: a fair leaves none."""

    key: str
    visits: int = 0
    visits_before: int = 0
    leads: int = 0
    leads_before: int = 0
    label: str = ""

    @property
    def share(self) -> float | None:
        return self.leads / self.visits if self.visits else None

    @property
    def share_before(self) -> float | None:
        return self.leads_before / self.visits_before if self.visits_before else None


def channels(now: datetime) -> list[ChannelLine]:
    """Visits and leads from marketing by channel, those with the most visits first; unknown has an empty key."""
    middle = now - SPAN
    lines: dict[str, ChannelLine] = {}
    for row in ask_recent("visits_by_channel_compared", since=middle - SPAN, middle=middle, until=now, site=None):
        lines[row["channel"]] = ChannelLine(row["channel"], row["visits"], row["before"])
    leads = Lead.objects.live().filter(origin=INBOUND, opened_at__gte=middle - SPAN, opened_at__lt=now).order_by()
    lately = Q(opened_at__gte=middle)
    for source, this, before in leads.values_list("source").annotate(n=Count("pk", lately), m=Count("pk", ~lately)):
        line = lines.setdefault(source, ChannelLine(source))
        line.leads, line.leads_before = this, before
    labels = channel_labels()
    for line in lines.values():
        line.label = labels.get(line.key, line.key.replace("_", " ").capitalize())
    return sorted(lines.values(), key=lambda line: (not line.key, -line.visits, -line.leads, line.key))


def together(lines: list[ChannelLine]) -> ChannelLine:
    """All channels as one line."""
    total = ChannelLine("")
    for line in lines:
        for name in ("visits", "visits_before", "leads", "leads_before"):
            setattr(total, name, getattr(total, name) + getattr(line, name))
    return total


def direct_by_month(now: datetime) -> list[tuple[date, int]]:
    """Direct visits of this month and the twelve before, as (first of the month, visits)."""
    own = organisation()
    months = months_until(today_in(own.zone, now), MONTHS)
    since = Period(months[0], months[-1], own.zone).since
    rows = ask_recent("visits_of_channel_by_month", channel=DIRECT, since=since, until=now, zone=own.zone, site=None)
    counted = {row["month"]: row["visits"] for row in rows}
    return [(month, counted.get(f"{month:%Y-%m}", 0)) for month in months]
