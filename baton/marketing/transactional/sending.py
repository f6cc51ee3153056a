"""The lane of transactional mail: urgent jobs that hand over what waits, oldest first, and a watch over them."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.marketing.transactional.actions import SEND, held_back
from baton.marketing.transactional.letter import envelope
from baton.marketing.transactional.models import TransactionalMail
from baton.people.deliveries import actions as ledger
from baton.people.deliveries.footprints import Footprints
from baton.people.deliveries.models import TRANSACTIONAL, Delivery, Suppression
from baton.people.deliveries.rules import class_of
from baton.people.returns.answers import DEAD
from baton.people.returns.models import Return
from baton.people.timeline.actions import tell_of_deliveries
from baton.platform import jobs
from baton.platform.db import among, write_turn
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from baton.platform.mail.smtp import HANDED, REFUSED, Envelope, Outcome, SmtpFault
from baton.platform.mail.splice import BadHeader
from baton.platform.mail.transport import Transport, open_transport

log = logging.getLogger("baton.mail")

BATCH = 50  # small: what comes in meanwhile waits for no more than this
WATCH_SECONDS = 5
LANE = ledger.AllOfKind(TRANSACTIONAL)
State = Delivery.State


def send_mails(job: Job) -> None:
    """Job: hand over all that waits. When the mail server is away the watch calls again."""
    if not _due(timezone.now()).exists():
        return
    try:
        transport = open_transport()
    except SmtpFault as fault:
        log.warning("transactional mail waits for the mail server: %s", fault)
        return
    try:
        while transport.is_open and send_one_batch(transport):
            jobs.heartbeat(job)
    finally:
        transport.close()


def send_one_batch(transport: Transport, *, limit: int = BATCH) -> int:
    """Claim, write down that bytes go out, hand over, settle, as for every mail; gives how many rows it took."""
    now = timezone.now()
    claim = ledger.new_claim()
    with Footprints(claim) as trail:
        claimed = [pk for pk, _contact in ledger.claim_batch(LANE, claim, limit=limit, now=now)]
        if not claimed:
            return 0
        mails = {mail.delivery_id: mail for mail in TransactionalMail.objects.filter(delivery__in=among(claimed))}
        batch = _written(claimed, mails, now)
        ready = ledger.begin_handing(claim, skipped=batch.skipped, now=timezone.now())
        outcomes = list(
            transport.send([one for one in batch.envelopes if one.tag in ready], before=trail.before, after=trail.after)
        )
        ledger.settle(claim, outcomes, now=timezone.now())
    _tell(outcomes, mails)
    return len(claimed)


@dataclass
class _Batch:
    envelopes: list[Envelope] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)


def _written(claimed: list[int], mails: dict[int | None, TransactionalMail], now: datetime) -> _Batch:
    batch = _Batch()
    for delivery in claimed:
        mail = mails.get(delivery)
        if mail is None or mail.is_emptied:
            batch.skipped[delivery] = "gone"
        elif reason := held_back(mail.to_email):
            batch.skipped[delivery] = reason
        else:
            try:
                batch.envelopes.append(envelope(mail, delivery, now=now))
            except (BadHeader, FileNotFoundError) as error:
                log.warning("transactional mail %s cannot be written: %s", mail.pk, error)
                batch.skipped[delivery] = "bad_address" if isinstance(error, BadHeader) else "not_written"
    return batch


def _tell(outcomes: list[Outcome], mails: dict[int | None, TransactionalMail]) -> None:
    now = timezone.now()
    handed = [outcome.tag for outcome in outcomes if outcome.state == HANDED]
    known = set(Delivery.objects.filter(pk__in=among(handed), contact__isnull=False).values_list("pk", flat=True))
    for delivery in sorted(known):
        mail = mails[delivery]
        with write_turn():
            title = _("Was sent: %(subject)s") % {"subject": mail.subject}
            tell_of_deliveries([delivery], title=title, url=mail.get_absolute_url(), at=now)
    for outcome in outcomes:
        is_dead = outcome.state == REFUSED and not outcome.at_sender
        if is_dead and class_of(outcome.code, outcome.status, outcome.text, at_sender=False) == DEAD:
            _never_again(mails[outcome.tag].to_email, f"{outcome.code} {outcome.text}", now)


def on_bounced(entry: JournalEntry) -> None:
    """Listener of delivery.bounced: an address that does not exist is mailed no more, also one of nobody known."""
    if entry.facts.get("message_kind") != TRANSACTIONAL or entry.facts.get("verdict") != Return.Verdict.DEAD:
        return
    mail = TransactionalMail.objects.filter(pk=entry.facts["message_id"]).first()
    back = Return.objects.filter(pk=entry.facts["return_id"]).first()
    if mail is not None and back is not None:
        _never_again(mail.to_email, f"{back.status} {back.quote}".strip(), timezone.now())


def _never_again(email: str, evidence: str, now: datetime) -> None:
    with write_turn():
        ledger.suppress(email, Suppression.Reason.DEAD, evidence=evidence, now=now)


def _due(now: datetime) -> QuerySet[Delivery]:
    return LANE.rows().filter(Q(state=State.QUEUED) | Q(state=State.DEFERRED, next_at__lte=now))


_watched = 0.0


def watch_mails() -> None:
    """Tick: whatever is due has a job that sends it; what was put off comes round by this."""
    global _watched
    if time.monotonic() - _watched < WATCH_SECONDS:
        return
    _watched = time.monotonic()
    if _due(timezone.now()).exists() and not Job.objects.filter(kind=SEND, state__in=["waiting", "running"]).exists():
        jobs.enqueue(SEND, is_urgent=True)
