"""What workers do for journeys: a tick that lets people begin and moves them, and the jobs that steps ask for."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from baton.marketing.journeys import actions, moving
from baton.marketing.journeys.entering import OVERLAP, take_members, take_newcomers
from baton.marketing.journeys.models import Journey, JourneyRun
from baton.marketing.journeys.moving import IS_UNDER_WAY
from baton.marketing.segments.models import SegmentMember
from baton.platform.db import among, only_one
from baton.platform.jobs.models import Job

MOVERS = 0x6261746F6E03  # the advisory lock of all movers on one database
TURN_SECONDS = 2.0  # a worker moves people about so long in one go, then other work has its turn
REST_SECONDS = 1.5
ANSWERS_SECONDS = 20  # how often those who wait until something happens are asked for
LOOKED_SECONDS = 60
LOOKED_BACK = timedelta(days=2)
State = Journey.State

log = logging.getLogger("baton.journeys")
_rested = 0.0
_asked: dict[int, float] = {}


def move_journeys() -> None:
    """Tick: everything that journeys have to do by now, if no other worker is at it."""
    global _rested
    if time.monotonic() - _rested < REST_SECONDS:
        return
    if not (journeys := list(_going())):
        _rested = time.monotonic()
        return
    with only_one("journeys", MOVERS) as is_mine:
        done = [_tend(journey, TURN_SECONDS / len(journeys)) for journey in journeys] if is_mine else []
    _rested = time.monotonic() if all(done) else 0.0


def _going() -> QuerySet[Journey]:
    """Those that run, and those that have ended while somebody is still under way."""
    somebody = JourneyRun.objects.filter(IS_UNDER_WAY, journey=OuterRef("pk"))
    going = Journey.objects.filter(Q(state=State.RUNNING) | Q(Exists(somebody), state=State.ENDED), deleted_at=None)
    return going.select_related("segment", "goal", "stop")


def _tend(journey: Journey, seconds: float) -> bool:
    """Give a journey its share of a turn, so that none waits for a large one; whether nothing more is to do for it now.

    A fault in one holds up no other.
    """
    until = time.monotonic() + seconds
    try:
        if not journey.is_over:
            tend(journey, now=timezone.now(), asks=_asks(journey))
        while time.monotonic() < until:
            if not _go_on(journey, timezone.now()):
                return True
    except DatabaseError:
        raise
    except Exception:
        log.exception("journey %s stands still", journey.pk)
        return True
    return False


def _asks(journey: Journey) -> bool:
    """Whether it is time to ask again for those who wait for something."""
    last, now = _asked.get(journey.pk), time.monotonic()
    if last is not None and now - last < ANSWERS_SECONDS:
        return False
    _asked[journey.pk] = now
    return True


def tend(journey: Journey, *, now: datetime, asks: bool = True) -> None:
    """One round: who begins, who leaves, whose mail is settled, and with `asks` who waits no longer."""
    if journey.takes_people:
        take_newcomers(journey, now=now)
    look_for_leavers(journey, now=now)
    if asks:
        moving.move_answered(journey, now=now)
    _go_on(journey, now)
    if journey.looked_at is None or (now - journey.looked_at).total_seconds() > LOOKED_SECONDS:
        Journey.objects.filter(pk=journey.pk, state=State.RUNNING).update(looked_at=now)
    if journey.closed_at and not moving.under_way(journey).exists():
        actions.end(journey, actor=None, now=now)


def _go_on(journey: Journey, now: datetime) -> int:
    """A batch of each: those who were in the segment at the start, whose mail is settled, whose time has come; or of
    those whom a journey that has ended still holds.
    """
    if journey.is_over:
        return actions.put_out_ended(journey, now=now)
    taking = journey.takes_people and journey.taken_to is not None
    taken = take_members(journey, now=now) if taking else 0
    return taken + moving.move_mailed(journey, now=now) + moving.move_due(journey, now=now)


def look_for_leavers(journey: Journey, *, now: datetime, since: datetime | None = None) -> int:
    """Let those leave who came into the goal or the stop, or out of the segment, lately; gives how many were looked at.

    Everybody is looked at again before each step, so this only makes it soon.
    """
    lately = since or (journey.looked_at or now) - OVERLAP
    stays = SegmentMember.objects.none()
    if targets := [pk for pk in (journey.goal_id, journey.stop_id) if pk]:
        stays = SegmentMember.objects.filter(segment__in=targets, left_at=None, entered_at__gte=lately)
    contacts = set(stays.values_list("contact_id", flat=True))
    if journey.leaves_with_segment:
        gone = SegmentMember.objects.filter(segment=journey.segment_id, left_at__gte=lately)
        contacts |= set(gone.values_list("contact_id", flat=True))
    if not contacts:
        return 0
    return moving.leave(journey, moving.under_way(journey).filter(contact__in=among(contacts)), now=now)


def look_at_all(job: Job) -> None:
    """Job, hourly: what was missed, as when a clock was set back, begins or leaves late rather than never."""
    for journey in _going().filter(state=State.RUNNING):
        now = timezone.now()
        if journey.takes_people:
            take_newcomers(journey, now=now, since=now - LOOKED_BACK)
        look_for_leavers(journey, now=now, since=now - LOOKED_BACK)
