"""What the builder, the members page and a contact's page show of segments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pyroaring import BitMap64

from baton.marketing.segments.compile import Compiler
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.keeping import Previewer
from baton.marketing.segments.models import ContactList, Segment, SegmentMember
from baton.marketing.segments.rules import MODES, mode_of
from baton.marketing.segments.words import Names, say_leaf
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.platform.accounts.roles import ALL

SAMPLE = 6


def names() -> Names:
    """What segments, topics and custom fields are called, for sentences."""
    return Names(
        segments=dict(Segment.objects.live().values_list("pk", "name")),
        topics=dict(ConsentTopic.objects.values_list("key", "label")),
        lists=dict(ContactList.objects.live().values_list("pk", "name")),
        custom=custom_attributes(),
    )


def preview(rule: dict[str, Any], *, now: datetime, user: User | None = None) -> tuple[int, list[Contact]]:
    """How many contacts satisfy the rule now, and a few of them; only those `user` may see."""
    members = Previewer(now=now).members(rule)
    if user is not None and user.sight("people") != ALL:
        members &= BitMap64(Contact.objects.visible_to(user).order_by().values_list("pk", flat=True))
    ids = [pk for _number, pk in zip(range(SAMPLE), members, strict=False)]
    return len(members), list(Contact.objects.filter(pk__in=ids).select_related("company"))


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
