"""The verbs of emails: save, send now or later, go live and be taken back, pause, resume, cancel, send a test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.marketing.drafting.versions import keep_version
from baton.marketing.email import mailing
from baton.marketing.email.models import Broadcast
from baton.marketing.pacing.models import Throttle
from baton.marketing.preflight.look import begin_look
from baton.marketing.preflight.reads import what_blocks
from baton.marketing.segments.actions import save_segment
from baton.marketing.segments.models import Segment
from baton.marketing.trials.actions import copy_trial
from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import cancel_rest
from baton.people.deliveries.rules import first_on_clocks
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.mail.smtp import HANDED, Envelope
from baton.platform.mail.splice import Body, Encoded, Mould, address
from baton.platform.mail.transport import open_transport

State = Broadcast.State
CHANGED_MEANWHILE = gettext_lazy("Somebody has just changed it. Look at it once more; nothing was sent.")


class CannotSend(Refusal):
    """The email may not go out as it is, or not from the state it is in."""


@transaction.atomic
def save_email(
    broadcast: Broadcast,
    values: dict[str, Any],
    segments: list[Segment],
    *,
    actor: User,
    now: datetime,
    seen_revision: int | None = None,
) -> Broadcast:
    """Create or change a draft, keep the version, and have its segments counted anew.

    Raises CannotSend for one that is on its way, ChangedMeanwhile when it is no longer at `seen_revision`.
    """
    if broadcast.pk:
        stored = Broadcast.objects.select_for_update().get(pk=broadcast.pk)
        if not stored.is_draft:
            raise CannotSend(_("This email is on its way and cannot be changed. Nothing was saved."))
        broadcast = stored
        broadcast.claim_revision(seen_revision)
        if not broadcast.versions.exists():  # written before versions were kept, or made by a program
            keep_version(broadcast, actor=broadcast.owner, now=broadcast.created_at)
    for name, value in values.items():
        setattr(broadcast, name, value)
    broadcast.changed_at, broadcast.owner = now, broadcast.owner or actor
    broadcast.save()
    broadcast.segments.set(segments)
    keep_version(broadcast, actor=actor, now=now)
    for segment in segments:
        jobs.enqueue("segment.refresh", segment_id=segment.pk)
    begin_look(broadcast, now=now)
    journal.record("email.saved", broadcast, actor=actor)
    return broadcast


def send_email(
    broadcast: Broadcast, *, at: datetime | None, actor: User, now: datetime, wall_clock: datetime | None = None
) -> Broadcast:
    """Send a draft at `at` (None: now), or to each person when their own clock shows `wall_clock`.

    Raises CannotSend with all that stands in the way (preflight, which may ask the DNS), and for one of a journey; a
    repeat changes nothing.
    """
    checked = Broadcast.objects.get(pk=broadcast.pk)
    if checked.is_of_journey:
        raise CannotSend(_("It is sent by its journey."))
    if checked.is_draft and (blocks := what_blocks(checked, now)):
        raise CannotSend(" ".join(block.what for block in blocks))
    return _schedule(checked, at=at, actor=actor, now=now, wall_clock=wall_clock)


@transaction.atomic
def _schedule(
    checked: Broadcast, *, at: datetime | None, actor: User, now: datetime, wall_clock: datetime | None
) -> Broadcast:
    held = Broadcast.objects.select_for_update().get(pk=checked.pk)
    if held.state in (State.SCHEDULED, State.SENDING):
        return held
    if not held.is_draft:
        raise CannotSend(_("Only a draft can be sent."))
    if held.changed_at != checked.changed_at:
        raise CannotSend(CHANGED_MEANWHILE)
    held.state, held.wall_clock = State.SCHEDULED, wall_clock
    held.send_at = max(now, first_on_clocks(wall_clock)) if wall_clock else at or now
    held.save()
    jobs.enqueue("email.fill", run_at=held.send_at, email_id=held.pk)
    journal.record("email.scheduled", held, actor=actor, at=held.send_at.isoformat())
    return held


def blocks_live(broadcast: Broadcast, now: datetime) -> list[str]:
    """All that keeps an email of a journey from going live, in sentences. Asks the DNS: call it outside a transaction.

    Nothing keeps back what is on its way already.
    """
    return [block.what for block in what_blocks(broadcast, now)] if broadcast.is_draft else []


@transaction.atomic
def go_live(broadcast: Broadcast, *, actor: User, now: datetime) -> Broadcast:
    """Let a draft go out to whom its journey puts on its ledger, those who wait there first.

    Ask `blocks_live` of this very `broadcast` before. One that is live or paused stays so. Raises CannotSend: it is of
    no journey, it is over, or it was changed since `broadcast` was read.
    """
    held = Broadcast.objects.select_for_update().get(pk=broadcast.pk)
    if not held.is_of_journey:
        raise CannotSend(_("It belongs to no journey. Nothing was changed."))
    if held.state in (State.LIVE, State.PAUSED):
        return held
    if not held.is_draft:
        raise CannotSend(_("Only a draft can go live."))
    if held.changed_at != broadcast.changed_at:
        raise CannotSend(CHANGED_MEANWHILE)
    held.state = State.LIVE
    held.started_at, held.filled_at = held.started_at or now, held.filled_at or now
    held.save()
    jobs.enqueue("email.send_batch", email_id=held.pk)
    journal.record("email.live", held, actor=actor)
    return held


def take_back(broadcast: Broadcast, *, actor: User, now: datetime) -> bool:
    """Make a live email of a journey a draft again, to be changed; who is on its ledger waits meanwhile.

    False when it was neither live nor paused.
    """
    broadcast.refresh_from_db()
    return broadcast.is_of_journey and _move(
        broadcast, [State.LIVE, State.PAUSED], State.DRAFT, "email.taken_back", actor, paused_because=""
    )


@transaction.atomic
def retire(broadcast: Broadcast, *, actor: User | None, now: datetime) -> bool:
    """End an email of a journey that is over: who waits on its ledger is skipped.

    A draft that never was live is left alone; False for that, and where it had ended already.
    """
    broadcast.refresh_from_db()
    if not broadcast.is_of_journey or broadcast.started_at is None:
        return False
    sources = [State.LIVE, State.PAUSED, State.DRAFT]
    done = _move(broadcast, sources, State.SENT, "email.retired", actor, ended_at=now, paused_because="")
    if done:
        cancel_rest(broadcast.message, reason="journey_over")
    return done


def pause_email(broadcast: Broadcast, *, actor: User | None, now: datetime, because: str = "") -> bool:
    """Stop after the batches in hand. False when it was not under way."""
    sources = [State.SCHEDULED, State.SENDING, State.LIVE]
    return _move(broadcast, sources, State.PAUSED, "email.paused", actor, paused_because=because)


def resume_email(broadcast: Broadcast, *, actor: User, now: datetime) -> bool:
    """Go on where it was paused; who had the mail does not get it again."""
    broadcast.refresh_from_db()
    state = State.SENDING if broadcast.filled_at else State.SCHEDULED
    state = State.LIVE if broadcast.is_of_journey else state
    if not _move(broadcast, [State.PAUSED], state, "email.resumed", actor, paused_because=""):
        return False
    if broadcast.filled_at:
        jobs.enqueue("email.send_batch", email_id=broadcast.pk)
    else:
        jobs.enqueue("email.fill", run_at=max(now, broadcast.send_at or now), email_id=broadcast.pk)
    return True


def cancel_email(broadcast: Broadcast, *, actor: User, now: datetime) -> bool:
    """Stop for good; a mail that only was scheduled becomes a draft again. One of a journey ends with it, not here."""
    broadcast.refresh_from_db()
    if broadcast.is_of_journey:
        return False
    if not broadcast.filled_at and _move(
        broadcast,
        [State.SCHEDULED, State.PAUSED],
        State.DRAFT,
        "email.unscheduled",
        actor,
        send_at=None,
        wall_clock=None,
    ):
        return True
    done = _move(
        broadcast,
        [State.SENDING, State.PAUSED, State.SCHEDULED],
        State.CANCELLED,
        "email.cancelled",
        actor,
        ended_at=now,
    )
    if done:
        cancel_rest(broadcast.message)
    return done


def send_test(broadcast: Broadcast, *, to: str, contact: Contact | None, now: datetime) -> None:
    """Send one copy to a person of the house; no row, no tracking. Raises BadWriting, SmtpFault, CannotSend."""
    if not broadcast.sender_email:
        raise CannotSend(_("Give the sender's address first."))
    made = mailing.Example(broadcast, contact=contact)
    mould = Mould(text=Body([made.text]), html=Body([made.html]), boundary="batontest01")
    headers = [
        ("From", address(broadcast.sender_name, broadcast.sender_email)),
        ("To", address("", to)),
        ("Subject", _("Test: %(subject)s") % {"subject": made.subject}),
        ("Date", Encoded(format_datetime(now))),
        ("Message-ID", f"<test.{broadcast.token}.{now:%Y%m%d%H%M%S%f}@{broadcast.sender_email.rpartition('@')[2]}>"),
    ]
    transport = open_transport()
    try:
        (outcome,) = transport.send([Envelope(0, broadcast.sender_email, to, mould.splice(headers, {}, {}))])
    finally:
        transport.close()
    if outcome.state != HANDED:
        raise CannotSend(_("The mail server did not take the test: %(answer)s") % {"answer": outcome.text})


@transaction.atomic
def copy_email(broadcast: Broadcast, *, actor: User, now: datetime) -> Broadcast:
    """A new draft with the same words, audience, throttle, and A/B test without its figures."""
    copy = _copy_words(broadcast, actor=actor, now=now)
    copy_trial(broadcast, copy)
    return copy


def _copy_words(broadcast: Broadcast, *, actor: User, now: datetime) -> Broadcast:
    segments = list(broadcast.segments.all())
    names = ["campaign", "subject", "preheader", "sender_name", "sender_email", "reply_to", "design", "fields", "mjml",
             "has_own_source", "text", "topic"]  # fmt: skip
    values = {name: getattr(broadcast, name) for name in names}
    values["name"] = (_("Copy of %(name)s") % {"name": broadcast.name})[:200]
    copy = save_email(Broadcast(), values, segments, actor=actor, now=now)
    for throttle in Throttle.objects.filter(broadcast=broadcast):
        Throttle.objects.create(broadcast=copy, per_hour=throttle.per_hour)
    return copy


@transaction.atomic
def copy_for_silent(broadcast: Broadcast, *, actor: User, now: datetime) -> Broadcast:
    """A new draft with the same words for those who had it and no person of them clicked: no subject yet, no A/B test.

    A segment follows them; whose copy came back or who unsubscribed by it is not in it. Raises CannotSend before the
    email is sent.
    """
    if broadcast.state != State.SENT:
        raise CannotSend(_("It can be sent again to those who did not click once it has gone out."))
    copy = _copy_words(broadcast, actor=actor, now=now)
    rule = rule_of_silent(broadcast)
    known = Segment.objects.live().filter(rule=rule).first()
    name = _("Had “%(email)s”, did not click") % {"email": broadcast.name}
    copy.segments.set([known or save_segment(None, name=name[:200], rule=rule, actor=actor, now=now)])
    copy.name, copy.subject = (_("Again: %(name)s") % {"name": broadcast.name})[:200], ""
    copy.save(update_fields=["name", "subject"])
    return copy


def rule_of_silent(broadcast: Broadcast) -> dict[str, Any]:
    """A segment's rule: was sent this email, did not click, did not unsubscribe by it, and it did not come back."""
    silent = {"message": "sent", "email": broadcast.pk, "without": "clicked"}
    gone = [{"message": word, "email": broadcast.pk} for word in ("bounced", "unsubscribed", "complained")]
    return {"all": [silent, {"none": gone}]}


@transaction.atomic
def _move(
    broadcast: Broadcast, sources: Sequence[str], target: str, verb: str, actor: User | None, **fields: Any
) -> bool:
    moved = Broadcast.objects.filter(pk=broadcast.pk, state__in=sources).update(state=target, **fields)
    if moved:
        broadcast.refresh_from_db()
        journal.record(verb, broadcast, actor=actor)
    return bool(moved)
