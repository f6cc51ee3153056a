"""What uses a segment, and what it can be put to. Nouns that stand on segments are found by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from baton.marketing.segments.leaves.messages import broadcasts
from baton.marketing.segments.models import ContactList, Segment
from baton.marketing.segments.rules import leaves

SHOWN = 20
OFFERED = 200


@dataclass(frozen=True)
class Uses:
    """Segments whose rule speaks of it, emails to it, the newest first, campaigns that are for it, and journeys that
    begin, end or ask by it.
    """

    segments: list[Segment]
    emails: list[Any]
    campaigns: list[Any]
    journeys: list[Any]

    def __bool__(self) -> bool:
        return bool(self.segments or self.emails or self.campaigns or self.journeys)


def uses(segment: Segment) -> Uses:
    """Where a segment is used."""
    return Uses(
        segments_naming(segment),
        list(broadcasts().filter(deleted_at=None, segments=segment).order_by("-pk")[:SHOWN]),
        list(_campaigns().filter(segments=segment)[:SHOWN]),
        journeys_naming(segment)[:SHOWN],
    )


def segments_naming(segment: Segment) -> list[Segment]:
    """Segments whose rule speaks of another one."""
    return [one for one in Segment.objects.live() if {"segment": segment.pk} in leaves(one.rule)]


def journeys_naming(segment: Segment) -> list[Any]:
    """Journeys that begin with a segment, end by it, or ask for it at a step, the newest first."""
    return [
        one for one in _journeys() if segment.pk in {one.segment_id, one.goal_id, one.stop_id, *one.segments_asked()}
    ]


def journeys_begun_by(segment: Segment) -> list[Any]:
    """Journeys that whoever enters a segment begins now."""
    return list(_journeys().filter(segment=segment, state="running", closed_at=None)[:SHOWN])


def journeys_with_list(of: ContactList) -> list[Any]:
    """Journeys that have not ended and put people on a list or take them off."""
    return [one for one in _journeys() if not one.is_over and of.pk in one.lists_asked()]


def lists_offered() -> list[tuple[int, str]]:
    """Contact lists that members can be put on."""
    return list(ContactList.objects.live().values_list("pk", "name")[:OFFERED])


def campaigns_offered(segment: Segment) -> list[tuple[int, str]]:
    """Campaigns that are not for it yet, the newest first."""
    return list(_campaigns().exclude(segments=segment).values_list("pk", "name")[:OFFERED])


def _campaigns() -> QuerySet[Any]:
    return apps.get_model("marketing", "Campaign").objects.filter(deleted_at=None)


def _journeys() -> QuerySet[Any]:
    return apps.get_model("marketing", "Journey").objects.filter(deleted_at=None).order_by("-pk")
