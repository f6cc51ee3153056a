"""Filling: a new or edited rule worked out by a job, one condition after the other, with its progress on the segment.

The job stops after a few seconds and goes on a moment later, so that other work gets its turn; what it has found is
kept, and a job that is killed goes on from there. The last step is a pass of the follower with what was found.
"""

from __future__ import annotations

import logging
import time

from django.db import transaction
from django.utils import timezone
from pyroaring import BitMap64

from baton.marketing.segments.compile import Compiler, Rule, combine, key_of
from baton.marketing.segments.entering import Stay, write_stays
from baton.marketing.segments.filling import keep_part, ready_of
from baton.marketing.segments.follow import HORIZON, current_leaves, follow_filled, whole_rules
from baton.marketing.segments.keeping import EVERYONE, kept_bitmap
from baton.marketing.segments.leaves import OF_KIND
from baton.marketing.segments.leaves.look import ids_of
from baton.marketing.segments.models import FillPart, SegmentFill, SegmentMember
from baton.marketing.segments.rules import BadRule, leaves
from baton.marketing.segments.shapes import kind_of
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.platform.pieces import in_pieces

SLICE_SECONDS = 4.0
PAUSE_SECONDS = 1.0
ROWS_AT_ONCE = 20_000

log = logging.getLogger(__name__)


class _Slice:
    """The job's time: after a few seconds it makes way."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._until = time.monotonic() + SLICE_SECONDS

    def end_of_piece(self) -> None:
        """Raises TryAgain when it is somebody else's turn, or the lease was lost."""
        jobs.heartbeat(self._job)
        jobs.make_way(self._job)
        if time.monotonic() > self._until:
            raise jobs.TryAgain(PAUSE_SECONDS)


def fill_segment(job: Job, *, segment_id: int) -> None:
    """Job: work a segment's rule out and write who is in; nothing to do where a pass has done it meanwhile."""
    fill = SegmentFill.objects.filter(segment=segment_id).first()
    if fill is None:
        return
    rule = whole_rules().get(segment_id)
    if rule is None:  # put away, or its rule is none any more
        fill.delete()
        return
    turn = _Slice(job)
    try:
        answers = _worked_out(fill, rule, turn)
    except BadRule as error:
        log.warning("Segment %s cannot be filled: %s", segment_id, error)
        SegmentFill.objects.filter(pk=fill.pk).update(problem=str(error)[:300])
        return
    _write_members(fill, rule, answers, turn)
    follow_filled(fill, now=timezone.now())


def _worked_out(fill: SegmentFill, rule: Rule, turn: _Slice) -> dict[str, BitMap64]:
    """The bitmap of each condition: what is followed already, what this filling found before, the rest asked now."""
    wanted = {key_of(leaf): leaf for leaf in leaves(rule)}
    answers = {key: ready.members for key, ready in ready_of(fill).items() if key in wanted}
    for key in current_leaves() & set(wanted) - set(answers):
        if (found := kept_bitmap(key)) is not None:
            answers[key] = found
    missing = [leaf for key, leaf in wanted.items() if key not in answers]
    compiler = Compiler(now=timezone.now(), ahead=missing)
    _tell(fill, parts_done=len(answers), parts_total=len(wanted))
    for leaf in missing:
        found = compiler.leaf(leaf)
        answers[key_of(leaf)] = found
        with transaction.atomic():
            keep_part(fill, _part(leaf, found, compiler))
            _tell(fill, parts_done=len(answers))
        turn.end_of_piece()
    return answers


def _part(leaf: Rule, found: BitMap64, compiler: Compiler) -> FillPart:
    until = compiler.now + HORIZON
    relooks = OF_KIND[kind_of(leaf) or ""].relooks(leaf, compiler, compiler.now, until)
    return FillPart(
        key=key_of(leaf), leaf=leaf, members=found.serialize(), relooks=relooks.packed(), scheduled_until=until,
        built_at=compiler.now,
    )  # fmt: skip


def _write_members(fill: SegmentFill, rule: Rule, answers: dict[str, BitMap64], turn: _Slice) -> None:
    """Rows of who enters and leaves, in the order of their ids, from where an earlier piece stopped."""
    now = timezone.now()
    everyone = kept_bitmap(key_of(EVERYONE))
    everyone = Compiler(now=now).everyone if everyone is None else everyone
    members = combine(rule, lambda leaf: answers[key_of(leaf)], everyone) & everyone
    rows = SegmentMember.objects.filter(segment=fill.segment_id, left_at=None, contact_id__gt=fill.written_to)
    there = ids_of(rows, "contact_id")
    behind = BitMap64(members)
    behind.remove_range(0, fill.written_to + 1)
    causes = [(leaf, BitMap64(), answers[key_of(leaf)]) for leaf in leaves(rule)]
    done = fill.rows_done
    _tell(fill, rows_total=done + len(behind ^ there))
    for some in map(BitMap64, in_pieces(behind ^ there, ROWS_AT_ONCE)):
        write_stays([Stay(fill.segment_id, rule, some & behind, some - behind, members, causes, is_edit=True)], now=now)
        done += len(some)
        _tell(fill, rows_done=done, written_to=some.max())
        turn.end_of_piece()


def _tell(fill: SegmentFill, **progress: int) -> None:
    SegmentFill.objects.filter(pk=fill.pk).update(**progress)
