"""The verbs of A/B tests: save and drop one on a draft, judge it in time, choose the winner, let the rest go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.marketing.email.models import Broadcast
from baton.marketing.trials.mails import faults_of
from baton.marketing.trials.models import OF_VARIANT, SET_UP, Trial, TrialVariant, trial_of
from baton.marketing.trials.reads import tallies
from baton.marketing.trials.rules import FIRST, LETTERS, REST, released_at
from baton.marketing.trials.statistics import Judgement, judge
from baton.people.deliveries.models import Delivery
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.db import write_turn
from baton.platform.errors import Refusal
from baton.platform.jobs.models import Job
from baton.platform.notifications.actions import notify

State = Delivery.State
UNDER_WAY = [Broadcast.State.SENDING, Broadcast.State.PAUSED]
OF_JOURNEY = gettext_lazy("An email of a journey has no A/B test: people reach it one by one. Nothing was saved.")


class CannotTest(Refusal):
    """The A/B test may not be changed or decided so."""


@transaction.atomic
def save_trial(
    broadcast: Broadcast,
    values: Mapping[str, Any],
    variants: Mapping[str, Mapping[str, Any]],
    *,
    actor: User,
    now: datetime,
) -> Trial:
    """Make or change the A/B test of a draft; `variants` by letter are all there will be.

    Raises CannotTest: the email is no draft or of a journey, there is nothing to compare and nobody held out, a variant
    is as the email is, or lacks what the law asks.
    """
    held = _draft(broadcast)
    if held.is_of_journey:
        raise CannotTest(OF_JOURNEY)
    if not variants and not values["held_percent"]:
        raise CannotTest(_("Give variant B something of its own, or hold out a share. Nothing was saved."))
    trial, _made = Trial.objects.update_or_create(broadcast=held, defaults=dict(values))
    trial.variants.all().delete()
    TrialVariant.objects.bulk_create(TrialVariant(trial=trial, letter=one, **own) for one, own in variants.items())
    if wrong := faults_of(trial, held):
        raise CannotTest(" ".join(wrong))
    _touch(held, now)
    journal.record("trial.saved", held, actor=actor, letters=FIRST + "".join(sorted(variants)), **values)
    return trial


def copy_trial(broadcast: Broadcast, to: Broadcast) -> Trial | None:
    """Give a draft the A/B test of another email as it was set up, with lots of its own; None where there is none.

    Nothing of the figures or of what was decided comes along.
    """
    trial = trial_of(broadcast)
    if trial is None:
        return None
    made = Trial.objects.create(broadcast=to, **{name: getattr(trial, name) for name in SET_UP})
    TrialVariant.objects.bulk_create(
        TrialVariant(trial=made, **{name: getattr(variant, name) for name in OF_VARIANT})
        for variant in trial.variants.all()
    )
    return made


@transaction.atomic
def drop_trial(broadcast: Broadcast, *, actor: User, now: datetime) -> bool:
    """Take the A/B test off a draft; the email goes out to all as it is. False where there is none."""
    held = _draft(broadcast)
    if not Trial.objects.filter(broadcast=held).delete()[0]:
        return False
    _touch(held, now)
    journal.record("trial.dropped", held, actor=actor)
    return True


def _draft(broadcast: Broadcast) -> Broadcast:
    held = Broadcast.objects.select_for_update().get(pk=broadcast.pk)
    if not held.is_draft:
        raise CannotTest(_("This email is on its way; its A/B test cannot be changed. Nothing was saved."))
    return held


def _touch(broadcast: Broadcast, now: datetime) -> None:
    """Who is about to send the email as it was has to look once more."""
    Broadcast.objects.filter(pk=broadcast.pk).update(changed_at=now)


def judge_due(job: Job) -> None:
    """Job, every minute: read the figures of the tests whose time has come. Each is judged once, whoever asks."""
    now = timezone.now()
    states = [Broadcast.State.SENDING, Broadcast.State.SENT]
    waiting = Trial.objects.filter(judged_at=None, decided_at=None, started_at__isnull=False)
    for trial in waiting.filter(broadcast__state__in=states).select_related("broadcast").prefetch_related("variants"):
        if is_due(trial, now):
            judge_trial(trial, now=now)


def is_due(trial: Trial, now: datetime) -> bool:
    """Whether each tested mail has gone out and the waiting time since the last of them is over."""
    earliest = trial.first_judged_at
    if earliest is None or earliest > now or len(trial.letters) < 2:
        return False
    tested = trial.broadcast.message.rows().filter(variant__in=list(trial.letters)).order_by()
    if tested.filter(state__in=[State.QUEUED, State.CLAIMED, State.WAITING]).exists():
        return False
    # What a server put off and took later is not waited for: its tries go on for two days.
    last = tested.filter(attempts__lte=1).aggregate(at=Max("handed_at"))["at"]
    return last is None or last + trial.wait <= now


def judge_trial(trial: Trial, *, now: datetime) -> Trial:
    """Read the figures and do what was set: the winner to the rest, or leave it to a person. A repeat does nothing."""
    judged = judge(tallies(trial, now))
    if judged.is_clear:
        return _decide(trial, judged.leader, Trial.Verdict.CLEAR, judged, now=now)
    if trial.if_unclear == Trial.Unclear.LEADER:
        return _decide(trial, judged.leader, Trial.Verdict.LEADER, judged, now=now)
    with transaction.atomic():
        told = {"judged_at": now, "verdict": Trial.Verdict.UNCLEAR}
        if Trial.objects.filter(pk=trial.pk, judged_at=None, decided_at=None).update(**told):
            journal.record("trial.unclear", trial.broadcast, actor=None, **_facts(judged))
            _tell_owner(trial)
    trial.refresh_from_db()
    return trial


def choose_winner(trial: Trial, letter: str, *, actor: User, now: datetime) -> Trial:
    """A person decides, before the time is over or against the figures; who has not been mailed yet gets `letter`.

    Raises CannotTest where there is no such variant, the email is not under way, or everyone has had theirs.
    """
    if letter not in trial.letters:
        raise CannotTest(_("There is no such variant. Nothing was changed."))
    if trial.winner == letter:
        return trial
    return _decide(trial, letter, Trial.Verdict.PERSON, None, now=now, actor=actor)


def _decide(
    trial: Trial, letter: str, verdict: str, judged: Judgement | None, *, now: datetime, actor: User | None = None
) -> Trial:
    """Write down the winner and let the rest go, in one transaction: killed before, it is done again; after, not."""
    with write_turn(), transaction.atomic():
        held = Trial.objects.select_for_update().get(pk=trial.pk)
        broadcast = Broadcast.objects.select_for_update().get(pk=trial.broadcast_id)
        if actor is None and held.decided_at:
            return held
        released = _let_go(held, broadcast, letter, now)
        if actor and (broadcast.state not in UNDER_WAY or not released):
            raise CannotTest(_("Everyone has had their mail; there is nobody left to choose for."))
        held.winner, held.verdict, held.decided_at, held.decided_by = letter, verdict, now, actor
        held.judged_at = held.judged_at or now
        held.save()
        facts = _facts(judged) if judged else {}
        journal.record(
            "trial.decided", broadcast, actor=actor, winner=letter, verdict=verdict, people=released, **facts
        )
        if broadcast.state == Broadcast.State.SENDING:
            jobs.enqueue("email.send_batch", email_id=broadcast.pk)
    trial.refresh_from_db()
    return trial


def _let_go(trial: Trial, broadcast: Broadcast, letter: str, now: datetime) -> int:
    """The rest waits no longer, and those already let go who are not in hand change over; gives how many."""
    variants = {variant.letter: variant.hours_later for variant in trial.variants.all()}
    assert trial.started_at
    is_hour_tested = any(variants.values())
    at = released_at(trial.started_at, variants.get(letter, 0), now, is_hour_tested=is_hour_tested)
    rest = broadcast.message.rows().filter(
        variant__in=[REST, *LETTERS.lower()], state__in=[State.QUEUED, State.WAITING]
    )
    begins = {"state": State.WAITING, "next_at": at} if at > now else {"state": State.QUEUED, "next_at": None}
    return rest.update(variant=letter.lower(), **begins)


def _facts(judged: Judgement) -> dict[str, Any]:
    return {"leader": judged.leader, "chances": dict(judged.chances)}


def _tell_owner(trial: Trial) -> None:
    owner = trial.broadcast.owner
    if owner is None:
        return
    text = _("The A/B test of “%(email)s” shows no certain winner. The rest waits for you to choose.")
    url = reverse("ab_test", kwargs={"email_id": trial.broadcast.pk})
    notify(owner, "trial.unclear", text % {"email": trial.broadcast.name}, url=url, key=f"trial:{trial.pk}")


def seconds_to_wait(broadcast: Broadcast, now: datetime) -> float | None:
    """How long until the rest of an email may be let go; None where nobody waits for that."""
    trial = trial_of(broadcast)
    if trial is None or not trial.is_open:
        return None
    at = trial.first_judged_at or now
    return max(60.0, (at - now).total_seconds())
