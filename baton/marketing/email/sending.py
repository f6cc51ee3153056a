"""Jobs that send: fill the ledger, hand over batch by batch, watch that nothing stands still.

An email of a journey is filled by the journey and never ends here; its job does when nothing is due any more.

Several workers may send one email at once; each claims its own batches. Between batches the state is read again, so a
pause or cancel takes effect at once. Killed at any moment, the ledger knows what may have gone out.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.marketing.email.actions import pause_email
from baton.marketing.email.audience import audience_ids, people_of
from baton.marketing.email.conditions import with_segments
from baton.marketing.email.mailing import Mailing
from baton.marketing.email.models import KIND, Broadcast
from baton.marketing.email.writing import BadWriting
from baton.marketing.pacing.actions import spread_email, watch_lanes
from baton.marketing.pacing.claims import claim_paced, wait_for_room
from baton.marketing.segments.actions import refresh
from baton.marketing.segments.touched import touch
from baton.marketing.trials.actions import seconds_to_wait
from baton.marketing.trials.assigning import enter_audience
from baton.marketing.trials.mails import chosen, mailings_of
from baton.people.deliveries import actions as ledger
from baton.people.deliveries.footprints import Footprints
from baton.people.deliveries.gate import may_be_measured, may_mail, not_before
from baton.people.deliveries.reads import has_due, next_due, unfinished
from baton.people.timeline.actions import tell_of_deliveries
from baton.platform import jobs, journal
from baton.platform.db import write_turn
from baton.platform.jobs.models import Job
from baton.platform.mail.smtp import HANDED, Envelope, Outcome, SmtpFault
from baton.platform.mail.splice import BadHeader
from baton.platform.mail.transport import Transport, open_transport

log = logging.getLogger("baton.mail")

BATCH = 500
SLICE_SECONDS = 3.0  # a worker sends so long in one go, then other jobs have their turn
LANES = 4  # jobs that send one email at once, each by a worker of its own where there are as many
SERVER_AWAY_SECONDS = 15
WATCH_SECONDS = 15
REFUSALS_THAT_PAUSE = 20
State = Broadcast.State
GOES_OUT = [State.SENDING, State.LIVE]


def fill_email(job: Job, *, email_id: int) -> None:
    """Job: put everyone who is in the segments by now on the ledger, then begin to send. Bears repetition."""
    broadcast = Broadcast.objects.filter(pk=email_id, state=State.SCHEDULED).first()
    if broadcast is None or (broadcast.send_at and broadcast.send_at > timezone.now() + timedelta(seconds=1)):
        return
    for segment in broadcast.segments.all():
        refresh(segment, now=timezone.now())
    enter_audience(broadcast, audience_ids(broadcast), timezone.now())
    spread_email(broadcast, timezone.now())
    with transaction.atomic():
        now = timezone.now()
        begun = Broadcast.objects.filter(pk=email_id, state=State.SCHEDULED).update(
            state=State.SENDING, filled_at=now, started_at=now
        )
        if begun:
            journal.record("email.begun", broadcast, actor=None)
            for _lane in range(LANES):
                jobs.enqueue("email.send_batch", email_id=email_id)


def send_email_batches(job: Job, *, email_id: int) -> None:
    """Job: hand over batches for a few seconds, then ask to be called again while something is left."""
    going = Broadcast.objects.select_related("campaign", "topic").filter(state__in=GOES_OUT)
    broadcast = going.filter(pk=email_id).first()
    if broadcast is None or broadcast.topic is None:
        return
    try:
        mailing = Mailing(broadcast, mailings_of(broadcast))
        transport = open_transport()
    except BadWriting as error:
        pause_email(broadcast, actor=None, now=timezone.now(), because=str(error))
        return
    except SmtpFault as fault:
        _wait_for_server(broadcast, fault)
    try:
        _send_for_a_while(job, broadcast, mailing, transport)
    finally:
        transport.close()


def _send_for_a_while(job: Job, broadcast: Broadcast, mailing: Mailing, transport: Transport) -> None:
    until = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < until and transport.is_open:
        if not Broadcast.objects.filter(pk=broadcast.pk, state__in=GOES_OUT).exists():
            return
        if not send_one_batch(mailing, transport):
            _end_or_wait(broadcast, job)
            return
        jobs.heartbeat(job)
        jobs.make_way(job)
    raise jobs.TryAgain(0 if transport.is_open else 1)


def send_one_batch(mailing: Mailing, transport: Transport, *, limit: int = BATCH) -> int:
    """Claim, ask the gate, write down that bytes go out, hand over, settle; gives how many rows it took."""
    broadcast, now = mailing.broadcast, timezone.now()
    claim = ledger.new_claim()
    with Footprints(claim) as trail:
        ledger.wake(broadcast.message, now)
        claimed, is_over = claim_paced(broadcast, claim, limit=limit, now=now)
        if is_over:
            spread_email(broadcast, now)
        rows = dict(claimed)
        if not rows:
            return 0
        batch = _written(mailing, rows, now)
        ready = ledger.begin_handing(claim, skipped=batch.skipped, waiting=batch.waiting, now=timezone.now())
        outcomes = list(
            transport.send([e for e in batch.envelopes if e.tag in ready], before=trail.before, after=trail.after)
        )
        _settle(broadcast, claim, outcomes, rows)
    _watch(broadcast, outcomes)
    return len(rows)


@dataclass
class _Batch:
    """What becomes of each delivery: its mail, the reason why it gets none, or when it is tried again."""

    envelopes: list[Envelope] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)
    waiting: dict[int, datetime] = field(default_factory=dict)


def _written(mailing: Mailing, rows: dict[int, int | None], now: datetime) -> _Batch:
    people = [contact for contact in rows.values() if contact]
    assert mailing.broadcast.topic
    reasons = may_mail(people, mailing.broadcast.topic, now)
    measured = may_be_measured(people, now)
    readers = people_of(pk for pk, why in reasons.items() if why is None)
    readers = with_segments(readers, mailing.segments)
    waits = not_before(readers, now, mailing.broadcast.wall_clock)
    variants = chosen(mailing.variants, rows)
    batch = _Batch()
    for delivery, pk in rows.items():
        reason = reasons.get(pk or 0, "gone")
        person = readers.get(pk or 0)
        if reason or person is None:
            batch.skipped[delivery] = reason or "gone"
            continue
        if person.id in waits:
            batch.waiting[delivery] = waits[person.id]
            continue
        try:
            made = variants.get(delivery, mailing)
            batch.envelopes.append(made.envelope(delivery, person, is_measured=pk in measured, now=now))
        except (BadHeader, BadWriting) as error:
            log.warning("email %s cannot be written for contact %s: %s", mailing.broadcast.pk, pk, error)
            batch.skipped[delivery] = "bad_address" if isinstance(error, BadHeader) else "not_written"
    return batch


def _settle(broadcast: Broadcast, claim: str, outcomes: list[Outcome], rows: dict[int, int | None]) -> None:
    """The ledger and the timeline say what became of a batch, both or neither.

    Who had a mail of a journey is looked at anew by segments that ask for it: nobody looks at everyone meanwhile, as is
    done while another email goes out (segments/leaves/messages.py).
    """
    now, address = timezone.now(), broadcast.get_absolute_url()
    title = _("Was sent: %(subject)s") % {"subject": broadcast.name}
    handed = [outcome.tag for outcome in outcomes if outcome.state == HANDED]
    with write_turn(), transaction.atomic():
        ledger.settle(claim, outcomes, now=now)
        tell_of_deliveries(handed, title=title, url=address, at=now)
        if broadcast.is_of_journey:
            touch(sorted({contact for one in outcomes if (contact := rows[one.tag])}), "message")


def _watch(broadcast: Broadcast, outcomes: list[Outcome]) -> None:
    """Stop when a provider or our own server keeps refusing us."""
    now = timezone.now()
    watch_lanes(broadcast, outcomes, now)
    refused = ledger.refusals_of_us(outcomes)
    if len(refused) >= min(REFUSALS_THAT_PAUSE, max(1, len(outcomes) // 2)):
        because = _("The mail server refuses us, not the people: %(answer)s") % {"answer": refused[0].text[:150]}
        pause_email(broadcast, actor=None, now=now, because=because)


def _end_or_wait(broadcast: Broadcast, job: Job | None) -> None:
    if wait := wait_for_room(broadcast, timezone.now()):
        _wait(broadcast, job, wait)
    elif due := next_due(broadcast.message):
        wait = (due - timezone.now()).total_seconds()
        _wait(broadcast, job, min(max(1.0, wait), 300))
    elif broadcast.is_of_journey:
        return  # until the next one reaches it
    elif unfinished(broadcast.message):  # in the hands of others; the watch sees to what they leave behind
        if held := seconds_to_wait(broadcast, timezone.now()):
            _wait(broadcast, job, min(held, 300))  # the rest of an A/B test
    else:
        _end(broadcast)


def _wait(broadcast: Broadcast, job: Job | None, seconds: float) -> None:
    """Ask to be called again then. Whoever reaches an email of a journey may bring a job: there the first is enough."""
    if broadcast.is_of_journey:
        sooner = _jobs_of(broadcast.pk).filter(run_at__lte=timezone.now() + timedelta(seconds=seconds))
        if sooner.exclude(pk=job.pk if job else 0).exists():
            return
    raise jobs.TryAgain(seconds)


def _end(broadcast: Broadcast) -> None:
    with transaction.atomic():
        ended = Broadcast.objects.filter(pk=broadcast.pk, state=State.SENDING).update(
            state=State.SENT, ended_at=timezone.now()
        )
        if ended:
            journal.record("email.sent", broadcast, actor=None)


def _wait_for_server(broadcast: Broadcast, fault: SmtpFault) -> None:
    if fault.permanent:
        pause_email(broadcast, actor=None, now=timezone.now(), because=str(fault))
        raise jobs.TryAgain(SERVER_AWAY_SECONDS) from fault
    log.warning("email %s waits for the mail server: %s", broadcast.pk, fault)
    raise jobs.TryAgain(SERVER_AWAY_SECONDS) from fault


_watched = 0.0


def watch_emails() -> None:
    """Tick: recover batches of lost workers, and see that every email being sent has a job that sends it.

    A live one needs none while nothing of it is due.
    """
    global _watched
    if time.monotonic() - _watched < WATCH_SECONDS:
        return
    _watched = time.monotonic()
    ledger.recover(timezone.now())
    is_at_work = Q(state__in=[State.SENDING, State.SCHEDULED])
    under_way = Broadcast.objects.filter(is_at_work | Q(has_due(KIND, timezone.now()), state=State.LIVE))
    for pk, state in list(under_way.values_list("pk", "state")):
        kind = "email.fill" if state == State.SCHEDULED else "email.send_batch"
        if not _jobs_of(pk, kind).exists():
            at = Broadcast.objects.values_list("send_at", flat=True).get(pk=pk)
            jobs.enqueue(kind, run_at=max(timezone.now(), at or timezone.now()), email_id=pk)


def _jobs_of(email: int, kind: str = "email.send_batch") -> QuerySet[Job]:
    return Job.objects.filter(kind=kind, payload__email_id=email, state__in=["waiting", "running"])
