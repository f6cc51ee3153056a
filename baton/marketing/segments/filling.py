"""What is known of segments that are being filled: whose rule is new, so that a job works it out beside the follower.

Until the rule is applied the follower keeps to the one before, and keeps for the job whoever was touched meanwhile: the
job looks at them once more when it is through, so nothing that happened during the filling is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from pyroaring import BitMap64

from baton.marketing.segments.compile import Rule, key_of
from baton.marketing.segments.keeping import Kept
from baton.marketing.segments.models import FillMissed, FillPart, FollowState, SegmentFill
from baton.platform import jobs


@dataclass(frozen=True)
class Ready:
    """A condition worked out by a filling, as of `kept.built_at`."""

    kept: Kept
    members: BitMap64
    relooks: bytes


@transaction.atomic
def begin_fill(segment: int, rule: Rule, *, now: datetime) -> None:
    """Have a job work the whole rule out, in one transaction; nothing new where it is at that rule already.

    What was worked out for a rule before an edit stays of use: who was touched has been kept since then too.
    """
    key = key_of(rule)
    fill, is_new = SegmentFill.objects.get_or_create(segment_id=segment, defaults={"rule_key": key, "started_at": now})
    if not is_new and fill.rule_key == key:
        return
    if not is_new:
        SegmentFill.objects.filter(pk=fill.pk).update(
            rule_key=key, parts_done=0, parts_total=0, rows_done=0, rows_total=0, written_to=0, problem=""
        )
    _watch_from(now)
    jobs.enqueue("segment.refresh", segment_id=segment)


def _watch_from(now: datetime) -> None:
    """The follower sees by their time which contacts changed since it last looked; before the first look, since now."""
    if not FollowState.objects.filter(followed_at=None).update(followed_at=now) and not FollowState.objects.exists():
        FollowState.objects.create(followed_at=now)


def ready_of(fill: SegmentFill) -> dict[str, Ready]:
    """What a filling has worked out, by the condition's key; due at once, for time has passed since."""
    parts = fill.parts.values_list("key", "members", "relooks", "scheduled_until", "built_at", "leaf")
    return {
        key: Ready(
            Kept(0, leaf, built_at, built_at, scheduled_until),
            BitMap64.deserialize(bytes(members)),
            bytes(relooks),
        )
        for key, members, relooks, scheduled_until, built_at, leaf in parts
    }


def missed_by(fill: SegmentFill) -> dict[str, BitMap64]:
    """Who was touched since the filling began, by aspect."""
    found: dict[str, BitMap64] = defaultdict(BitMap64)
    for aspect, contacts in fill.missed.values_list("aspect", "contacts"):
        found[aspect] |= BitMap64.deserialize(bytes(contacts))
    return found


def keep_missed(touched: Mapping[str, BitMap64]) -> None:
    """Keep who was touched for every filling under way, in the transaction that says they were looked at."""
    rows = [
        FillMissed(fill_id=fill, aspect=aspect, contacts=contacts.serialize())
        for fill in SegmentFill.objects.values_list("pk", flat=True)
        for aspect, contacts in touched.items()
        if contacts
    ]
    FillMissed.objects.bulk_create(rows)


def keep_part(fill: SegmentFill, part: FillPart) -> None:
    """Keep a condition that was worked out; of two jobs at the same one the first is kept."""
    part.fill = fill
    FillPart.objects.bulk_create([part], ignore_conflicts=True)
