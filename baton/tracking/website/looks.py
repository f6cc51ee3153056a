"""How the Website page is looked at: a period, what it is compared with, a site, filters. All stands in the address."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from baton.platform.dates import Period, month_of, today_in, year_of
from baton.platform.organisation import Organisation

PERIODS = {
    "day": _("Today"),
    "week": _("7 days"),
    "month": _("28 days"),
    "this_month": _("This month"),
    "year": _("12 months"),
    "this_year": _("This year"),
    "custom": _("From … to …"),
}
AGAINST = {"before": _("the time before"), "year": _("a year earlier"), "nothing": _("nothing")}
FILTERS = {
    "channel": _("Channel"),
    "source": _("Source"),
    "campaign": _("Campaign"),
    "page": _("Page"),
    "entry": _("Entry page"),
    "exit": _("Exit page"),
    "device": _("Device"),
    "browser": _("Browser"),
    "system": _("System"),
    "country": _("Country"),
    "language": _("Language"),
}
LONGEST_VALUE = 2000
MOST_DAYS = 3660
_DAYS = {"day": 1, "week": 7, "month": 28, "year": 365}


@dataclass(frozen=True)
class Look:
    """A period by its kind, the period it is compared with (none for nothing), a site, and values by filter."""

    kind: str
    period: Period
    against: str = "before"
    site: str = ""
    chosen: dict[str, str] = field(default_factory=dict)

    @property
    def earlier(self) -> Period | None:
        """What the period is compared with."""
        if self.against == "nothing":
            return None
        if self.against == "year":
            first, until = (_year_before(day) for day in (self.period.first, self.period.until))
            return Period(first, until, self.period.zone)
        return self.period.before()

    @property
    def last_day(self) -> date:
        return self.period.until - timedelta(days=1)

    def asked(self, period: Period, now: datetime) -> dict[str, Any]:
        """Parameters of a question about that much of a period as is over: of `period`, or of the one before it.

        While a period goes on it is compared with as much of the other.
        """
        over = min(self.period.end, now) - self.period.since
        until = period.end if now >= self.period.end else min(period.end, period.since + over)
        return {"since": period.since, "until": max(until, period.since), "site": self.site, **self.chosen}

    def query(self, **changes: str) -> str:
        """The address's query of this look, with changes; an empty value takes a part away."""
        told = {"period": self.kind, "against": self.against, "site": self.site, **self.chosen}
        if self.kind == "custom":
            told |= {"from": f"{self.period.first}", "to": f"{self.last_day}"}
        standing = {"period": "month", "against": "before"}
        kept = {key: value for key, value in (told | changes).items() if value and value != standing.get(key)}
        return urlencode(kept)


def look_of(query: QueryDict, *, sites: set[str], own: Organisation, now: datetime) -> Look:
    """A look as an address tells it; what makes no sense is left out."""
    kind = query.get("period", "")
    first, last = _day(query.get("from", "")), _day(query.get("to", ""))
    is_span = first is not None and last is not None and first <= last and (last - first).days < MOST_DAYS
    kind = kind if kind in PERIODS and (kind != "custom" or is_span) else "month"
    period = _period(kind, own, now)
    if kind == "custom" and first and last:
        period = Period(first, last + timedelta(days=1), own.zone)
    against, site = query.get("against", ""), query.get("site", "")
    chosen = {name: query.get(name, "")[:LONGEST_VALUE] for name in FILTERS}
    return Look(
        kind=kind,
        period=period,
        against=against if against in AGAINST else "before",
        site=site if site in sites else "",
        chosen={name: value for name, value in chosen.items() if value},
    )


def _period(kind: str, own: Organisation, now: datetime) -> Period:
    today = today_in(own.zone, now)
    if kind == "this_month":
        return month_of(today, own.zone)
    if kind == "this_year":
        return year_of(today, own.zone, year_starts=own.fiscal_year_starts)
    return Period(today - timedelta(days=_DAYS.get(kind, 28) - 1), today + timedelta(days=1), own.zone)


def _day(told: str) -> date | None:
    try:
        found = date.fromisoformat(told)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
