"""The figures of the Website page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from baton.platform.dates import Period
from baton.tracking.sessions.channels import CHANNELS
from baton.tracking.store import ask_recent

CHANNEL_LABELS = {
    "direct": _("Direct"),
    "cross_network": _("Cross-network"),
    "paid_shopping": _("Paid shopping"),
    "paid_search": _("Paid search"),
    "paid_social": _("Paid social"),
    "paid_video": _("Paid video"),
    "display": _("Display"),
    "paid_other": _("Paid other"),
    "organic_shopping": _("Organic shopping"),
    "organic_social": _("Organic social"),
    "organic_video": _("Organic video"),
    "ai_assistants": _("AI assistants"),
    "organic_search": _("Organic search"),
    "referral": _("Referral"),
    "email": _("Email"),
    "affiliates": _("Affiliates"),
    "audio": _("Audio"),
    "sms": _("SMS"),
    "mobile_push": _("Mobile push"),
    "unassigned": _("Unassigned"),
}
assert list(CHANNEL_LABELS) == CHANNELS


@dataclass
class Line:
    """One row of a table of the page; `share` is of the largest row, for its bar."""

    label: str
    visitors: int = 0
    visits: int = 0
    views: int = 0
    known: int = 0
    bounced: int = 0
    minutes: float = 0.0

    @property
    def bounce_share(self) -> float:
        return self.bounced / self.visits if self.visits else 0.0

    @property
    def seconds_a_visit(self) -> float:
        return 60 * self.minutes / self.visits if self.visits else 0.0


@dataclass
class Overview:
    """The page's figures for one span; `parts` by name: channel, campaign, source, page, entry, device.

    `machines` is how many events came from machines; the views of a thing done are how often it was.
    """

    total: Line
    before: Line
    days: list[date]
    visitors_by_day: list[int]
    visits_by_day: list[int]
    parts: dict[str, list[Line]] = field(default_factory=dict)
    machines: int = 0
    things_done: list[Line] = field(default_factory=list)


def overview(period: Period, *, site: str, now: datetime) -> Overview:
    """Figures of `period`, beside those of the period before; at most a minute old."""
    until = min(period.end, now) if period.since < now else period.end
    span = {"since": period.since, "until": until}
    rows = ask_recent("website_overview", **span, zone=period.zone, site=site)
    lines: dict[str, list[Line]] = {}
    for row in rows:
        lines.setdefault(row["part"], []).append(_line(row))
    by_day = {line.label: line for line in lines.pop("day", [])}
    days = _days(period, until)
    earlier = period.since - (until - period.since)
    before = ask_recent("visits_total", since=earlier, until=period.since, site=site)[0]
    return Overview(
        total=next(iter(lines.pop("total", [])), Line("")),
        before=_line({"label": "", **before}),
        days=days,
        visitors_by_day=[by_day[f"{day}"].visitors if f"{day}" in by_day else 0 for day in days],
        visits_by_day=[by_day[f"{day}"].visits if f"{day}" in by_day else 0 for day in days],
        machines=sum(line.views for line in lines.pop("machine", [])),
        things_done=lines.pop("done", []),
        parts=lines,
    )


def _line(row: dict[str, Any]) -> Line:
    names = ("label", "visitors", "visits", "views", "known", "bounced", "minutes")
    return Line(**{name: row[name] for name in names})


def _days(period: Period, until: datetime) -> list[date]:
    from baton.platform.dates import today_in

    last = min(period.until - timedelta(days=1), today_in(period.zone, until - timedelta(microseconds=1)))
    return [period.first + timedelta(days=n) for n in range((last - period.first).days + 1)]
