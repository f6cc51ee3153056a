"""What the pages of journeys show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from baton.marketing.email.models import Broadcast
from baton.marketing.journeys import rules
from baton.marketing.journeys.entering import may_begin
from baton.marketing.journeys.models import Journey, JourneyCount, JourneyRun, JourneyVersion
from baton.marketing.journeys.moving import BEGAN, under_way
from baton.marketing.journeys.words import KINDS, Called, say
from baton.marketing.segments.models import ContactList, SegmentMember
from baton.marketing.segments.reads import names
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User

State = JourneyRun.State


@dataclass(frozen=True)
class Figures:
    """How many ever began, and what became of them."""

    began: int = 0
    finished: int = 0
    goal: int = 0
    left: int = 0

    @property
    def under_way(self) -> int:
        return self.began - self.finished - self.goal - self.left

    @property
    def goal_share(self) -> float | None:
        """Of those who have ended it, which share reached the goal; None while nobody has."""
        ended = self.finished + self.goal + self.left
        return self.goal / ended if ended else None


def overview() -> list[tuple[Journey, Figures]]:
    """Every journey with its figures, those that run first, then the newest."""
    journeys = list(Journey.objects.live().select_related("segment", "owner"))
    figures = _figures(JourneyCount.objects.filter(journey__in=journeys))
    going = [Journey.State.RUNNING, Journey.State.PAUSED]
    journeys.sort(key=lambda one: (one.state not in going, one.is_over, -one.pk))
    return [(one, figures.get(one.pk, Figures())) for one in journeys]


def figures(journey: Journey) -> Figures:
    return _figures(journey.counts.all()).get(journey.pk, Figures())


def _figures(counts: QuerySet[JourneyCount]) -> dict[int, Figures]:
    told: dict[int, dict[str, int]] = defaultdict(dict)
    for journey, way, people in counts.filter(step="").values_list("journey_id", "way", "people"):
        told[journey][way] = people
    return {
        pk: Figures(ways.get(BEGAN, 0), ways.get(State.FINISHED, 0), ways.get(State.GOAL, 0), ways.get(State.LEFT, 0))
        for pk, ways in told.items()
    }


def called(journey: Journey) -> Called:
    """What the things that a journey's steps speak of are called."""
    return Called(
        emails=dict(Broadcast.objects.live().filter(journey=journey).values_list("pk", "name")),
        lists=dict(ContactList.objects.live().values_list("pk", "name")),
        users=dict(User.objects.values_list("pk", "name")),
        names=names(),
    )


@dataclass(frozen=True)
class Shown:
    """A step as the page draws it; `ways` are the steps on each way out of it."""

    step: rules.Step
    said: str
    email: Broadcast | None
    standing: int
    passed: dict[str, int]
    ways: dict[str, list[Shown]]
    is_new: bool

    @property
    def total(self) -> int:
        return sum(self.passed.values())


def flow(journey: Journey, steps: rules.Steps, published: JourneyVersion | None) -> list[Shown]:
    """Steps with how many stand at each and have passed it, by which way. `is_new`: not in the published version."""
    stands = dict(under_way(journey).order_by().values_list("step").annotate(n=Count("pk")))
    passed: dict[str, dict[str, int]] = defaultdict(dict)
    for step, way, people in journey.counts.exclude(step="").values_list("step", "way", "people"):
        passed[step][way] = people
    there = journey.emails.filter(deleted_at=None).in_bulk()
    old = {step["id"]: rules.alone(step) for step, _depth in rules.walk(published.steps)} if published else None
    words = called(journey)

    def shown(row: rules.Steps) -> list[Shown]:
        return [
            Shown(
                step, say(step, words), there.get(step.get("email") or 0), stands.get(step["id"], 0),
                passed[step["id"]], {way: shown(step[way]) for way in rules.WAYS.get(step["kind"], ())},
                old is not None and old.get(step["id"]) != rules.alone(step),
            )
            for step in row
        ]  # fmt: skip

    return shown(steps)


def versions(journey: Journey) -> list[JourneyVersion]:
    """Its versions, the newest first, each with how many are under way by it as `people`."""
    stands = dict(under_way(journey).order_by().values_list("version").annotate(n=Count("pk")))
    found = list(journey.versions.select_related("published_by"))
    for one in found:
        one.people = stands.get(one.pk, 0)  # type: ignore[attr-defined]
    return found


def runs(journey: Journey, user: User, *, state: str = "", step: str = "") -> QuerySet[JourneyRun]:
    """Ways through a journey of contacts whom the user may see."""
    found = JourneyRun.objects.filter(journey=journey, contact__in=Contact.objects.visible_to(user))
    if state:
        found = found.filter(state=state)
    return found.filter(state=State.UNDER_WAY, step=step) if step else found


def standing(run: JourneyRun) -> str:
    """Where somebody stands, in a word or two."""
    step = run.stands_at
    return str(KINDS[step["kind"]]) if step else ""


def step_said(journey: Journey, pk: str) -> str:
    """A step in words, as it is or was in any version; "" where none has it."""
    for steps in [journey.steps, *journey.versions.values_list("steps", flat=True)]:
        if step := rules.found(steps, pk):
            return say(step, called(journey))
    return ""


@dataclass(frozen=True)
class Told:
    """A step of somebody's way, in words: one that was passed, or where they stand."""

    said: str
    kind: str
    arrived_at: datetime
    passed_at: datetime | None
    way: str
    because: str


def way_of(run: JourneyRun) -> list[Told]:
    """Somebody's way step by step; last where they stand now."""
    steps, words = rules.plan_of(run.version.steps).steps, called(run.journey)
    told = [
        Told(say(steps[it.step], words), steps[it.step]["kind"], it.arrived_at, it.passed_at, it.way, it.because)
        if it.step in steps
        else Told(_("A step of an earlier version"), rules.END, it.arrived_at, it.passed_at, it.way, it.because)
        for it in run.passages.all()
    ]
    if run.state == State.UNDER_WAY and run.step in steps:
        told.append(
            Told(say(steps[run.step], words), steps[run.step]["kind"], run.arrived_at, None, "", _waits(run, steps))
        )
    return told


def _waits(run: JourneyRun, steps: dict[str, rules.Step]) -> str:
    """Why somebody stands where they stand, when it is not only the clock."""
    if run.journey.state == Journey.State.PAUSED:
        return _("the journey is paused")
    step = steps[run.step]
    if step["kind"] != rules.EMAIL:
        return ""
    email = Broadcast.objects.filter(pk=step["email"]).first()
    if email is not None and email.state == Broadcast.State.LIVE:
        return _("the mail is on its way")
    return _("its email is %(state)s") % {"state": email.get_state_display().lower()} if email else ""


def why_not(journey: Journey, contact: Contact, *, now: datetime) -> str:
    """Why a contact without a way in this journey has none."""
    if not SegmentMember.objects.filter(segment=journey.segment_id, contact=contact, left_at=None).exists():
        return _("Is not in %(segment)s, with which it begins.") % {"segment": journey.segment}
    if journey.started_at is None:
        return (
            _("The journey has not started yet; it would begin then.")
            if journey.takes_members
            else _("Was in the segment before the start; only who enters afterwards begins.")
        )
    stops = [one for one in (journey.goal, journey.stop) if one]
    there = (
        SegmentMember.objects.filter(segment__in=stops, contact=contact, left_at=None).select_related("segment").first()
    )
    if there:
        return _("Is in %(segment)s already.") % {"segment": there.segment}
    if not may_begin(journey, [contact.pk], now=now):
        return _("May not begin: the contact is put away.")
    stay = SegmentMember.objects.get(segment=journey.segment_id, contact=contact, left_at=None)
    if stay.entered_at < journey.started_at and not journey.takes_members:
        return _("Was in the segment before the start; only who enters afterwards begins.")
    return _("Begins within seconds.") if journey.takes_people else _("Nobody begins: the journey is not running.")


def journeys_panel(user: User, contact: Contact) -> tuple[str, dict[str, Any]] | None:
    """Panel on a contact: the journeys they are in and were in, the newest first."""
    if not user.may("marketing.view"):
        return None
    runs = JourneyRun.objects.filter(contact=contact, journey__deleted_at=None).select_related("journey", "version")
    found = [(run, standing(run)) for run in runs.order_by("-began_at")[:8]]
    return ("marketing/journeys/_of_contact.html", {"runs": found}) if found else None
