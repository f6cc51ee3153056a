"""Writing who entered and left a segment, each with the condition that did it, and how large it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from pyroaring import BitMap64

from baton.marketing.segments.compile import Rule
from baton.marketing.segments.models import SegmentMember, SegmentSize
from baton.marketing.segments.reads import names
from baton.marketing.segments.words import say_leaf
from baton.platform.db import write_turn

BATCH = 1_000
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


def write_stays(stay: Stay, *, now: datetime) -> None:
    """Write the rows in batches; a repeat writes nothing twice."""
    there = SegmentMember.objects.filter(segment=stay.segment, left_at=None)
    entering, leaving = _told(stay, stay.entered), _told(stay, stay.left)
    for ids in _batches(stay.entered):
        with write_turn():
            SegmentMember.objects.bulk_create(
                [
                    SegmentMember(segment_id=stay.segment, contact_id=pk, entered_at=now, by_edit=stay.is_edit,
                                  because=entering.get(pk, "")[:MAX_BECAUSE])
                    for pk in ids
                ],
                ignore_conflicts=True,
            )  # fmt: skip
    for ids in _batches(stay.left):
        for text in {leaving.get(pk, "") for pk in ids}:
            same = [pk for pk in ids if leaving.get(pk, "") == text]
            with write_turn():
                there.filter(contact_id__in=same).update(
                    left_at=now, left_because=text[:MAX_BECAUSE], left_by_edit=stay.is_edit
                )


def _told(stay: Stay, whom: BitMap64) -> dict[int, str]:
    """Why, by contact: the conditions that changed, or after an edit those that hold now."""
    if not whom:
        return {}
    called, told = names(), dict[int, list[str]]()
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


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    for pk in ids:
        batch.append(pk)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
