"""The figures of the Website page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from babel import UnknownLocaleError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact
from baton.platform import wiring
from baton.platform.accounts.models import User
from baton.platform.dates import Period, today_in
from baton.platform.money import babel_locale
from baton.platform.organisation import organisation
from baton.tracking.channels.reads import channel_labels
from baton.tracking.collect.models import Site
from baton.tracking.store import ask, ask_recent
from baton.tracking.store.questions import UNKNOWN
from baton.tracking.website.looks import Look, look_of

DEVICE_LABELS = {"desktop": _("Desktop"), "phone": _("Phone"), "tablet": _("Tablet")}
PANELS = {
    "came": ("channel", "source", "campaign"),
    "read": ("page", "entry", "exit"),
    "with": ("device", "browser", "system"),
    "where": ("country", "language"),
}
PANEL_LABELS = {
    "came": _("Where from"),
    "read": _("What they read"),
    "with": _("With what"),
    "where": _("From which place"),
}
LINES_OF_A_PANEL = 8
LINES_OF_A_LIST = 500
PEOPLE_SHOWN = 200
STILL_THERE = timedelta(minutes=5)


@dataclass
class Line:
    """Figures of one thing: of all visits, or of those of one channel, page, device ...

    `minutes` and `engaged` are minutes of all visits together. `key` is what the filter of its part takes for it.
    Of a page: `seconds_read` is the median of seconds it was in front of somebody, `depth_read` the mean of how far
    down it was seen, in percent; None where no visit told.
    """

    key: str = ""
    visitors: int = 0
    visits: int = 0
    views: int = 0
    known: int = 0
    bounced: int = 0
    minutes: float = 0.0
    engaged: float = 0.0
    label: str = ""
    seconds_read: float | None = None
    depth_read: float | None = None

    @property
    def bounce_share(self) -> float:
        return self.bounced / self.visits if self.visits else 0.0

    @property
    def seconds_a_visit(self) -> float:
        return 60 * self.minutes / self.visits if self.visits else 0.0

    @property
    def engaged_a_visit(self) -> float:
        """Seconds in which a page was in front of somebody."""
        return 60 * self.engaged / self.visits if self.visits else 0.0


@dataclass
class Curve:
    """Visits and visitors of each day, and the visits of as many days of the period compared with (None: it had fewer).

    `marks` are days with what began on them.
    """

    days: list[date]
    visits: list[int]
    visitors: list[int]
    before: list[int | None]
    marks: list[tuple[date, str]]


def look_at(query: QueryDict) -> Look:
    """The look that an address tells."""
    domains = set(Site.objects.values_list("domain", flat=True))
    return look_of(query, sites=domains, own=organisation(), now=timezone.now())


def total(look: Look, period: Period, now: datetime) -> Line:
    """Figures of all chosen visits of a period; at most a minute old, as everything here."""
    return _line(ask_recent("website_total", **look.asked(period, now))[0])


def curve(look: Look, now: datetime) -> Curve:
    """Day by day as far as the period has come."""
    days = _days(look.period, now)
    now_by_day = _by_day(look, look.period, now)
    before: list[int | None] = []
    if look.earlier:
        then_by_day = _by_day(look, look.earlier, now)
        earlier = _days(look.earlier, now)[: len(days)]
        before = [then_by_day.get(day, Line()).visits for day in earlier] + [None] * (len(days) - len(earlier))
    return Curve(
        days=days,
        visits=[now_by_day.get(day, Line()).visits for day in days],
        visitors=[now_by_day.get(day, Line()).visitors for day in days],
        before=before,
        marks=[mark for told in getattr(wiring.page(), "CURVE_MARKS", []) for mark in told(days[0], look.period.until)],
    )


def lines(look: Look, by: str, now: datetime, *, most: int = LINES_OF_A_PANEL) -> list[Line]:
    """The chosen visits of the period, parted by one of FILTERS; most first."""
    asked = look.asked(look.period, now)
    if by == "page":
        rows = ask_recent("website_pages", most=most, **asked)
    else:
        rows = ask_recent("website_parts", by=by, most=most, **asked)
    channels = channel_labels() if by == "channel" else {}
    return [_labelled(by, _line(row), channels) for row in rows]


def things_done(look: Look, now: datetime) -> list[dict[str, Any]]:
    """What people did beside reading pages, whatever the filters."""
    return ask_recent("things_done", **_span(look, now), site=look.site)


def machines(look: Look, now: datetime) -> int:
    """How many events of the period came from machines."""
    return sum(row["times"] for row in ask_recent("machines", **_span(look, now)))


@dataclass
class Missing:
    """An address that leads to nothing: how often it was met, by how many visitors, last when, from where how often.

    A place is another site with its path or a page of this one; empty where it is not known.
    """

    path: str
    times: int
    visitors: int
    last_at: datetime
    came_from: list[tuple[str, int]] = field(default_factory=list)


def not_found(look: Look, now: datetime, *, most: int, sources: int) -> list[Missing]:
    """Addresses that lead to nothing among the chosen visits, most often met first."""
    rows = ask_recent("website_not_found", most=most, sources=sources, **look.asked(look.period, now))
    found: dict[str, Missing] = {}
    for row in rows:
        line = Missing(row["path"], row["times"], row["visitors"], row["last_at"])
        found.setdefault(row["path"], line).came_from.append((row["came_from"], row["of_times"]))
    return list(found.values())


def with_engagement(look: Look, pages: list[Line], now: datetime) -> list[Line]:
    """Lines of pages with how long and how far each was read."""
    paths = sorted(line.label for line in pages)
    rows = ask_recent("website_engagement", paths=paths, **look.asked(look.period, now)) if paths else []
    told = {row["path"]: row for row in rows}
    for line in pages:
        if line.label in told:
            line.seconds_read, line.depth_read = told[line.label]["seconds"], told[line.label]["depth"]
    return pages


@dataclass
class Known:
    """A known contact among the chosen visits."""

    contact: Contact
    visits: int
    views: int
    last_at: datetime
    channel: str


def people(look: Look, user: User, now: datetime) -> list[Known]:
    """Who is behind the figures, of the contacts this user may see: the latest first."""
    rows = ask_recent("website_people", most=PEOPLE_SHOWN, **look.asked(look.period, now))
    seen = Contact.objects.live().visible_to(user).select_related("company").in_bulk([row["contact"] for row in rows])
    return [
        Known(seen[row["contact"]], row["visits"], row["views"], row["last_at"], row["channel"])
        for row in rows
        if row["contact"] in seen
    ]


@dataclass
class Now:
    """How many visitors are on the site, how many of them are known, and both by page."""

    visitors: int
    known: int
    pages: list[dict[str, Any]]


def on_site(site: str, now: datetime) -> Now:
    """Who gave a sign in the last five minutes."""
    rows = ask("now_on_site", since=now - STILL_THERE, until=now + timedelta(minutes=1), site=site)
    return Now(sum(row["visitors"] for row in rows), sum(row["known"] for row in rows), rows)


def label_of(by: str, key: str, channels: dict[str, str] | None = None) -> str:
    """What a line or a filter is called in the reader's language; `channels` saves reading what channels are called."""
    key = "" if key == UNKNOWN else key
    if not key:
        return gettext("unknown")
    if by == "channel":
        return (channels or channel_labels()).get(key, key)
    if by == "device":
        return str(DEVICE_LABELS.get(key, key))
    if by in ("country", "language"):
        return _place_label(by, key)
    return key


def words_of(look: Look) -> str:
    """The filters of a look in the reader's words; empty where it has none."""
    site = [look.site] if look.site else []
    return ", ".join([*site, *(label_of(name, value) for name, value in look.chosen.items())])


def _place_label(by: str, key: str) -> str:
    """The name of a country by its ISO 3166 code, of a language by its BCP 47 tag; the code where it has none."""
    locale = babel_locale(get_language() or "en")
    if by == "country":
        return locale.territories.get(key.upper(), key)
    try:
        return babel_locale(key).get_display_name(locale) or key
    except (UnknownLocaleError, ValueError):
        return key


def _labelled(by: str, line: Line, channels: dict[str, str]) -> Line:
    line.label, line.key = label_of(by, line.key, channels), line.key or UNKNOWN
    return line


def _line(row: dict[str, Any]) -> Line:
    names = ("visitors", "visits", "views", "known", "bounced", "minutes", "engaged")
    return Line(row.get("label", ""), **{name: row[name] for name in names if name in row})


def _by_day(look: Look, period: Period, now: datetime) -> dict[date, Line]:
    rows = ask_recent("website_days", zone=period.zone, **look.asked(period, now))
    return {row["day"]: _line(row) for row in rows}


def _span(look: Look, now: datetime) -> dict[str, datetime]:
    asked = look.asked(look.period, now)
    return {"since": asked["since"], "until": asked["until"]}


def _days(period: Period, now: datetime) -> list[date]:
    """Days of a period, today the last."""
    last = min(period.until - timedelta(days=1), today_in(period.zone, now - timedelta(microseconds=1)))
    return [period.first + timedelta(days=n) for n in range((last - period.first).days + 1)]
