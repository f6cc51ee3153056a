"""The line a visit makes on a contact's timeline: which pages, how long, brought by what. One line per visit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baton.people.timeline import write_entries
from baton.people.timeline.models import TimelineEntry
from baton.tracking.channels.reads import channel_table
from baton.tracking.sessions.channel_rules import ChannelTable, channel_of
from baton.tracking.sessions.rules import ENGAGEMENT, IDLE, Came
from baton.tracking.store.columns import Event

IDS_KEPT = 2_000  # not fewer than a projector takes at once: what is repeated after a kill must be known
ID_PART = 12  # of an id's 32 digits: its random end
PAGES_TOLD = 6
CONTACTS_AT_ONCE = 300


@dataclass
class _Line:
    """A visit's line while events are added to it."""

    key: str
    facts: dict[str, Any]
    changed: bool = False

    def entry(self, contact_id: int) -> TimelineEntry:
        """The line as it is to be written."""
        facts = self.facts
        started, ended = datetime.fromisoformat(facts["started"]), datetime.fromisoformat(facts["ended"])
        pages = sum(facts["pages"].values())
        minutes = round((ended - started).total_seconds() / 60)
        title = ngettext("Read %(count)s page", "Read %(count)s pages", pages) % {"count": pages}
        if minutes:
            title = _("%(read)s, %(minutes)s min") % {"read": title, "minutes": minutes}
        told = [f"{what} ×{times}" if times > 1 else what for what, times in _most({**facts["pages"], **facts["did"]})]
        return TimelineEntry(
            key=self.key,
            at=ended,
            side="marketing",
            kind="visit",
            title=title,
            body=", ".join(told),
            contact_id=contact_id,
            facts=facts,
        )


def write_visits(by_contact: Mapping[int, Sequence[Event]]) -> None:
    """Add page events to their contacts' visits; what is there already is left as it is.

    Views join the visit of the same visitor on the same site that they follow within 30 minutes, also when they come
    late or out of order. One question and one write for every few hundred contacts.
    """
    channels = channel_table()
    waiting = {contact: seen for contact, events in by_contact.items() if (seen := [e for e in events if e.host])}
    for ids in _few(sorted(waiting)):
        stored = _stored(ids, [event for pk in ids for event in waiting[pk]])
        changed = [
            line.entry(pk) for pk in ids for line in _joined(pk, waiting[pk], stored[pk], channels) if line.changed
        ]
        write_entries(changed)


def _joined(contact_id: int, events: Sequence[Event], lines: list[_Line], channels: ChannelTable) -> list[_Line]:
    """The contact's lines with the events added, each to the visit it belongs to."""
    for event in sorted(events, key=lambda one: (one.at, one.id)):
        at = _moment(event)
        line = next((one for one in lines if _takes(one.facts, event, at)), None)
        if line is None:
            line = _Line(f"visit:{contact_id}:{event.id}", _begun(event, at, channels))
            lines.append(line)
        if event.id[-ID_PART:] not in line.facts["ids"]:
            _add(line.facts, event, at)
            line.changed = True
    return lines


def _stored(ids: list[int], events: list[Event]) -> dict[int, list[_Line]]:
    """By contact, the lines of visits that any of these events could belong to, the earliest first."""
    first, last = min(events, key=lambda one: one.at), max(events, key=lambda one: one.at)
    near = TimelineEntry.objects.filter(
        contact_id__in=ids,
        kind="visit",
        at__gt=_moment(first) - IDLE,
        at__lt=_moment(last) + timedelta(days=1),
    ).order_by("at")
    found: dict[int, list[_Line]] = defaultdict(list)
    for contact, key, facts in near.values_list("contact_id", "key", "facts"):
        found[contact].append(_Line(key, facts))
    return found


def _moment(event: Event) -> datetime:
    return datetime.fromtimestamp(event.at / 1_000_000, UTC)


def _few(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + CONTACTS_AT_ONCE] for start in range(0, len(ids), CONTACTS_AT_ONCE))


def _takes(facts: dict[str, Any], event: Event, at: datetime) -> bool:
    started, ended = datetime.fromisoformat(facts["started"]), datetime.fromisoformat(facts["ended"])
    is_same = facts.get("visitor") == event.visitor and facts.get("site") == event.site
    return is_same and started - at < IDLE and at - ended < IDLE


def _begun(event: Event, at: datetime, channels: ChannelTable) -> dict[str, Any]:
    came = Came(event.source, event.medium, event.campaign, event.click_kind, event.referrer_host)
    return {
        "visitor": event.visitor,
        "started": at.isoformat(),
        "ended": at.isoformat(),
        "pages": {},
        "did": {},
        "ids": [],
        "channel": channel_of(came, channels),
        "campaign": event.campaign,
        "source": event.source or event.referrer_host,
        "site": event.site,
    }


def _add(facts: dict[str, Any], event: Event, at: datetime) -> None:
    if event.name != ENGAGEMENT:
        counted = facts["pages"] if event.name == "pageview" else facts["did"]
        what = event.path if event.name == "pageview" else event.name
        counted[what] = counted.get(what, 0) + 1
    facts["ids"] = [*facts["ids"][1 - IDS_KEPT :], event.id[-ID_PART:]]
    facts["started"] = min(facts["started"], at.isoformat())
    facts["ended"] = max(facts["ended"], at.isoformat())


def _most(counted: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: -pair[1])[:PAGES_TOLD]
