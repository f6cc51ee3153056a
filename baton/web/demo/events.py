"""The demo company's website: a hundred thousand events of a year, known people's visits among them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, count, islice

from django.db import transaction
from django.utils import timezone

from baton.people.leads.models import Lead
from baton.people.leads.rules import INBOUND
from baton.platform.pieces import in_pieces
from baton.tracking.sessions.rules import ENGAGEMENT
from baton.tracking.store import Event, append
from baton.tracking.store.append import to_micros
from baton.tracking.store.mover import move
from baton.tracking.store.visit_lines import write_visits
from baton.web.demo import words
from baton.web.demo.world import World

EVENTS = 100_000
BATCH = 5_000
ENGAGED = 0.4  # of page views: enough to see it on the page, and the number of events stays that of a year
HOST = "tessera.example"

# channel -> (stated source, medium, referring host) as a browser brings it
CAME_BY = {
    "organic_search": ("", "", "google.com"),
    "paid_search": ("google", "cpc", "google.com"),
    "email": ("newsletter", "email", ""),
    "organic_social": ("", "", "linkedin.com"),
    "paid_social": ("linkedin", "paid_social", "linkedin.com"),
    "referral": ("", "", "maintenance-forum.example"),
    "video": ("youtube", "video", "youtube.com"),
    "display": ("adnet", "display", ""),
    "direct": ("", "", ""),
    "": ("", "", ""),
}
ANONYMOUS = {
    "organic_search": 36,
    "direct": 24,
    "paid_search": 14,
    "organic_social": 9,
    "referral": 8,
    "email": 6,
    "display": 3,
}
DEVICES = {"desktop": 62, "phone": 33, "tablet": 5}
PLACES = {
    ("DE", "de"): 38, ("AT", "de"): 9, ("CH", "de"): 8, ("FR", "fr"): 9, ("GB", "en"): 10, ("US", "en"): 9,
    ("NL", "nl"): 6, ("PL", "pl"): 4, ("", "en"): 7,
}  # fmt: skip


def make_events(world: World) -> None:
    """Visits of the leads before they became known, then anonymous ones up to the number; a few are machines."""
    known = [told for lead in world.leads for told in _of_lead(world, lead)]
    store(islice(chain(known, _strangers(world)), EVENTS))
    show(known)
    move(now=timezone.now())


def store(events: Iterable[Event]) -> None:
    """Into the tail batch by batch, as history that needs no projecting."""
    for batch in in_pieces(events, BATCH):
        append(batch, consumed=True)


@transaction.atomic
def show(events: Iterable[Event]) -> None:
    """Known people's visits onto their timelines, as the projector does it."""
    by_contact: dict[int, list[Event]] = defaultdict(list)
    for told in events:
        if told.contact is not None and not told.machine:
            by_contact[told.contact].append(told)
    write_visits(by_contact)


def _strangers(world: World) -> Iterator[Event]:
    """Every third agreed to be recognised on later days."""
    for number in count(1):
        yield from _anonymous(world, f"v{number:024x}" if number % 3 == 0 else f"anon{number}")


def _of_lead(world: World, lead: Lead) -> Iterator[Event]:
    """Two to five visits before the lead opened, the last the one with the form; sales' own leads visit less.

    Who was met at a fair left no visit.
    """
    if lead.source == "offline":
        return
    visits = world.chance.randrange(2, 6) if lead.origin == INBOUND else world.chance.randrange(0, 3)
    first = lead.opened_at - timedelta(days=world.chance.randrange(2, 60))
    for place in range(visits):
        is_last = place == visits - 1
        at = lead.opened_at - timedelta(minutes=12) if is_last else world.moment(first, lead.opened_at)
        code = lead.campaign_code if place in (0, visits - 1) else ""
        channel = lead.source if code or place == 0 or not lead.source else world.one_of(ANONYMOUS)
        yield from visit(world, f"c{lead.contact_id}", at, channel, code, contact=lead.contact_id)
    if lead in world.waiting:
        for hours in (30, 1):
            at = world.now - timedelta(hours=hours)
            yield event(world, at, "pageview", f"c{lead.contact_id}", path="/pricing", contact=lead.contact_id)
    if lead.origin == INBOUND:
        yield event(world, lead.opened_at, "form_submitted", f"c{lead.contact_id}", contact=lead.contact_id)


def _anonymous(world: World, visitor: str) -> Iterator[Event]:
    """A stranger's one to three visits; one in thirty is a machine."""
    machine = "bot" if world.chance.random() < 0.03 else ""
    at = world.start + (world.now - world.start) * (world.chance.random() ** 0.8)
    for _visit_number in range(world.chance.choice([1, 1, 1, 2, 3])):
        channel = world.one_of(ANONYMOUS)
        yield from visit(world, visitor, at, channel, _campaign_of(world, channel, at), machine=machine)
        at += timedelta(days=world.chance.expovariate(1 / 9))
        if at >= world.now:
            return


def _campaign_of(world: World, channel: str, at: datetime) -> str:
    """A campaign of that channel running then, for half the visits of paid channels and mails."""
    running = [
        one.code
        for one in world.campaigns.values()
        if one.channel == channel and one.starts_on <= at.date() and (one.ends_on is None or at.date() <= one.ends_on)
    ]
    return world.pick(running) if running and world.chance.random() < 0.7 else ""


def visit(
    world: World,
    visitor: str,
    at: datetime,
    channel: str,
    campaign: str,
    *,
    contact: int | None = None,
    machine: str = "",
) -> Iterator[Event]:
    """One to seven pages, a minute or so apart, some told to have been read; the first says where it came from."""
    pages = {place: page[2] for place, page in enumerate(words.PAGES)}
    device, (country, language) = world.one_of(DEVICES), world.one_of(PLACES)
    source, medium, referrer = CAME_BY.get(channel, ("", "", ""))
    for place in range(min(7, 1 + int(world.chance.expovariate(0.55)))):
        path = words.PAGES[world.one_of(pages)][0]
        first = place == 0
        yield event(
            world,
            at,
            "pageview",
            visitor,
            path=path,
            device=device,
            country=country,
            language=language,
            contact=contact,
            machine=machine,
            source=source if first else "",
            medium=medium if first else "",
            campaign=campaign if first else "",
            referrer_host=referrer if first else "",
        )
        read = world.chance.randrange(15, 160)
        at += timedelta(seconds=read)
        if at >= world.now:
            return
        if world.chance.random() < ENGAGED:
            props = json.dumps({"seconds": int(read * 0.8), "scroll": min(100, 35 + read // 2)})
            yield event(
                world, at, ENGAGEMENT, visitor, path=path, device=device, country=country, language=language,
                contact=contact, machine=machine, props=props,
            )  # fmt: skip


def event(world: World, at: datetime, name: str, visitor: str, **columns: object) -> Event:
    """One event with an id of its time; on the website's contact page unless `columns` say otherwise."""
    at = min(at, world.now - timedelta(seconds=1))
    id = f"{(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | world.chance.getrandbits(60):032x}"
    micros = to_micros(at)
    where = {"site": HOST, "host": HOST, "path": "/contact"}
    return Event(id=id, at=micros, name=name, visitor=visitor, received=micros, **(where | columns))
