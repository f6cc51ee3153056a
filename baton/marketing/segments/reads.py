"""What the builder, the members page and a contact's page show of segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from pyroaring import BitMap64

from baton.marketing.segments.compile import Compiler
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.keeping import Previewer, kept_bitmap, members_key
from baton.marketing.segments.leaves.look import ids_of
from baton.marketing.segments.leaves.messages import broadcasts, links_of_emails
from baton.marketing.segments.models import ContactList, Segment, SegmentFill, SegmentMember, SegmentSize
from baton.marketing.segments.rules import MODES, leaves, mode_of
from baton.marketing.segments.words import Names, say_leaf
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.platform.accounts.roles import ALL
from baton.platform.journal.models import JournalEntry

SAMPLE = 6


def names() -> Names:
    """What segments, topics and custom fields are called, for sentences."""
    return Names(
        segments=dict(Segment.objects.live().values_list("pk", "name")),
        topics=dict(ConsentTopic.objects.values_list("key", "label")),
        emails=dict(broadcasts().values_list("pk", "name")),
        links=dict(links_of_emails().values_list("pk", "url")),
        lists=dict(ContactList.objects.live().values_list("pk", "name")),
        custom=custom_attributes(),
    )


@dataclass(frozen=True)
class Preview:
    """How many contacts satisfy a rule, some of them, and what saving it would do to the segment being edited."""

    count: int
    sample: list[Contact]
    impact: Impact | None


def preview(rule: dict[str, Any], edited: Segment | None, *, now: datetime, user: User) -> Preview:
    """What a rule that is being written would find now, of those `user` may see."""
    members, seen = Previewer(now=now).members(rule), _seen_by(user)
    shown = members if seen is None else members & seen
    return Preview(len(shown), _some(shown), _impact(edited, members, seen) if edited else None)


@dataclass(frozen=True)
class Impact:
    """What saving an edited rule does to a segment: how many enter and leave, and some of each."""

    entering: int
    leaving: int
    who_enters: list[Contact]
    who_leaves: list[Contact]


def _impact(segment: Segment, after: BitMap64, seen: BitMap64 | None) -> Impact:
    before = members_of(segment)
    entering, leaving = after - before, before - after
    if seen is not None:
        entering, leaving = entering & seen, leaving & seen
    return Impact(len(entering), len(leaving), _some(entering), _some(leaving))


def members_of(segment: Segment) -> BitMap64:
    """Who is in the segment now, by its kept bitmap, or by its members' rows where there is none yet."""
    kept = kept_bitmap(members_key(segment.pk))
    if kept is not None:
        return kept
    return ids_of(SegmentMember.objects.filter(segment=segment, left_at=None), "contact_id")


def in_any_of(segments: QuerySet[Segment]) -> BitMap64:
    """Contact ids of everyone who is in one of these segments now, in order; a million take some hundred kilobytes."""
    return ids_of(SegmentMember.objects.filter(segment__in=segments, left_at=None), "contact_id")


def members_seen(segment: Segment, user: User) -> QuerySet[SegmentMember]:
    """The stays of those who are in the segment now and whom the user may see."""
    return segment.members.filter(left_at=None, contact__in=Contact.objects.visible_to(user))


def overlaps(segment: Segment, *, limit: int = 8) -> list[tuple[Segment, int, float]]:
    """Other segments with members in common, most first: how many, and what share of this segment that is."""
    mine = members_of(segment)
    others = Segment.objects.live().exclude(pk=segment.pk)
    shared = [(other, len(mine & members_of(other))) for other in others]
    found = [(other, both, both / len(mine)) for other, both in shared if both]
    return sorted(found, key=lambda one: -one[1])[:limit]


def versions(segment: Segment, *, limit: int = 10) -> list[tuple[JournalEntry, list[str], list[str]]]:
    """Edits of the rule, newest first: the journal's line, conditions that came and conditions that went."""
    called, found = names(), []
    lines = JournalEntry.objects.filter(thing=Segment._meta.label_lower, thing_id=segment.pk, verb="segment.changed")
    for line in lines.select_related("actor").order_by("-at")[:limit]:
        before, after = (line.facts[key]["rule"] for key in ("before", "after"))
        was, became = ([say_leaf(leaf, called) for leaf in leaves(rule)] for rule in (before, after))
        came, went = [one for one in became if one not in was], [one for one in was if one not in became]
        found.append((line, came, went))
    return found


def fill_of(segment: Segment) -> SegmentFill | None:
    """How far a segment's new rule is worked out; None when its members are those of its rule."""
    return SegmentFill.objects.filter(segment=segment).first()


def sizes(segment: Segment, *, limit: int = 400) -> list[SegmentSize]:
    """The segment's size at hours in which it changed, oldest first."""
    return list(segment.sizes.order_by("-at")[:limit])[::-1]


def _seen_by(user: User) -> BitMap64 | None:
    """Contacts a user may see; None for all."""
    if user.sight("people") == ALL:
        return None
    return ids_of(Contact.objects.visible_to(user))


def _some(members: BitMap64) -> list[Contact]:
    return list(Contact.objects.filter(pk__in=list(islice(members, SAMPLE))).select_related("company"))


def why(rule: dict[str, Any], contact: Contact, *, now: datetime) -> list[tuple[str, bool, int]]:
    """Each condition in words, whether it holds for the contact, and how deep it stands; the whole rule first."""
    return list(_explained(rule, Compiler(now=now, only=[contact.pk]), names(), contact.pk, 0))


def _explained(
    rule: dict[str, Any], compiler: Compiler, called: Names, pk: int, depth: int
) -> Iterator[tuple[str, bool, int]]:
    mode = mode_of(rule)
    holds = pk in compiler.members(rule)
    if mode is None:
        yield say_leaf(rule, called), holds, depth
        return
    yield str(MODES[mode]), holds, depth
    for part in rule[mode]:
        yield from _explained(part, compiler, called, pk, depth + 1)


def segments_panel(user: User, contact: Contact) -> tuple[str, dict[str, Any]] | None:
    """Panel on a contact: the segments they are in and lately left, each with its reason."""
    if not user.may("marketing.view"):
        return None
    stays = SegmentMember.objects.filter(contact=contact, segment__deleted_at=None).select_related("segment")
    return "marketing/segments/_of_contact.html", {
        "now_in": list(stays.filter(left_at=None).order_by("-entered_at")[:12]),
        "was_in": list(stays.exclude(left_at=None).order_by("-left_at")[:4]),
    }
