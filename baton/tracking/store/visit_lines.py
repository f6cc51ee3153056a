"""The line a visit makes on a contact's timeline: which pages, how long, brought by what. One line per visit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baton.people.timeline import write_entry
from baton.people.timeline.models import TimelineEntry
from baton.tracking.sessions.rules import IDLE, Came, channel_of
from baton.tracking.store.columns import Event

IDS_KEPT = 2_000  # not fewer than a projector takes at once: what is repeated after a kill must be known
ID_PART = 12  # of an id's 32 digits: its random end
PAGES_TOLD = 6


@dataclass
class _Line:
    """A visit's line while events are added to it."""

    key: str
    facts: dict[str, Any]
    changed: bool = False


def write_visits(contact_id: int, events: Iterable[Event]) -> None:
    """Add page events to the contact's visits; what is there already is left as it is.

    Views join the visit of the same visitor they follow within 30 minutes, also when they come late or out of order.
    """
    lines: list[_Line] = []
    for event in sorted((one for one in events if one.host), key=lambda one: (one.at, one.id)):
        at = datetime.fromtimestamp(event.at / 1_000_000, UTC)
        line = next((one for one in lines if _takes(one.facts, event.visitor, at)), None)
        if line is None:
            line = _stored(contact_id, event.visitor, at)
            line = line or _Line(f"visit:{contact_id}:{event.id}", _begun(event, at))
            lines.append(line)
        if event.id[-ID_PART:] not in line.facts["ids"]:
            _add(line.facts, event, at)
            line.changed = True
    for line in lines:
        if line.changed:
            _write(line.key, contact_id, line.facts)


def _stored(contact_id: int, visitor: str, at: datetime) -> _Line | None:
    near = TimelineEntry.objects.filter(
        contact_id=contact_id, kind="visit", at__gt=at - IDLE, at__lt=at + timedelta(days=1)
    ).order_by("at")
    return next((_Line(entry.key, entry.facts) for entry in near if _takes(entry.facts, visitor, at)), None)


def _takes(facts: dict[str, Any], visitor: str, at: datetime) -> bool:
    started, ended = datetime.fromisoformat(facts["started"]), datetime.fromisoformat(facts["ended"])
    return facts.get("visitor") == visitor and started - at < IDLE and at - ended < IDLE


def _begun(event: Event, at: datetime) -> dict[str, Any]:
    came = Came(event.source, event.medium, event.campaign, event.click_kind, event.referrer_host)
    return {
        "visitor": event.visitor,
        "started": at.isoformat(),
        "ended": at.isoformat(),
        "pages": {},
        "did": {},
        "ids": [],
        "channel": channel_of(came),
        "campaign": event.campaign,
        "source": event.source or event.referrer_host,
        "site": event.host,
    }


def _add(facts: dict[str, Any], event: Event, at: datetime) -> None:
    counted = facts["pages"] if event.name == "pageview" else facts["did"]
    what = event.path if event.name == "pageview" else event.name
    counted[what] = counted.get(what, 0) + 1
    facts["ids"] = [*facts["ids"][1 - IDS_KEPT :], event.id[-ID_PART:]]
    facts["started"] = min(facts["started"], at.isoformat())
    facts["ended"] = max(facts["ended"], at.isoformat())


def _write(key: str, contact_id: int, facts: dict[str, Any]) -> None:
    started, ended = datetime.fromisoformat(facts["started"]), datetime.fromisoformat(facts["ended"])
    pages = sum(facts["pages"].values())
    minutes = round((ended - started).total_seconds() / 60)
    title = ngettext("Read %(count)s page", "Read %(count)s pages", pages) % {"count": pages}
    if minutes:
        title = _("%(read)s, %(minutes)s min") % {"read": title, "minutes": minutes}
    told = [f"{what} ×{times}" if times > 1 else what for what, times in _most({**facts["pages"], **facts["did"]})]
    write_entry(
        key,
        at=ended,
        side="marketing",
        kind="visit",
        title=title,
        body=", ".join(told),
        contact_id=contact_id,
        facts=facts,
    )


def _most(counted: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: -pair[1])[:PAGES_TOLD]
