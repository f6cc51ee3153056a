"""What the beacon is sent, checked and made into events. All of a request is taken or nothing.

One event is an object, several are an array of at most 100. Keys: `id` (UUIDv7 made in the browser; a repeat is
stored once), `name` (default "pageview"), `url`, `referrer`, `visitor` (only after consent), `props` (an object of
texts, numbers and booleans), `value` (minor units) with `currency`, `sent` (the browser's clock in milliseconds, to
correct its time).
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from baton.tracking.collect.countries import country_of
from baton.tracking.collect.machines import browser_facts, machine_reason
from baton.tracking.collect.visitors import CONSENTED, asks_for_privacy, visitor_of
from baton.tracking.errors import BadEvent, ForgedLink
from baton.tracking.identity.tokens import LINK_PARAMETER, read_link_token
from baton.tracking.sessions.channels import CLICK_KINDS
from baton.tracking.store.columns import Event

MAX_EVENTS = 100
MAX_URL, MAX_TEXT, MAX_PROPS = 2000, 200, 2000
OLDEST_SECONDS = 47 * 3600  # an hour less than moved ids are remembered
NEWEST_SECONDS = 60
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:\- ]{0,59}")
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_CONTROL = dict.fromkeys(range(32))


@dataclass(slots=True)
class Read:
    """Events to store, and how many were too old to know whether they are repeats."""

    events: list[Event]
    too_old: int


class NotYourSite(BadEvent):
    """An event from a page of no known site."""


def new_id(milliseconds: int | None = None) -> str:
    """A UUIDv7 (RFC 9562, 5.7) as 32 hexadecimal digits."""
    stamp = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    number = (stamp << 80) | int.from_bytes(os.urandom(10), "big")
    number = (number & ~(0xF << 76)) | (7 << 76)
    return f"{(number & ~(3 << 62)) | (2 << 62):032x}"


def read_events(sent: Any, environ: dict[str, Any], *, now_micros: int, site_of: Callable[[str], str | None]) -> Read:
    """Events of one request. `site_of` gives the site of a host, None for one that may not send.

    Raises BadEvent, NotYourSite with a sentence about the first thing that is wrong.
    """
    told = sent if isinstance(sent, list) else [sent]
    if not 1 <= len(told) <= MAX_EVENTS:
        raise BadEvent(f"Send 1 to {MAX_EVENTS} events at once, not {len(told)}.")
    origin = environ.get("HTTP_ORIGIN", "")
    if origin and origin != "null" and site_of(place_of(origin)[0]) is None:
        raise NotYourSite(f"{place_of(origin)[0]} is none of the sites. Add it under Website.")
    reader = _Reader(environ, now_micros, site_of)
    events = [event for event in map(reader.event, told) if event is not None]
    return Read(events, len(told) - len(events))


class _Reader:
    """What all events of a request share."""

    def __init__(self, environ: dict[str, Any], now: int, site_of: Callable[[str], str | None]) -> None:
        agent = environ.get("HTTP_USER_AGENT", "")[:500]
        self.environ, self.now, self.site_of = environ, now, site_of
        self.machine = machine_reason(agent)
        self.device, self.browser, self.system = browser_facts(agent)
        self.language = clean(environ.get("HTTP_ACCEPT_LANGUAGE", "").partition(",")[0].partition(";")[0])[:10]
        self.country = country_of(environ)
        self.private = asks_for_privacy(environ)
        self._anonymous = ""

    def event(self, told: Any) -> Event | None:
        """One event; None when it is too old to be told from a repeat."""
        if not isinstance(told, dict):
            raise BadEvent("An event is an object.")
        id, at = self._id_and_time(told)
        if at is None:
            return None
        name = told.get("name", "pageview")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise BadEvent("`name` is 1 to 60 letters, digits, spaces or _ . : - and begins with a letter.")
        host, path, query = place_of(text_of(told, "url", MAX_URL))
        if not host:
            raise BadEvent("`url` is the page's whole address, such as https://example.com/pricing.")
        site = self.site_of(host)
        if site is None:
            raise NotYourSite(f"{host} is none of the sites. Add it under Website.")
        from_host, from_path, _query = place_of(text_of(told, "referrer", MAX_URL))
        if from_host == host:
            from_host = from_path = ""
        visitor = text_of(told, "visitor", 64)
        consented = bool(visitor) and not self.private and CONSENTED.fullmatch(visitor) is not None
        value, currency = value_of(told)
        source, medium, campaign, content, term, click_kind, click_id, link = arrival_of(query)
        return Event(
            id, at, name, site, visitor if consented else self.anonymous(), _contact(link), host, path,
            from_host, from_path, source, medium, campaign, content, term, click_kind, click_id,
            self.device, self.browser, self.system, self.country, self.language, value, currency,
            self.machine, "yes" if consented else "", props_of(told), self.now,
        )  # fmt: skip

    def anonymous(self) -> str:
        if not self._anonymous:
            self._anonymous = visitor_of(self.environ, now=datetime.fromtimestamp(self.now // 1_000_000, UTC))
        return self._anonymous

    def _id_and_time(self, told: dict[str, Any]) -> tuple[str, int | None]:
        """The id tells when it happened by the browser's clock; `sent` tells how wrong that clock is."""
        id, sent = told.get("id"), told.get("sent")
        if sent is not None and (not isinstance(sent, int) or isinstance(sent, bool) or not 0 < sent < 1 << 48):
            raise BadEvent("`sent` is the browser's time in milliseconds.")
        if id is None:
            return new_id(self.now // 1000), self.now
        if not isinstance(id, str) or not _ID.fullmatch(id):
            raise BadEvent("`id` is a UUID of version 7 in small letters.")
        id = id.replace("-", "")
        at = int(id[:12], 16) * 1000
        if sent is not None:
            at += self.now - sent * 1000
        if self.now - at > OLDEST_SECONDS * 1_000_000:
            return id, None
        return id, min(at, self.now) if at - self.now > NEWEST_SECONDS * 1_000_000 else at


@lru_cache(maxsize=4096)
def place_of(url: str) -> tuple[str, str, str]:
    """Host without www, path and query of an address; empty host where it is none."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", "", ""
    if parts.scheme not in ("http", "https"):
        return "", "", ""
    return host[:253], (parts.path or "/")[:MAX_URL], parts.query


@lru_cache(maxsize=4096)
def arrival_of(query: str) -> tuple[str, str, str, str, str, str, str, str]:
    """Source, medium, campaign, content, term, click id's kind and value, signed link's token of a page's query."""
    if not query:
        return "", "", "", "", "", "", "", ""
    told: dict[str, str] = {}
    for key, value in parse_qsl(query, max_num_fields=100) if query.count("&") < 100 else ():
        told.setdefault(key.lower(), value)
    utm = [clean(told.get(f"utm_{key}", ""))[:MAX_TEXT] for key in ("source", "medium", "campaign", "content", "term")]
    kind = next((one for one in CLICK_KINDS if told.get(one)), "")
    click = clean(told.get(kind, ""))[:MAX_TEXT] if kind else ""
    return (*utm, kind, click, told.get(LINK_PARAMETER, "")[:500])  # type: ignore[return-value]


def _contact(link: str) -> int | None:
    if not link:
        return None
    try:
        return read_link_token(link)
    except ForgedLink:  # the page was still read: the visit counts, for nobody
        return None


def text_of(told: dict[str, Any], key: str, limit: int) -> str:
    """A text of what was told, empty where there is none. Raises BadEvent."""
    value = told.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit:
        raise BadEvent(f"`{key}` is a text of at most {limit} characters.")
    return clean(value)


def clean(text: str) -> str:
    """Without control characters and halves of characters, which no database takes."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_CONTROL).encode("utf-8", "ignore").decode()


def value_of(told: dict[str, Any]) -> tuple[int | None, str]:
    """Minor units and their currency. Raises BadEvent."""
    value, currency = told.get("value"), told.get("currency", "")
    if value is None:
        return None, ""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 10**15:
        raise BadEvent("`value` is a whole number of the currency's minor unit.")
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
        raise BadEvent("`currency` is the ISO 4217 code of `value`, such as EUR.")
    return value, currency


def props_of(told: dict[str, Any]) -> str:
    """The details as JSON text. Raises BadEvent."""
    props = told.get("props")
    if not props:
        return "{}"
    if not isinstance(props, dict) or len(props) > 30:
        raise BadEvent("`props` is an object of at most 30 entries.")
    for key, value in props.items():
        if not isinstance(value, str | int | float | bool | None) or len(key) > 60:
            raise BadEvent("A prop is a text, a number, true, false or null, under a name of at most 60 characters.")
    text = _dumps({clean(key): clean(value) if isinstance(value, str) else value for key, value in props.items()})
    if len(text) > MAX_PROPS:
        raise BadEvent(f"`props` are longer than {MAX_PROPS} characters.")
    return text
