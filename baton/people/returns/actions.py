"""The verbs of returns: take a mail or a provider's notice, once, and do what it asks for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from baton.people.preferences.choosing import leave
from baton.people.preferences.reads import followed
from baton.people.returns.models import Return
from baton.people.returns.providers import provider_of
from baton.people.returns.rules import Letter, Returned, read_letter
from baton.people.returns.settling import give_up_silent, lately_failed, settle, settle_delivered
from baton.people.returns.tracing import (
    LINK,
    NOWHERE,
    Trace,
    trace_of_address,
    trace_of_letter,
    trace_of_notice,
    wish_of_letter,
)
from baton.platform.db import write_turn
from baton.platform.jobs.models import Job

Kind = Return.Kind
ABOUT_MAIL = (Kind.BOUNCE, Kind.DELAY, Kind.COMPLAINT, Kind.DELIVERED)
KEEP_OTHERS = timedelta(days=30)
KEEP_EXCERPTS = timedelta(days=365)


def receive_mail(raw: bytes, *, source: str, now: datetime) -> list[Return]:
    """Take a mail that came back, by whatever way; gives its rows, the same ones for the same mail.

    The ledger, the suppression list, the timeline and the journal change in one transaction with the rows.
    """
    letter = read_letter(raw)
    with write_turn(), transaction.atomic():
        stored = list(Return.objects.filter(digest=letter.digest).order_by("position"))
        return stored or _leave(letter, source, now) or _receive(letter, source, now)


def _leave(letter: Letter, source: str, now: datetime) -> list[Return]:
    """Unsubscribe whom a mail to an address for it names, and keep it as evidence; nothing for any other mail."""
    contact_id, topic_id, delivery_id = wish_of_letter(letter) or (0, 0, 0)
    topic = ConsentTopic.objects.filter(pk=topic_id).first()
    if topic is None:
        return []
    people = followed(contact_id, delivery_id)
    delivery = Delivery.objects.filter(pk=delivery_id).first()
    trace = Trace(delivery, people[0] if people else None, LINK)
    told = Returned(Kind.UNSUBSCRIBE, letter.sender)
    back = _store(_row(letter, told.kind, 0), told, trace, source, now)
    proof = {"mail": back.pk, "from": letter.sender}
    leave(topic, people, delivery_id, how="unsubscribe by mail", proof=proof, now=now)
    if delivery is not None:
        settle_delivered(delivery.pk)
    return [back]


def _receive(letter: Letter, source: str, now: datetime) -> list[Return]:
    proven = trace_of_letter(letter)
    main = _about(letter, proven.contact)
    rows = []
    for position, returned in enumerate(letter.returned):
        if proven.is_proven:
            trace = proven if returned is main else NOWHERE
        else:
            trace = trace_of_address(returned.recipient, now, is_about_mail=returned.kind in ABOUT_MAIL)
        if returned.kind == Kind.DELIVERED:
            if trace.delivery is not None:
                settle_delivered(trace.delivery.pk)
            continue
        rows.append(_keep(letter, returned, position, trace, source, now))
    return rows


def _about(letter: Letter, contact: Contact | None) -> Returned:
    """Which of several recipients the mail's own person is: a mail of ours has one, those behind it may be many."""
    known = contact.email if contact else ""
    return next((one for one in letter.returned if one.recipient and one.recipient == known), letter.returned[0])


def _keep(letter: Letter, returned: Returned, position: int, trace: Trace, source: str, now: datetime) -> Return:
    is_known = trace.contact is not None or trace.delivery is not None
    is_ours = is_known or returned.kind in ABOUT_MAIL
    back = _row(letter, returned.kind if is_ours else Kind.OTHER, position)
    return _store(back, returned, trace, source, now)


def _row(letter: Letter, kind: str, position: int) -> Return:
    """Not stored yet; of what is not about a mail of ours no words are kept."""
    excerpt = letter.excerpt if kind != Kind.OTHER else ""
    return Return(digest=letter.digest, position=position, subject=letter.subject, excerpt=excerpt, kind=kind)


@dataclass(frozen=True)
class Notice:
    """What a provider's webhook told of one mail. `told` is all of it as text, where our marks are looked for."""

    provider: str
    key: str
    returned: Returned
    told: str


def receive_notice(notice: Notice, *, now: datetime) -> Return | None:
    """Take a provider's notice, once; None where nothing new is kept: it tells of a delivery, or was told before."""
    returned = notice.returned
    trace = trace_of_notice(notice.told[:100_000])
    if not trace.is_proven:
        trace = trace_of_address(returned.recipient, now, is_about_mail=True)
    if returned.kind == Kind.DELIVERED:
        if trace.delivery is not None:
            settle_delivered(trace.delivery.pk)
        return None
    digest = hashlib.sha256(f"{notice.provider}\n{notice.key}".encode()).hexdigest()
    with write_turn(), transaction.atomic():
        if Return.objects.filter(digest=digest).exists():
            return None
        return _store(Return(digest=digest, kind=returned.kind), returned, trace, notice.provider, now)


def _store(back: Return, returned: Returned, trace: Trace, source: str, now: datetime) -> Return:
    back.source, back.received_at = source[:30], now
    back.verdict, back.reason = returned.verdict, _plain(returned.reason)[:30]
    back.status, back.code = returned.status[:10], returned.code
    back.quote = _plain(returned.quote)[:300]
    back.recipient = _plain(returned.recipient)[:254]
    back.subject, back.excerpt = _plain(back.subject)[:300], _plain(back.excerpt)
    back.delivery, back.contact, back.traced_by = trace.delivery, trace.contact, trace.by
    back.provider = provider_of(trace.contact.email if trace.contact and trace.is_proven else back.recipient)
    # Two readers of one mail: who comes second finds it stored and changes nothing.
    names = [field.attname for field in Return._meta.concrete_fields if field.name not in ("id", "digest", "position")]
    stored, made = Return.objects.get_or_create(
        digest=back.digest, position=back.position, defaults={name: getattr(back, name) for name in names}
    )
    if made:
        stored.delivery, stored.contact = trace.delivery, trace.contact
        settle(stored, now)
    return stored


def _plain(text: str) -> str:
    """Without what PostgreSQL refuses to keep: NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def tidy_returns(job: Job) -> None:
    """Job, daily: give up addresses that failed for weeks, and forget what need not be kept."""
    now = timezone.now()
    for contact in Contact.objects.filter(pk__in=list(lately_failed(now - timedelta(days=2)))).iterator():
        with write_turn():
            give_up_silent(contact, now)
    with write_turn():
        Return.objects.filter(kind=Kind.OTHER, received_at__lt=now - KEEP_OTHERS).delete()
        Return.objects.filter(received_at__lt=now - KEEP_EXCERPTS).exclude(excerpt="").update(excerpt="")
