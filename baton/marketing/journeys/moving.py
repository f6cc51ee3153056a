"""Moving people: who is due, whose mail is settled or whose wait has come true goes on; who should leave leaves.

A batch is worked out first and written in one transaction with all that its steps do, for those who still stand where
they stood. So a kill at any moment leaves everybody at a step, and what was done for them done once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from django.db import connection, transaction
from django.db.models import BooleanField, Exists, F, Func, OuterRef, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from baton.marketing.email.models import KIND
from baton.marketing.journeys import rules
from baton.marketing.journeys.doing import do
from baton.marketing.journeys.engine import Course, Traveller, advance
from baton.marketing.journeys.models import Journey, JourneyCount, JourneyPassage, JourneyRun, JourneyVersion
from baton.marketing.journeys.world import Effects, Live
from baton.marketing.segments.models import SegmentMember
from baton.people.contacts.models import Contact
from baton.people.deliveries import actions as ledger
from baton.people.deliveries.models import Delivery
from baton.people.deliveries.reads import UNFINISHED
from baton.platform.bulk import insert_rows, moment
from baton.platform.db import among, write_turn
from baton.platform.pieces import in_pieces

BATCH = 1_000
BEGAN = "began"  # the count of all who ever did
MAX_BECAUSE = 300
State = JourneyRun.State
# Written out and not as a parameter: only so SQLite sees that the indexes of who is under way hold what is asked for.
IS_UNDER_WAY = Func(F("state"), template="%(expressions)s = 'under_way'", output_field=BooleanField())
_ROW = ("pk", "contact_id", "number", "step", "passed", "arrived_at")
Leaving = dict[int, tuple[str, str]]  # contact -> state, why


def under_way(journey: Journey) -> QuerySet[JourneyRun]:
    return JourneyRun.objects.filter(IS_UNDER_WAY, journey=journey)


def standing_at(version: int, step: str) -> QuerySet[JourneyRun]:
    """Who stands at a step of a version; without the journey, by which SQLite would look through everybody in it."""
    return JourneyRun.objects.filter(IS_UNDER_WAY, version=version, step=step)


def move_due(journey: Journey, *, now: datetime) -> int:
    """Move a batch of those whose time has come, the longest overdue first; gives how many were looked at."""
    return move(journey, under_way(journey).filter(due_at__lte=now).order_by("due_at", "pk")[:BATCH], now=now)


def move_mailed(journey: Journey, *, now: datetime) -> int:
    """Move a batch of those whose mail is settled; gives how many."""
    moved = 0
    for version, step in _steps_stood_at(journey, rules.EMAIL):
        settled = Delivery.objects.filter(
            message_kind=KIND, message_id=step["email"], contact=OuterRef("contact"), occasion=OuterRef("number")
        ).exclude(state__in=UNFINISHED)
        at_it = standing_at(version, step["id"])
        moved += move(journey, at_it.filter(Exists(settled))[:BATCH], now=now)
    return moved


def move_answered(journey: Journey, *, now: datetime) -> int:
    """Move everybody for whom what they wait for has come true; gives how many."""
    moved, world = 0, Live(now)
    for version, step in _steps_stood_at(journey, rules.AWAIT):
        at_it = standing_at(version, step["id"])
        contacts = set(at_it.values_list("contact_id", flat=True))
        yes = world.holding(step["rule"], contacts, step["id"])
        for some in in_pieces(sorted(yes), BATCH):
            moved += move(journey, at_it.filter(contact__in=among(some)), now=now)
    return moved


def _steps_stood_at(journey: Journey, kind: str) -> list[tuple[int, rules.Step]]:
    """The versions' steps of a kind at which somebody stands."""
    somebody = JourneyRun.objects.filter(IS_UNDER_WAY, version=OuterRef("pk"))
    versions = dict(JourneyVersion.objects.filter(Exists(somebody), journey=journey).values_list("pk", "steps"))
    told = {pk: rules.plan_of(steps).of_kind(kind) for pk, steps in versions.items()}
    every = [(pk, step) for pk, steps in told.items() for step in steps]
    return [(pk, step) for pk, step in every if standing_at(pk, step["id"]).exists()]


def move(journey: Journey, runs: QuerySet[JourneyRun], *, now: datetime) -> int:
    """Take these people as far as they get, or out of the journey; gives how many were looked at."""
    rows: dict[int, list[Traveller]] = defaultdict(list)
    for version, *told in runs.values_list("version_id", *_ROW):
        rows[version].append(Traveller(*told))
    for version, people in rows.items():
        leaving = _let_leave(journey, people, now)
        plan = rules.plan_of(JourneyVersion.objects.get(pk=version).steps)
        world = Live(now)
        courses = advance(plan, [who for who in people if who.contact not in leaving], world)
        _write(journey, courses, world.effects, now)
    return sum(map(len, rows.values()))


def leave(journey: Journey, runs: QuerySet[JourneyRun], *, now: datetime) -> int:
    """Let those of these people leave who are to; gives how many were looked at."""
    people = [Traveller(*told) for told in runs.values_list(*_ROW)]
    for some in in_pieces(people, BATCH):
        _let_leave(journey, some, now)
    return len(people)


def _let_leave(journey: Journey, people: list[Traveller], now: datetime) -> Leaving:
    leaving = who_leaves(journey, people)
    for state, because in set(leaving.values()):
        some = {who.run: who.contact for who in people if leaving.get(who.contact) == (state, because)}
        let_go(journey, some, state, because, now=now)
    return leaving


def who_leaves(journey: Journey, people: Iterable[Traveller]) -> Leaving:
    """Those who are to leave the journey now, by contact."""
    contacts = among({who.contact for who in people})
    live = set(Contact.objects.live().filter(pk__in=contacts).values_list("pk", flat=True))
    leaving: Leaving = {who.contact: (State.LEFT, _("was put away")) for who in people if who.contact not in live}
    if journey.leaves_with_segment:
        still_in = _members(journey.segment_id, contacts)
        by_segment = set(
            under_way(journey).filter(contact__in=contacts, stay__isnull=False).values_list("contact_id", flat=True)
        )
        leaving |= {pk: (State.LEFT, _("is no longer in %(segment)s") % {"segment": journey.segment})
                    for pk in by_segment - still_in}  # fmt: skip
    if journey.stop_id:
        stops = _members(journey.stop_id, contacts)
        leaving |= {pk: (State.LEFT, _("is in %(segment)s") % {"segment": journey.stop}) for pk in stops}
    if journey.goal_id:
        reached = _members(journey.goal_id, contacts)
        leaving |= {pk: (State.GOAL, _("is in %(segment)s") % {"segment": journey.goal}) for pk in reached}
    return leaving


def _members(segment: int, contacts: RawSQL) -> set[int]:
    stays = SegmentMember.objects.filter(segment=segment, left_at=None, contact__in=contacts)
    return set(stays.values_list("contact_id", flat=True))


def let_go(journey: Journey, people: Mapping[int, int], state: str, because: str, *, now: datetime) -> None:
    """End ways for one reason, contacts by run; what of the journey's mail has not gone out to them does not."""
    with write_turn(), transaction.atomic():
        runs = under_way(journey).filter(pk__in=among(people))
        ended = runs.update(state=state, because=because[:MAX_BECAUSE], ended_at=now, due_at=None)
        add_counts(journey, {("", state): ended})
        for email in journey.emails.filter(started_at__isnull=False):
            ledger.withdraw(email.message, people.values(), reason="left_journey")


def _write(journey: Journey, courses: list[Course], effects: Effects, now: datetime) -> None:
    """Write where everybody stands now, what they passed, and what their steps do; all of it or nothing."""
    if not courses:
        return
    with write_turn(), transaction.atomic():
        if not Journey.objects.select_for_update().get(pk=journey.pk).is_moving:
            return
        stand = {
            (pk, step, passed)
            for pk, step, passed in under_way(journey)
            .select_for_update()
            .filter(pk__in=among(course.who.run for course in courses))
            .values_list("pk", "step", "passed")
        }
        moved = [one for one in courses if (one.who.run, one.who.step, one.who.passed) in stand]
        _write_passages(journey, moved)
        _write_places(moved, now)
        do(journey, effects, {one.who.run for one in moved}, now)


def _write_passages(journey: Journey, moved: list[Course]) -> None:
    columns, at = ["run", "place", "step", "arrived_at", "passed_at", "way", "because"], lru_cache(moment)
    insert_rows(
        JourneyPassage,
        columns,
        (
            (one.who.run, one.who.passed + n, it.step, at(it.arrived_at), at(it.passed_at), it.way,
             it.because[:MAX_BECAUSE])
            for one in moved
            for n, it in enumerate(one.passages)
        ),
    )  # fmt: skip
    passed = Counter((it.step, it.way) for one in moved for it in one.passages)
    add_counts(journey, passed + Counter(("", str(State.FINISHED)) for one in moved if not one.step))


def add_counts(journey: Journey, more: Mapping[tuple[str, str], int]) -> None:
    """Add to how many have passed each step each way; step "" counts ways by how they began and ended."""
    for (step, way), people in more.items():
        JourneyCount.objects.get_or_create(journey=journey, step=step, way=way)
        JourneyCount.objects.filter(journey=journey, step=step, way=way).update(people=F("people") + people)


def _write_places(moved: list[Course], now: datetime) -> None:
    """Where they stand; executemany, for each has a moment of their own."""
    at = lru_cache(moment)  # most of a batch came and go at the same moments
    rows = [
        (State.UNDER_WAY if one.step else State.FINISHED, one.step, one.place, at(one.arrived_at),
         one.due_at and at(one.due_at), None if one.step else at(now), one.who.run)
        for one in moved
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE marketing_journeyrun SET state = %s, step = %s, passed = %s, arrived_at = %s, due_at = %s,"
            " ended_at = %s WHERE id = %s",
            rows,
        )
