"""Events that another system reports with proof of who it is: a server by the API, a file of history.

Unlike the beacon's they may name their time, however long ago, and the person. Each is taken or dropped by itself, with
a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from baton.tracking.collect.machines import browser_facts, machine_reason
from baton.tracking.collect.reading import MAX_TEXT, MAX_URL, NAME, arrival_of, clean, place_of, props_of, value_of
from baton.tracking.collect.visitors import CONSENTED
from baton.tracking.errors import BadEvent, EventDropped
from baton.tracking.store.append import to_micros
from baton.tracking.store.columns import Event

REASONS = {
    "invalid": lazy("a field does not fit"),
    "no_person": lazy("no contact, address or visitor"),
    "unknown_contact": lazy("nobody is known by that id or address"),
    "unknown_site": lazy("a page of no known site"),
    "too_old": lazy("older than can be kept"),
    "in_the_future": lazy("not happened yet"),
}
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=10)  # of a clock that is wrong: taken as now
MAX_VISITOR = 200


@dataclass
class Report:
    """What is told of one event. `contact` is an id; `visitor` is the other system's own name of a browser.

    `value` is in minor units. What the campaign texts and the device say goes before what address and agent tell.
    """

    name: str
    at: datetime | None = None
    contact: int | None = None
    visitor: str = ""
    url: str = ""
    referrer: str = ""
    props: dict[str, Any] = field(default_factory=dict)
    value: int | None = None
    currency: str = ""
    user_agent: str = ""
    country: str = ""
    language: str = ""
    device: str = ""
    browser: str = ""
    system: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""


def reported_event(told: Report, *, id: str, now: datetime, site_of: Callable[[str], str | None]) -> Event:
    """The event as it is kept under `id` (32 hexadecimal digits). Raises EventDropped."""
    try:
        return _event(told, id, now, site_of)
    except EventDropped:
        raise
    except BadEvent as error:
        raise EventDropped("invalid", str(error)) from None


def visitor_reported(visitor: str) -> str:
    """The key of a visitor: one that the website's script made stays, another system's name is not kept as it is."""
    if not visitor or CONSENTED.fullmatch(visitor):
        return visitor
    return "r" + blake2b(visitor.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _event(told: Report, id: str, now: datetime, site_of: Callable[[str], str | None]) -> Event:
    if not NAME.fullmatch(told.name):
        raise BadEvent(_("`name` is 1 to 60 letters, digits, spaces or _ . : - and begins with a letter."))
    if told.contact is None and not told.visitor:
        raise EventDropped("no_person", _("Say whose event it is: contact_id, email or visitor."))
    at = _moment(told.at, now)
    host, path, query = _page(told.url)
    site = site_of(host) if host else ""
    if site is None:
        raise EventDropped("unknown_site", _("%(host)s is none of the sites. Add it under Website.") % {"host": host})
    from_host, from_path, _query = place_of(clean(told.referrer)[:MAX_URL])
    if from_host == host:
        from_host = from_path = ""
    *arrived, click_kind, click_id, _link = arrival_of(query)
    said = (told.source, told.medium, told.campaign, told.content, told.term)
    source, medium, campaign, content, term = (_short(one) or other for one, other in zip(said, arrived, strict=True))
    device, browser, system = browser_facts(told.user_agent) if told.user_agent else ("", "", "")
    value, currency = value_of({"value": told.value, "currency": told.currency})
    return Event(
        id=id, at=at, name=told.name, site=site, visitor=visitor_reported(told.visitor[:MAX_VISITOR]),
        contact=told.contact, host=host, path=path, referrer_host=from_host, referrer_path=from_path,
        source=source, medium=medium, campaign=campaign, content=content, term=term,
        click_kind=click_kind, click_id=click_id,
        device=_short(told.device) or device, browser=_short(told.browser) or browser,
        system=_short(told.system) or system, country=told.country[:2].upper(), language=clean(told.language)[:10],
        value_minor=value, currency=currency, machine=machine_reason(told.user_agent) if told.user_agent else "",
        props=props_of({"props": told.props}), received=to_micros(now),
    )  # fmt: skip


def _moment(at: datetime | None, now: datetime) -> int:
    """Microseconds; a time without a zone is UTC."""
    if at is None:
        return to_micros(now)
    try:
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise EventDropped("invalid", _("The time is out of reach.")) from None
    if at > now + AHEAD:
        raise EventDropped("in_the_future", _("%(at)s has not come yet.") % {"at": at.isoformat()})
    if at < OLDEST:
        raise EventDropped("too_old", _("Events are kept from %(first)s on.") % {"first": f"{OLDEST:%Y-%m-%d}"})
    return to_micros(min(at, now))


def _page(url: str) -> tuple[str, str, str]:
    if not url:
        return "", "", ""
    host, path, query = place_of(clean(url)) if len(url) <= MAX_URL else ("", "", "")
    if not host:
        raise BadEvent(
            _("`url` is the page's whole address of at most %(n)s characters, such as https://example.com/pricing.")
            % {"n": MAX_URL}
        )
    return host, path, query


def _short(text: str) -> str:
    return clean(text)[:MAX_TEXT]
