"""The verbs of segments: create, change, refresh the members."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.marketing.segments.compile import Compiler, key_of
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.filling import begin_fill
from baton.marketing.segments.follow import follow, whole_rules
from baton.marketing.segments.keeping import EVERYONE, members_key
from baton.marketing.segments.models import LeafMembers, Segment, SegmentMember
from baton.marketing.segments.rules import check, leaves
from baton.marketing.segments.uses import journeys_naming, segments_naming
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.db import among
from baton.platform.errors import Refusal
from baton.platform.jobs.models import Job

FORGOTTEN_AFTER = timedelta(hours=1)


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
    compiler = Compiler(now=now, only=[])
    compiler.members({"segment": segment.pk})
    verb = "segment.changed" if before else "segment.created"
    journal.record(verb, segment, actor=actor, before=before, after={"name": name, "rule": rule})
    if before is None or before["rule"] != rule:
        begin_fill(segment.pk, compiler.expanded({"segment": segment.pk}), now=now)
    return segment


def refresh_all(job: Job) -> None:
    """Job, nightly: ask everything anew, whatever was followed, and forget bitmaps that no segment needs."""
    now = timezone.now()
    follow(now=now, all_anew=True)
    rules = whole_rules()
    needed = {key_of(leaf) for rule in rules.values() for leaf in leaves(rule)} | {key_of(EVERYONE)}
    needed |= set(map(members_key, rules))
    LeafMembers.objects.exclude(key__in=among(needed, "text")).filter(built_at__lt=now - FORGOTTEN_AFTER).delete()


@transaction.atomic
def bin_segment(segment: Segment, *, actor: User, now: datetime) -> Segment:
    """Put a segment away. Raises SegmentInUse while another segment or a journey that has not ended speaks of it."""
    journeys = [one for one in journeys_naming(segment) if not one.is_over]
    users = [other.name for other in [*segments_naming(segment), *journeys]]
    if users:
        raise SegmentInUse(_("It is used by: %(names)s. Nothing was changed.") % {"names": ", ".join(users)})
    segment.deleted_at = now
    segment.save(update_fields=["deleted_at"])
    journal.record("segment.binned", segment, actor=actor)
    return segment


def refresh(segment: Segment, *, now: datetime) -> tuple[int, int]:
    """Ask a segment's conditions anew and write who entered and who left; gives how many of both."""
    before = _ever(segment, now)
    follow(now=now, anew=[segment])
    after = _ever(segment, now)
    segment.refresh_from_db(fields=["counted_at", "members_count"])
    return after[0] - before[0], after[1] - before[1]


def _ever(segment: Segment, now: datetime) -> tuple[int, int]:
    """How many stays have begun and ended at this moment."""
    stays = SegmentMember.objects.filter(segment=segment)
    return stays.filter(entered_at=now).count(), stays.filter(left_at=now).count()
