"""Who begins a journey: those who enter its segment, and at the start, if it says so, those who are in it already."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from baton.marketing.journeys.models import Journey, JourneyRun
from baton.marketing.journeys.moving import BEGAN, State, add_counts, under_way
from baton.marketing.segments.models import SegmentMember
from baton.people.contacts.models import Contact
from baton.platform.bulk import insert_rows, moment
from baton.platform.db import among, write_turn
from baton.platform.pieces import in_pieces

BATCH = 2_000
OVERLAP = timedelta(minutes=10)  # a stay may be committed so long after its entered_at: a new rule of a large segment
COLUMNS = ["journey", "version", "contact", "number", "stay", "state", "because", "step", "passed", "began_at",
           "arrived_at", "due_at"]  # fmt: skip


def take_newcomers(journey: Journey, *, now: datetime, since: datetime | None = None) -> int:
    """Begin with those who entered the segment after the start; gives how many began.

    `since` looks further back than usual, so that what was missed for any reason begins late rather than never.
    """
    assert journey.started_at
    looked_at = since or max(journey.started_at, (journey.looked_at or journey.started_at) - OVERLAP)
    looked_at = max(looked_at, journey.started_at)
    fresh = _stays(journey).filter(entered_at__gte=looked_at, entered_at__lte=now)
    # In no order, or SQLite reads the whole segment by its ids; packed, for an edited rule may bring a million.
    pairs = array("q", chain.from_iterable(fresh.values_list("pk", "contact_id").iterator()))
    return sum(begin(journey, some, now=now) for some in in_pieces(zip(pairs[::2], pairs[1::2], strict=True), BATCH))


def take_members(journey: Journey, *, now: datetime) -> int:
    """Begin with a batch of those who were in the segment at the start; gives how many stays were looked at.

    Where it stands is kept in `taken_to`, written with the people: after a kill it goes on behind them.
    """
    some = _next(_stays(journey).filter(entered_at__lt=journey.started_at), journey.taken_to or 0)
    last = some[-1][0] if some else None
    with write_turn(), transaction.atomic():
        begin(journey, some, now=now)
        Journey.objects.filter(pk=journey.pk).update(taken_to=last)
    journey.taken_to = last
    return len(some)


def _stays(journey: Journey) -> QuerySet[SegmentMember]:
    """Those who are in the segment now and have not begun by this stay."""
    begun = JourneyRun.objects.filter(journey=journey, stay=OuterRef("pk"))
    return SegmentMember.objects.filter(Q(segment=journey.segment_id, left_at=None), ~Exists(begun))


def _next(stays: QuerySet[SegmentMember], last: int) -> list[tuple[int, int]]:
    """A batch of stays after one, each with its contact."""
    return list(stays.filter(pk__gt=last).order_by("pk").values_list("pk", "contact_id")[:BATCH])


def begin(journey: Journey, stays: Iterable[tuple[int | None, int]], *, now: datetime) -> int:
    """Let contacts begin who may, each by a stay in the segment or, without one, by hand; gives how many did."""
    asked = {contact: stay for stay, contact in stays}
    ways = may_begin(journey, asked, now=now) if asked else {}
    if not ways:
        return 0
    version = journey.published
    assert version
    first, at = (version.steps[0]["id"] if version.steps else ""), moment(now)
    rows = (
        (journey.pk, version.pk, contact, number, asked[contact], State.UNDER_WAY, "", first, 0, at, at, at)
        for contact, number in ways.items()
    )
    with write_turn(), transaction.atomic():
        insert_rows(JourneyRun, COLUMNS, rows)
        add_counts(journey, {("", BEGAN): len(ways)})
    return len(ways)


def may_begin(journey: Journey, contacts: Iterable[int], *, now: datetime) -> dict[int, int]:
    """Those of the contacts who may begin now, with which of their ways through the journey it is.

    Not those who are under way, who went it before and may not again yet, who have reached the goal already, or who
    would leave at once.
    """
    chosen = among(contacts)
    live = set(Contact.objects.live().filter(pk__in=chosen).values_list("pk", flat=True))
    out = live & set(
        SegmentMember.objects.filter(
            segment__in=[pk for pk in (journey.goal_id, journey.stop_id) if pk], left_at=None, contact__in=chosen
        ).values_list("contact_id", flat=True)
    )
    out |= set(under_way(journey).filter(contact__in=chosen).values_list("contact_id", flat=True))
    before = JourneyRun.objects.filter(journey=journey, contact__in=chosen).order_by()
    last = {pk: (n, at) for pk, n, at in before.values_list("contact").annotate(n=Max("number"), at=Max("began_at"))}
    again = timedelta(days=journey.again_days) if journey.again_days is not None else None
    out |= {pk for pk, (_n, at) in last.items() if again is None or at + again > now}
    return {pk: last[pk][0] + 1 if pk in last else 0 for pk in sorted(live - out)}
