"""Writing who entered and left a segment, each with the condition that did it, and how large it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from pyroaring import BitMap64

from baton.marketing.segments.compile import Rule
from baton.marketing.segments.models import SegmentMember, SegmentSize
from baton.marketing.segments.reads import names
from baton.marketing.segments.words import Names, say_leaf
from baton.platform.bulk import insert_rows, moment
from baton.platform.db import among, write_turn
from baton.platform.pieces import in_pieces

BATCH = 5_000
UPDATES = 20
MAX_BECAUSE = 300
ENTERED = ["segment", "contact", "entered_at", "because", "by_edit", "left_because", "left_by_edit"]


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
    """Write the rows in batches over all segments, holding no more than a batch; a repeat writes nothing twice."""
    for rows in in_pieces(_entering(stays, now), BATCH):
        with write_turn(), transaction.atomic():
            insert_rows(SegmentMember, ENTERED, rows)
    for some in in_pieces(_leaving(stays), UPDATES):
        with write_turn(), transaction.atomic():
            for stay, text, ids in some:
                SegmentMember.objects.filter(segment=stay.segment, left_at=None, contact_id__in=among(ids)).update(
                    left_at=now, left_because=text, left_by_edit=stay.is_edit
                )


def _entering(stays: list[Stay], now: datetime) -> Iterator[tuple[Any, ...]]:
    """Values of ENTERED."""
    called, at = names() if stays else None, moment(now)
    for stay in stays:
        for ids, told in _told(stay, stay.entered, called):
            for pk in ids:
                yield stay.segment, pk, at, told.get(pk, ""), stay.is_edit, "", False


def _leaving(stays: list[Stay]) -> Iterator[tuple[Stay, str, list[int]]]:
    """Who leaves for the same reason, some at a time."""
    called = names() if stays else None
    for stay in stays:
        for ids, told in _told(stay, stay.left, called):
            alike: dict[str, list[int]] = {}
            for pk in ids:
                alike.setdefault(told.get(pk, ""), []).append(pk)
            for text, some in alike.items():
                yield stay, text, some


def _told(stay: Stay, whom: BitMap64, called: Names | None) -> Iterator[tuple[list[int], dict[int, str]]]:
    """Some contacts at a time, and why by contact: the conditions that changed; after an edit those that hold now."""
    causes = []
    for leaf, old, new in {str(cause[0]): cause for cause in stay.causes}.values() if whom else ():
        said = say_leaf(leaf, called)
        no_more = _("no longer: %(condition)s") % {"condition": said}
        causes.append((said, no_more, (new if stay.is_edit else old ^ new) & whom, new))
    for ids in in_pieces(whom, BATCH):
        piece, told = BitMap64(ids), defaultdict[int, list[str]](list)
        for said, no_more, changed, new in causes:
            for pk in changed & piece:
                told[pk].append(said if pk in new else no_more)
        yield ids, {pk: "; ".join(texts)[:MAX_BECAUSE] for pk, texts in told.items()}


def keep_size(segment: int, members: int, *, now: datetime) -> None:
    """How large the segment is at the end of this hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    SegmentSize.objects.update_or_create(segment_id=segment, at=hour, defaults={"members": members})
