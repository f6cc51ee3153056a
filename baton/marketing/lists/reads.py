"""What the pages of contact lists show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from baton.marketing.email.models import Broadcast
from baton.marketing.lists.actions import PUT_MANY_ON, PUT_ON, segments_of
from baton.marketing.lists.rules import Pasted
from baton.marketing.segments.models import ContactList, ListMember, Segment
from baton.marketing.segments.rules import leaves
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from baton.platform.pages import Sort

NEWEST = Sort("added_at", True, "")
SHOWN = 200  # addresses of an account that are shown one by one


@dataclass(frozen=True)
class Line:
    """A list in the overview: how many contacts are on it, and how many segments speak of it."""

    on: ContactList
    members: int
    segments: int


def overview() -> list[Line]:
    """Every list by name."""
    rows = ListMember.objects.filter(contact__deleted_at=None).order_by().values_list("on_list").annotate(n=Count("pk"))
    sizes = dict(rows)
    used = Counter(pk for segment in Segment.objects.live() for pk in _lists_in(segment))
    lists = ContactList.objects.live().select_related("owner")
    return [Line(one, sizes.get(one.pk, 0), used[one.pk]) for one in lists]


def _lists_in(segment: Segment) -> set[int]:
    return {leaf["list"] for leaf in leaves(segment.rule) if "list" in leaf}


def members(of: ContactList, user: User) -> Any:
    """Who is on the list, of those the user may see."""
    visible = Contact.objects.visible_to(user)
    return of.members.filter(contact__in=visible).select_related("contact__company")


def is_being_filled(of: ContactList) -> bool:
    """Whether a worker is to put contacts on it."""
    under_way = [Job.State.WAITING, Job.State.RUNNING]
    return Job.objects.filter(kind=PUT_MANY_ON, payload__list_id=of.pk, state__in=under_way).exists()


def uses(of: ContactList) -> tuple[list[Segment], list[Broadcast]]:
    """Segments whose rule speaks of it, and emails to those segments, the newest first."""
    segments = segments_of(of)
    emails = Broadcast.objects.live().filter(segments__in=segments).distinct().order_by("-pk")[:20]
    return segments, list(emails)


def found_by(pasted: Pasted, user: User) -> tuple[list[int], list[str]]:
    """Contacts of the pasted addresses that the user may see, and the addresses of nobody."""
    visible = Contact.objects.visible_to(user)
    known = dict(visible.holding(email=pasted.emails).values_list("email", "pk")) if pasted.emails else {}
    return sorted(known.values()), [email for email in pasted.emails if email not in known]


@dataclass(frozen=True)
class Account:
    """What became of pasted addresses: counts, and those of nobody or that are no addresses, up to SHOWN of each."""

    came_on: int
    there: int
    unknown: list[str]
    others: list[str]
    unknown_count: int
    others_count: int


def account_of(of: ContactList, told: str, user: User) -> Account | None:
    """The account of one's own pasting by its line in the journal; None where there is no such line."""
    if not told.isdecimal() or len(told) > 18:
        return None
    thing = ContactList._meta.label_lower
    line = JournalEntry.objects.filter(pk=told, thing=thing, thing_id=of.pk, verb=PUT_ON, actor=user).first()
    if line is None or "unknown" not in line.facts:
        return None
    facts = line.facts
    return Account(
        len(facts["contacts"]), facts["there"], facts["unknown"], facts["others"], facts["unknown_count"],
        facts["others_count"],
    )  # fmt: skip


def list_part(user: User) -> tuple[str, dict[str, Any]] | None:
    """For the bar over chosen contacts: put them on a list."""
    if not user.may("marketing.change"):
        return None
    return "marketing/lists/_put_on.html", {"lists": list(ContactList.objects.live().values_list("pk", "name")[:200])}
