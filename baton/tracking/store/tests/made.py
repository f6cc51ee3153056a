"""Generated events for the store's tests: a few weeks of a few dozen visitors, the same every time."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

from baton.tracking.collect.reading import new_id
from baton.tracking.store import Event
from baton.tracking.store.append import to_micros

START = datetime(2026, 2, 20, tzinfo=UTC)
END = START + timedelta(days=30)

_ARRIVALS = [
    {}, {}, {"referrer_host": "google.com"}, {"referrer_host": "chatgpt.com"}, {"referrer_host": "blog.example"},
    {"source": "google", "medium": "cpc", "campaign": "spring", "click_kind": "gclid", "click_id": "g1"},
    {"source": "newsletter", "medium": "email", "campaign": "march"},
    {"source": "linkedin", "medium": "paid_social", "campaign": "Größe 'x'"},
    {"referrer_host": "facebook.com", "click_kind": "fbclid", "click_id": "f1"},
]  # fmt: skip
_PAGES = ["/", "/pricing", "/product", "/guide", "/contact"]


def an_event(at: datetime, visitor: str = "v1", **fields: object) -> Event:
    """A page view at `at`."""
    values = {"name": "pageview", "host": "shop.example", "site": "shop.example", "path": "/", **fields}
    return Event(id=new_id(int(at.timestamp() * 1000)), at=to_micros(at), visitor=visitor, **values)


def some_events(count: int = 2_000, seed: int = 7) -> list[Event]:
    """Visits with pauses round 30 minutes, campaigns that change in mid-visit, machines, contacts, values, props."""
    chance = random.Random(seed)
    events: list[Event] = []
    while len(events) < count:
        visitor = f"v{chance.randrange(60)}"
        at = START + timedelta(seconds=chance.randrange(30 * 86_400), microseconds=chance.randrange(10**6))
        came = chance.choice(_ARRIVALS)
        for step in range(chance.randrange(1, 7)):
            event = an_event(at, visitor, path=chance.choice(_PAGES), **(came if step == 0 else {}))
            _season(event, chance)
            events.append(event)
            at += timedelta(seconds=chance.choice([5, 60, 300, 1799, 1800, 1801]))
            if chance.random() < 0.1:
                came = chance.choice(_ARRIVALS)
                events.append(an_event(at, visitor, path="/", **came))
    return events[:count]


def _season(event: Event, chance: random.Random) -> None:
    if chance.random() < 0.15:
        event.name = chance.choice(["video played", "outbound link", "order"])
        event.props = json.dumps({"plan": chance.choice(["a", "ä", 3, 2.5, True, None]), "x": {"deep": 1}})
    elif chance.random() < 0.2:
        event.name = "engagement"
        event.props = json.dumps(
            {"seconds": chance.choice([0, 3, 40, 2.7, -5, 99_999, None]), "scroll": event.at // 1_000_000 % 130 - 10}
        )
    if event.name == "video played" and event.at % 2:
        event.name = "not found"
    if event.name == "order":
        event.value_minor, event.currency = chance.randrange(10_000), "EUR"
    if chance.random() < 0.05:
        event.machine = chance.choice(["crawler", "preview"])
    if chance.random() < 0.1:
        event.contact = chance.randrange(1, 9)
