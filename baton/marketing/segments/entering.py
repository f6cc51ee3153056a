"""Writing who entered and left a segment, each with the condition that did it, and how large it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from pyroaring import BitMap64

from baton.marketing.segments.compile import Rule
from baton.marketing.segments.models import SegmentMember, SegmentSize
from baton.marketing.segments.reads import names
from baton.marketing.segments.words import Names, say_leaf
from baton.platform.db import write_turn
from baton.platform.pieces import in_pieces

BATCH = 1_000
UPDATES = 20
MAX_BECAUSE = 300


@dataclass(frozen=True)
class Stay:
    """A segment's change: who enters, who leaves, who is in then; `causes` are leaves with bitmaps before and after.

    `is_edit` says that the rule was edited or is new, so nobody did anything to enter or leave.
    """

    segment: int
    rule: Rule
    entered: BitMap64
    left: BitMap64
    members: BitMap64
    causes: list[tuple[Rule, BitMap64, BitMap64]]
    is_edit: bool


def write_stays(stays: list[Stay], *, now: datetime) -> None:
    """Write the rows in batches over all segments; a repeat writes nothing twice."""
    entering, leaving = _entering(stays, now), _leaving(stays)
    for rows in in_pieces(entering, BATCH):
        with write_turn():
            SegmentMember.objects.bulk_create(rows, ignore_conflicts=True)
    for some in in_pieces(leaving, UPDATES):
        with write_turn(), transaction.atomic():
            for stay, text, ids in some:
                SegmentMember.objects.filter(segment=stay.segment, left_at=None, contact_id__in=ids).update(
                    left_at=now, left_because=text[:MAX_BECAUSE], left_by_edit=stay.is_edit
                )


def _entering(stays: list[Stay], now: datetime) -> Iterator[SegmentMember]:
    called = names() if stays else None
    for stay in stays:
        told = _told(stay, stay.entered, called)
        for pk in stay.entered:
            yield SegmentMember(
                segment_id=stay.segment, contact_id=pk, entered_at=now, by_edit=stay.is_edit,
                because=told.get(pk, "")[:MAX_BECAUSE],
            )  # fmt: skip


def _leaving(stays: list[Stay]) -> Iterator[tuple[Stay, str, list[int]]]:
    """Who leaves for the same reason, some at a time."""
    called = names() if stays else None
    for stay in stays:
        told = _told(stay, stay.left, called)
        alike: dict[str, list[int]] = {}
        for pk in stay.left:
            alike.setdefault(told.get(pk, ""), []).append(pk)
        for text, ids in alike.items():
            for some in in_pieces(ids, BATCH):
                yield stay, text, some


def _told(stay: Stay, whom: BitMap64, called: Names | None) -> dict[int, str]:
    """Why, by contact: the conditions that changed, or after an edit those that hold now."""
    if not whom:
        return {}
    told: dict[int, list[str]] = {}
    for leaf, old, new in {str(cause[0]): cause for cause in stay.causes}.values():
        changed = new if stay.is_edit else old ^ new
        if theirs := changed & whom:
            said = say_leaf(leaf, called)
            no_more = _("no longer: %(condition)s") % {"condition": said}
            for pk in theirs:
                told.setdefault(pk, []).append(said if pk in new else no_more)
    return {pk: "; ".join(texts) for pk, texts in told.items()}


def keep_size(segment: int, members: int, *, now: datetime) -> None:
    """How large the segment is at the end of this hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    SegmentSize.objects.update_or_create(segment_id=segment, at=hour, defaults={"members": members})
