"""The verbs of journeys: write, start, publish anew, pause, resume, close, end, put in, take out, put away."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from baton.marketing.email import actions as emails
from baton.marketing.email.models import Broadcast
from baton.marketing.journeys import checks, rules
from baton.marketing.journeys.entering import begin
from baton.marketing.journeys.models import Journey, JourneyRun, JourneyVersion
from baton.marketing.journeys.moving import let_go, under_way
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.pieces import in_pieces

State = Journey.State
BATCH = 2_000


class CannotRun(Refusal):
    """The journey may not run as it is; the sentence says all that stands in the way."""


class IsOver(Refusal):
    """The journey is not in the state for this."""


@transaction.atomic
def save_journey(
    journey: Journey, values: dict[str, Any], *, actor: User, now: datetime, seen_revision: int | None = None
) -> Journey:
    """Create or change what a journey begins and ends with. Raises ChangedMeanwhile."""
    before = {name: getattr(journey, name) for name in values} if journey.pk else {}
    if journey.pk:
        journey.claim_revision(seen_revision)
    for name, value in values.items():
        setattr(journey, name, value)
    journey.changed_at, journey.owner = now, journey.owner or actor
    journey.save()
    if before != values:
        journal.record("journey.saved", journey, actor=actor, before=before, after=values)
    return journey


@transaction.atomic
def change_steps(journey: Journey, steps: rules.Steps, *, actor: User) -> Journey:
    """Change the steps that are being edited; whoever is under way goes by a published version. The same steps again
    are no change. Raises ChangedMeanwhile, IsOver.
    """
    if steps == journey.steps:
        return journey
    if journey.is_over:
        raise IsOver(_("This journey has ended; copy it to go on with its steps. Nothing was changed."))
    before = journey.steps
    journey.claim_revision()
    journey.steps = steps
    journey.save(update_fields=["steps"])
    journal.record("journey.steps_changed", journey, actor=actor, before={"steps": before}, after={"steps": steps})
    return journey


@transaction.atomic
def write_email(journey: Journey, step: str, values: dict[str, Any], *, actor: User, now: datetime) -> Broadcast:
    """A draft of the journey for one of its steps. Raises ChangedMeanwhile, IsOver."""
    told = rules.found(journey.steps, step)
    if told is None:
        raise IsOver(_("The step is gone; nothing was written."))
    values |= {"name": _("%(journey)s, email %(n)s") % {"journey": journey, "n": journey.emails.count() + 1}}
    draft = Broadcast(journey=journey, campaign=journey.campaign)
    email = emails.save_email(draft, values, [], actor=actor, now=now)
    change_steps(journey, rules.put_instead(journey.steps, {**told, "email": email.pk}), actor=actor)
    return email


def start(journey: Journey, *, actor: User, now: datetime) -> Journey:
    """Publish the steps, set the emails live and let people begin. A repeat changes nothing.

    Raises CannotRun with all that stands in the way; it asks the DNS for the emails, so it is no transaction.
    """
    if journey.state != State.DRAFT:
        return journey
    _check(journey, now)
    with transaction.atomic():
        held = _held(journey, [State.DRAFT])
        held.state, held.started_at, held.looked_at = State.RUNNING, now, now
        held.taken_to = 0 if held.takes_members else None
        held.save(update_fields=["state", "started_at", "looked_at", "taken_to"])
        _publish(held, actor=actor, now=now)
        journal.record("journey.started", held, actor=actor)
    return held


def publish(journey: Journey, *, moves: bool, actor: User, now: datetime) -> JourneyVersion:
    """Make the edited steps a new version, by which all go who begin from now on.

    Who is under way finishes the version they began; with `moves` those go over to the new one whose step is still in
    it, and their waits are reckoned anew from when they came there. The same steps again are no new version.
    Raises CannotRun, IsOver.
    """
    last = journey.published
    if last and last.steps == journey.steps:
        return last
    _check(journey, now)
    with transaction.atomic():
        held = _held(journey, [State.RUNNING, State.PAUSED])
        before = list(held.versions.all())
        made = _publish(held, actor=actor, now=now)
        if moves:
            _move_over(held, before, made, now)
        journal.record("journey.published", held, actor=actor, version=made.number, moves=moves)
    return made


def _check(journey: Journey, now: datetime) -> None:
    if faults := checks.faults(journey, now):
        raise CannotRun(" ".join(fault.what for fault in faults))


def _publish(journey: Journey, *, actor: User, now: datetime) -> JourneyVersion:
    last = journey.versions.aggregate(n=Max("number"))["n"] or 0
    made = JourneyVersion.objects.create(
        journey=journey, number=last + 1, steps=journey.steps, published_at=now, published_by=actor
    )
    for email in checks.emails_of(journey):
        if email.is_draft:
            emails.go_live(email, actor=actor, now=now)
    if journey.state == State.PAUSED:
        _rest_emails(journey, actor, now)
    return made


def _rest_emails(journey: Journey, actor: User | None, now: datetime) -> None:
    for email in journey.emails.filter(state=Broadcast.State.LIVE):
        emails.pause_email(email, actor=actor, now=now, because=_("Its journey is paused."))


def _move_over(journey: Journey, before: list[JourneyVersion], made: JourneyVersion, now: datetime) -> None:
    """Pin to a new version who stands on one of its steps; the clock's people are looked at at once, and stay where
    they are if their wait is not over.
    """
    kinds = {pk: step["kind"] for pk, step in rules.plan_of(made.steps).steps.items()}
    for version in before:
        olds = rules.plan_of(version.steps).steps
        alike = [pk for pk, step in olds.items() if kinds.get(pk) == step["kind"]]
        runs = under_way(journey).filter(version=version, step__in=alike)
        runs.filter(due_at__isnull=False).update(version=made, due_at=now)
        runs.update(version=made)  # and who waits for no clock


@transaction.atomic
def pause(journey: Journey, *, actor: User | None, now: datetime) -> bool:
    """Everybody holds where they are: nobody begins, moves or is mailed. False when it was not running."""
    if not Journey.objects.filter(pk=journey.pk, state=State.RUNNING).update(state=State.PAUSED):
        return False
    _rest_emails(journey, actor, now)
    journal.record("journey.paused", journey, actor=actor)
    journey.refresh_from_db()
    return True


def resume(journey: Journey, *, actor: User, now: datetime, late_days: int | None = None) -> bool:
    """Everybody goes on; whose time came meanwhile is moved at once. Who entered the segment meanwhile begins.

    With `late_days` those who are overdue by more than that leave instead. False when it was not paused.
    """
    if late_days is not None and journey.state == State.PAUSED:  # before it goes on: so long nobody is moved
        late = under_way(journey).filter(due_at__lt=now - timedelta(days=late_days))
        _put_out(journey, late, _("was more than %(n)s days late after a pause") % {"n": late_days}, now)
    with transaction.atomic():
        if not Journey.objects.filter(pk=journey.pk, state=State.PAUSED).update(state=State.RUNNING):
            return False
        journey.refresh_from_db()
        for email in journey.emails.filter(state=Broadcast.State.PAUSED):
            emails.resume_email(email, actor=actor, now=now)
        journal.record("journey.resumed", journey, actor=actor, late_days=late_days)
    return True


@transaction.atomic
def close(journey: Journey, *, actor: User, now: datetime) -> bool:
    """Nobody begins any more; who is under way finishes, then it ends by itself. False when it was not running."""
    open_ones = Journey.objects.filter(pk=journey.pk, state__in=[State.RUNNING, State.PAUSED], closed_at=None)
    moved = open_ones.update(closed_at=now)
    if moved:
        journal.record("journey.closed", journey, actor=actor)
        journey.refresh_from_db()
    return bool(moved)


def end(journey: Journey, *, actor: User | None, now: datetime) -> bool:
    """Stop for good: who is under way leaves, of many the rest by a worker; mails that have not gone out do not.

    False when it was not started.
    """
    with transaction.atomic():
        going = [State.RUNNING, State.PAUSED]
        if not Journey.objects.filter(pk=journey.pk, state__in=going).update(state=State.ENDED, ended_at=now):
            return False
        for email in journey.emails.all():
            emails.retire(email, actor=actor, now=now)
        journal.record("journey.ended", journey, actor=actor)
    journey.refresh_from_db()
    put_out_ended(journey, now=now)
    return True


def put_out_ended(journey: Journey, *, now: datetime) -> int:
    """Let some of those leave who are under way in a journey that has ended; gives how many."""
    some = under_way(journey).order_by("pk")[:BATCH]
    _put_out(journey, some, _("the journey was ended"), now)
    return len(some)


def _put_out(journey: Journey, runs: QuerySet[JourneyRun], because: str, now: datetime) -> None:
    for some in in_pieces(list(runs.values_list("pk", "contact_id")), BATCH):
        let_go(journey, dict(some), JourneyRun.State.LEFT, because, now=now)


def put_in(journey: Journey, contacts: Iterable[int], *, actor: User, now: datetime) -> int:
    """Let contacts begin by hand, whether or not they are in the segment; gives how many may. Raises IsOver."""
    if not journey.takes_people:
        raise IsOver(_("Nobody can begin: the journey is not running, or takes nobody any more."))
    chosen = list(contacts)
    begun = begin(journey, [(None, pk) for pk in chosen], now=now)
    if begun:
        journal.record("journey.put_in", journey, actor=actor, contacts=chosen)
    return begun


def take_out(run: JourneyRun, *, actor: User, now: datetime) -> bool:
    """Take a person out of a journey by hand. False when they are not under way any more."""
    if run.state != JourneyRun.State.UNDER_WAY:
        return False
    _put_out(run.journey, under_way(run.journey).filter(pk=run.pk), _("was taken out by %(who)s") % {"who": actor}, now)
    journal.record("journey.taken_out", run.journey, actor=actor, contact=run.contact_id)
    return True


@transaction.atomic
def copy(journey: Journey, *, actor: User, now: datetime) -> Journey:
    """A new draft with the same settings and steps, and emails of its own with the same words."""
    names = ["campaign", "segment", "takes_members", "again_days", "goal", "stop", "leaves_with_segment"]
    kept = {name: getattr(journey, name) for name in names}
    name = (_("Copy of %(name)s") % {"name": journey.name})[:200]
    steps = deepcopy(journey.steps)
    made = Journey(name=name, owner=actor, created_at=now, changed_at=now, steps=steps, **kept)
    made.save()
    for step in rules.plan_of(made.steps).of_kind(rules.EMAIL):
        if email := Broadcast.objects.live().filter(pk=step["email"] or 0).first():
            words = emails.copy_email(email, actor=actor, now=now)
            words.name, words.journey = email.name, made
            words.save(update_fields=["name", "journey"])
            step["email"] = words.pk
    made.save(update_fields=["steps"])
    journal.record("journey.copied", made, actor=actor, of=journey)
    return made


@transaction.atomic
def put_away(journey: Journey, *, actor: User, now: datetime) -> Journey:
    """Put a draft or an ended journey away, with its emails that never went out. Raises IsOver for one that goes on."""
    if journey.state not in (State.DRAFT, State.ENDED):
        raise IsOver(_("End it first: people are under way. Nothing was changed."))
    Journey.objects.filter(pk=journey.pk, deleted_at=None).update(deleted_at=now)
    journey.emails.filter(started_at=None).update(deleted_at=now)
    journal.record("journey.binned", journey, actor=actor)
    return journey


def restore(journey: Journey, *, actor: User) -> Journey:
    """Bring a journey back, with its emails."""
    with transaction.atomic():
        emails_put_away = journey.emails.filter(deleted_at=journey.deleted_at)
        emails_put_away.update(deleted_at=None)
        Journey.objects.filter(pk=journey.pk).update(deleted_at=None)
        journal.record("journey.restored", journey, actor=actor)
    journey.refresh_from_db()
    return journey


def _held(journey: Journey, states: list[str]) -> Journey:
    held = Journey.objects.select_for_update().get(pk=journey.pk)
    if held.state not in states:
        raise IsOver(_("It is %(state)s now. Nothing was changed.") % {"state": held.get_state_display().lower()})
    if held.revision != journey.revision:
        raise CannotRun(_("Somebody has just changed it. Look at it once more; nothing was done."))
    return held
