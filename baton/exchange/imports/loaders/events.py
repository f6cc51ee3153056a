"""Events: what visitors and contacts did before, from another tool's export. Known again by id, never doubled."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from baton.exchange.imports.loaders.base import CREATED, REFUSED, SKIPPED, Batch, Loader, Outcome, key_of
from baton.exchange.imports.loaders.companies import country_code
from baton.people.contacts.models import Contact
from baton.people.contacts.rules import clean_email
from baton.platform.db import among
from baton.platform.money import MICROS, micros_to_minor
from baton.platform.organisation import organisation
from baton.tracking.collect.reported import REASONS, Report, reported_event
from baton.tracking.collect.sites import KnownSites
from baton.tracking.errors import EventDropped
from baton.tracking.store import Event
from baton.tracking.store.append import id_of
from baton.tracking.store.once import append_once, kept_already

FIELDS = {
    "happened_at": "text", "name": "text", "external_id": "text", "visitor": "text", "email": "text",
    "contact_id": "whole", "url": "text", "host": "text", "path": "text", "referrer": "text", "source": "text",
    "medium": "text", "campaign": "text", "content": "text", "term": "text", "device": "text", "browser": "text",
    "system": "text", "user_agent": "text", "country": "text", "language": "text", "value": "decimal",
    "currency": "text", "props": "text",
}  # fmt: skip
SAME = (
    "visitor", "referrer", "source", "medium", "campaign", "content", "term", "device", "browser", "system",
    "user_agent", "country", "language",
)  # fmt: skip
PAGEVIEW = "pageview"
CALLED = {"page_view": PAGEVIEW, "$pageview": PAGEVIEW, "Pageview": PAGEVIEW, "action": PAGEVIEW, "": PAGEVIEW}
DEVICES = {"mobile": "phone", "smartphone": "phone", "phablet": "phone", "laptop": "desktop"}
DIGITS = {10: 1, 13: 1_000, 16: 1_000_000}  # of seconds, milliseconds, microseconds since 1970


def load(batch: Batch) -> list[Outcome]:
    contacts, sites = _Contacts(batch), KnownSites()
    outcomes: list[Outcome] = []
    events: dict[str, Event] = {}
    numbers: dict[int, str] = {}
    for number, row in batch.rows:
        id = id_of(f"import:{batch.source}:{key_of(row)}")
        try:
            report = _report(row, contacts)
            event = reported_event(report, id=id, now=batch.now, site_of=sites.site_of)
        except EventDropped as dropped:
            outcomes.append(Outcome(number, REFUSED, reason=_why(dropped)))
            continue
        if id in events:
            outcomes.append(Outcome(number, SKIPPED))
            continue
        events[id], numbers[number] = event, id
    told = list(events.values())
    there = kept_already(told, now=batch.now) if batch.dry else append_once(told, now=batch.now)
    return outcomes + [Outcome(number, SKIPPED if id in there else CREATED) for number, id in numbers.items()]


class _Contacts:
    """The contacts that a batch names."""

    def __init__(self, batch: Batch) -> None:
        live = Contact.objects.live()
        emails = {email for text in batch.values("email") if (email := _email(text))}
        ids = [pk for pk in batch.values("contact_id") if pk < 1 << 63]
        self.by_email = dict(live.holding(email=emails).values_list("email", "pk")) if emails else {}
        self.ids = set(live.filter(pk__in=among(ids)).values_list("pk", flat=True)) if ids else set()

    def of(self, row: dict[str, Any]) -> int | None:
        """Whose row it is; None where it names nobody. Raises EventDropped."""
        pk, email = row.get("contact_id"), row.get("email")
        found = pk if pk in self.ids else self.by_email.get(_email(email)) if email and pk is None else None
        if found is None and (pk or email):
            raise EventDropped("unknown_contact", "")
        return found


def _report(row: dict[str, Any], contacts: _Contacts) -> Report:
    name = row.get("name") or ""
    name = CALLED.get(name, name.removeprefix("$"))
    url = row.get("url") or ""
    if not url and (path := row.get("path")):
        url = (
            path if path.startswith(("http://", "https://")) else f"https://{row.get('host') or ''}/{path.lstrip('/')}"
        )
    if name == PAGEVIEW and not url:
        raise EventDropped("invalid", "a page view needs the page's address: url, or host and path")
    value, currency = _money(row)
    same = {key: row[key] for key in SAME if row.get(key)}
    if device := same.get("device", "").lower():
        same["device"] = DEVICES.get(device, device)
    if country := same.get("country"):
        same["country"] = country if len(country) == 2 else country_code(country)
    return Report(
        name=name, at=_moment(row.get("happened_at") or ""), contact=contacts.of(row), url=url, value=value,
        currency=currency, props=_props(row.get("props")), **same,
    )  # fmt: skip


def _moment(text: str) -> datetime:
    """ISO 8601, or so many seconds, milliseconds or microseconds since 1970; without a zone it is UTC."""
    try:
        if text.isdecimal() and len(text) in DIGITS:
            return datetime.fromtimestamp(int(text) / DIGITS[len(text)], UTC)
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise EventDropped("invalid", f"{text or 'nothing'} is no time: write 2026-11-27T09:30:00Z"[:200]) from None


def _money(row: dict[str, Any]) -> tuple[int | None, str]:
    value: Decimal | None = row.get("value")
    if value is None:
        return None, ""
    currency = (row.get("currency") or organisation().currency).upper()
    return micros_to_minor(int(value * MICROS), currency), currency


def _props(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise EventDropped("invalid", 'props are no JSON object such as {"plan": "team"}')
    return told


def _email(text: str) -> str:
    try:
        return clean_email(text)
    except ValueError:
        return ""


def _why(dropped: EventDropped) -> str:
    """One of few sentences where the row itself shows the rest, so that the same reason counts together."""
    return str(dropped) if dropped.reason == "invalid" else str(REASONS[dropped.reason])


LOADER = Loader("events", FIELDS, load)
