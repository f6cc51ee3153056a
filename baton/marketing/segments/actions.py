"""The verbs of segments: create, change, refresh the members."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pyroaring import BitMap64

from baton.marketing.segments.compile import Compiler
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.models import Segment, SegmentMember
from baton.marketing.segments.reads import names
from baton.marketing.segments.rules import BadRule, check, leaves, mode_of
from baton.marketing.segments.words import say_leaf
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.db import write_turn
from baton.platform.errors import Refusal
from baton.platform.jobs.models import Job

BATCH = 1000
MAX_BECAUSE = 300

log = logging.getLogger(__name__)


class SegmentInUse(Refusal):
    """Another segment speaks of it."""


@transaction.atomic
def save_segment(
    segment: Segment | None, *, name: str, rule: dict[str, Any], actor: User | None, now: datetime
) -> Segment:
    """Create or change a segment and have its members refreshed. Raises BadRule, also for a segment inside itself."""
    check(rule, custom=custom_attributes())
    segment = segment or Segment(owner=actor, created_at=now)
    before = {"name": segment.name, "rule": segment.rule} if segment.pk else None
    segment.name, segment.rule, segment.changed_at = name, rule, now
    segment.save()
    Compiler(now=now, only=[]).members({"segment": segment.pk})
    verb = "segment.changed" if before else "segment.created"
    journal.record(verb, segment, actor=actor, before=before, after={"name": name, "rule": rule})
    jobs.enqueue("segment.refresh", segment_id=segment.pk)
    return segment


def refresh_segment(job: Job, *, segment_id: int) -> None:
    """Job: bring a segment's members up to date."""
    segment = Segment.objects.live().filter(pk=segment_id).first()
    if segment:
        refresh(segment, now=timezone.now())


def refresh_all(job: Job) -> None:
    """Job, every minute: bring every segment up to date; leaves that several share are asked once."""
    now = timezone.now()
    compiler = Compiler(now=now)
    for segment in Segment.objects.live():
        try:
            refresh(segment, now=now, compiler=compiler)
        except BadRule as error:  # a fact or field the rule speaks of is gone: its members stay, the others go on
            log.warning("Segment %s cannot be refreshed: %s", segment.pk, error)
        jobs.heartbeat(job)


@transaction.atomic
def bin_segment(segment: Segment, *, actor: User, now: datetime) -> Segment:
    """Put a segment away. Raises SegmentInUse while another segment's rule speaks of it."""
    users = [other.name for other in Segment.objects.live() if {"segment": segment.pk} in leaves(other.rule)]
    if users:
        raise SegmentInUse(_("It is used by: %(names)s. Nothing was changed.") % {"names": ", ".join(users)})
    segment.deleted_at = now
    segment.save(update_fields=["deleted_at"])
    journal.record("segment.binned", segment, actor=actor)
    return segment


def refresh(segment: Segment, *, now: datetime, compiler: Compiler | None = None) -> tuple[int, int]:
    """Write who entered and who left, each with the reason; gives how many of both."""
    compiler = compiler or Compiler(now=now)
    wanted = compiler.members(segment.rule)
    there = SegmentMember.objects.filter(segment=segment, left_at=None)
    current = BitMap64(there.values_list("contact_id", flat=True))
    entered, left = wanted - current, current - wanted
    said = _holding(segment.rule, compiler) if entered else []
    for ids in _batches(entered):
        with write_turn():
            SegmentMember.objects.bulk_create(
                [
                    SegmentMember(segment=segment, contact_id=pk, entered_at=now, because=_because(pk, said))
                    for pk in ids
                ],
                ignore_conflicts=True,
            )
    for ids in _batches(left):
        with write_turn():
            there.filter(contact_id__in=ids).update(left_at=now)
    Segment.objects.filter(pk=segment.pk).update(counted_at=now, members_count=len(wanted))
    return len(entered), len(left)


def _holding(rule: dict[str, Any], compiler: Compiler) -> list[tuple[str, BitMap64]]:
    """Each condition outside of `none` in words, with who satisfies it; answered already, so nothing is asked again."""
    called = names()

    def walk(part: dict[str, Any]) -> Iterable[tuple[str, BitMap64]]:
        mode = mode_of(part)
        if mode is None:
            yield say_leaf(part, called), compiler.members(part)
        elif mode != "none":
            for inner in part[mode]:
                yield from walk(inner)

    return list(walk(rule))


def _because(pk: int, said: list[tuple[str, BitMap64]]) -> str:
    return "; ".join(text for text, members in said if pk in members)[:MAX_BECAUSE]


def _batches(ids: Iterable[int]) -> Iterable[list[int]]:
    batch: list[int] = []
    for pk in ids:
        batch.append(pk)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
