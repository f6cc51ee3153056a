"""Links to the demo company's website that lead to nothing: old posts of others, a page that moved, a wrong address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from baton.tracking.store import Event
from baton.web.demo import words
from baton.web.demo.events import event, store, visit
from baton.web.demo.world import World

VISITS = 90  # so few that no other figure of the year looks different
WITHIN = timedelta(days=120)


def make_missing(world: World) -> None:
    """A visit for each time somebody followed such a link; most of them lately."""
    aside = world.aside(1)
    store(told for number in range(VISITS) for told in _lost(aside, number))


def _lost(world: World, number: int) -> Iterator[Event]:
    """From the page with the link, if it is ours, to the address that is not there; half look further."""
    visitor, at = f"lost{number}", world.now - WITHIN * (world.chance.random() ** 1.6) - timedelta(minutes=20)
    path, host, linked_from, channel, _weight = world.one_of({line: line[-1] for line in words.MISSING})
    seen = {"device": world.pick(["desktop", "desktop", "phone"]), "country": "DE", "language": "de"}
    came: dict[str, str] = {"referrer_host": host, "referrer_path": linked_from} if host else {}
    if channel == "email":
        came = {"source": "newsletter", "medium": "email"}
    if linked_from and not host:
        yield event(world, at, "pageview", visitor, path=linked_from, referrer_host="google.com", **seen)
        at += timedelta(seconds=world.chance.randrange(8, 70))
    yield event(world, at, "pageview", visitor, path=path, **seen, **came)
    yield event(world, at + timedelta(milliseconds=400), "not found", visitor, path=path, **seen, **came)
    if world.chance.random() < 0.5:
        yield from visit(world, visitor, at + timedelta(seconds=15), "", "")
