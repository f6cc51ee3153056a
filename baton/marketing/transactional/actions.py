"""The verbs of transactional mail: write its templates, accept a mail, decide what is unknown, let go of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.marketing.transactional.letter import Content, raw
from baton.marketing.transactional.models import MailTemplate, TransactionalMail
from baton.marketing.transactional.words import BadMail, Words, checked, filled
from baton.people.contacts.models import Contact
from baton.people.contacts.rules import clean_email
from baton.people.deliveries.gate import listing_of
from baton.people.deliveries.models import TRANSACTIONAL, Delivery, Suppression
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.files import store_file
from baton.platform.jobs.models import Job
from baton.platform.mail.smtp import HANDED, Envelope
from baton.platform.mail.splice import BadHeader, checked_address
from baton.platform.mail.transport import open_transport
from baton.platform.organisation import organisation

SEND = "transactional.send"
MAX_ATTACHMENTS, MAX_ATTACHED_BYTES = 10, 1_500_000
KEEP_WORDS = timedelta(days=30)
LEFT = "left"
State, Reason = Delivery.State, Suppression.Reason
_KIND = re.compile(r"[a-z]{1,40}/[A-Za-z0-9.+-]{1,80}")


class KeyTaken(Refusal):
    """A mail was asked for by this key before; nothing is sent again."""


class NotUnknown(Refusal):
    """What became of the mail is known by now."""


@dataclass(frozen=True)
class Asked:
    """A mail that a program asks for: a template's code with data, or the words themselves."""

    to: str
    to_name: str = ""
    template: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    subject: str = ""
    html: str = ""
    text: str = ""
    reply_to: str = ""
    attachments: Sequence[Content] = ()
    metadata: dict[str, str] = field(default_factory=dict)


def accept_mail(asked: Asked, *, key: str, actor: User | None, now: datetime) -> TransactionalMail:
    """Keep a mail and have it sent at once, before all other work; gives its row.

    Durable when it returns. To an address that does not exist, or that complained of a transactional mail, it is kept
    as skipped. Raises BadMail for what cannot be sent, KeyTaken when the key was used before.
    """
    email = _address(asked.to)
    template = _template(asked.template)
    words = _words(asked, template)
    _check_attachments(asked.attachments)
    mail = TransactionalMail(
        template=template, key=key, to_email=email, to_name=asked.to_name, subject=words.subject, html=words.html,
        text=words.text, metadata=asked.metadata, asked_by=actor, created_at=now, **_sender(template, asked.reply_to),
    )  # fmt: skip
    try:
        with transaction.atomic():
            mail.attachments = [_stored(one, actor) for one in asked.attachments]
            mail.save()
            mail.delivery = Delivery.objects.create(message_kind=TRANSACTIONAL, message_id=mail.pk, **_begin(email))
            mail.save(update_fields=["delivery"])
            jobs.enqueue(SEND, is_urgent=True)
    except IntegrityError:
        before = TransactionalMail.objects.filter(key=key).first()
        if before is None:
            raise
        raise KeyTaken(_("This key was used for mail %(id)s. Nothing was sent again.") % {"id": before.pk}) from None
    return mail


def _begin(email: str) -> dict[str, Any]:
    contact = Contact.objects.live().holding(email=[email]).first()
    held = held_back(email)
    return {"contact": contact, "state": State.SKIPPED if held else State.QUEUED, "reason": held}


def held_back(email: str) -> str:
    """Why not even what they wait for is sent to this address; empty where it is."""
    entry = listing_of(email)
    if entry is None:
        return ""
    is_held = entry.reason == Reason.DEAD or (entry.reason == Reason.COMPLAINED and _complained_of_these(email))
    return entry.reason if is_held else ""


def _complained_of_these(email: str) -> bool:
    """Whether a mail of this very kind was called spam. Who called marketing that still gets what they wait for."""
    return TransactionalMail.objects.filter(to_email=email, delivery__state=State.COMPLAINED).exists()


def _address(text: str) -> str:
    try:
        return checked_address(clean_email(text))
    except (BadHeader, ValueError):
        raise BadMail(_("%(text)s is no address that mail can be sent to.") % {"text": repr(text[:100])}) from None


def _template(code: str) -> MailTemplate | None:
    if not code:
        return None
    found = MailTemplate.objects.live().filter(code=code).first() if "\0" not in code else None
    if found is None:
        raise BadMail(_("There is no template with the code %(code)s.") % {"code": repr(code[:60])})
    return found


def _words(asked: Asked, template: MailTemplate | None) -> Words:
    if template is None:
        return checked(Words(asked.subject, asked.html, asked.text))
    if asked.subject or asked.html or asked.text:
        raise BadMail(_("Give a template or words of your own, not both."))
    return filled(subject=template.subject, source=template.source, text=template.text, data=asked.data)


def _sender(template: MailTemplate | None, reply_to: str) -> dict[str, str]:
    """Who it comes from: the template's sender, else the address that the house's own mail comes from."""
    name = template.sender_name if template else ""
    email = template.sender_email if template else ""
    reply_to = reply_to or (template.reply_to if template else "")
    return {
        "sender_name": name or organisation().name,
        "sender_email": _own_address(email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
        "reply_to": _address(reply_to) if reply_to else "",
    }


def _own_address(email: str) -> str:
    try:
        return checked_address(email)
    except BadHeader:
        raise BadMail(_("Give the template a sender's address; there is none to send from.")) from None


def _check_attachments(attachments: Sequence[Content]) -> None:
    if len(attachments) > MAX_ATTACHMENTS or sum(len(one.raw) for one in attachments) > MAX_ATTACHED_BYTES:
        raise BadMail(
            _("At most %(number)s attachments of %(megabytes)s MB together.")
            % {"number": MAX_ATTACHMENTS, "megabytes": MAX_ATTACHED_BYTES / 1_000_000}
        )
    for one in attachments:
        if not _KIND.fullmatch(one.kind) or one.kind.startswith(("multipart/", "message/")):
            raise BadMail(_("%(kind)s is no kind of file, such as application/pdf.") % {"kind": repr(one.kind)})
        if not one.name.isprintable() or any(letter in one.name for letter in '/\\"'):
            raise BadMail(_("%(name)s is no name of a file.") % {"name": repr(one.name)})


def _stored(one: Content, actor: User | None) -> dict[str, Any]:
    file = store_file([one.raw], name=one.name, content_type=one.kind, actor=actor)
    return {"file": file.pk, "name": one.name, "type": one.kind, "bytes": len(one.raw)}


@transaction.atomic
def save_template(template: MailTemplate, values: dict[str, Any], *, actor: User) -> MailTemplate:
    """Create or change a template. Mails that were accepted keep the words they had. Raises ChangedMeanwhile."""
    if template.pk:
        template.claim_revision()
    for name, value in values.items():
        setattr(template, name, value)
    template.save()
    journal.record("mail_template.saved", template, actor=actor, code=template.code)
    return template


@transaction.atomic
def bin_template(template: MailTemplate, *, actor: User, now: datetime) -> MailTemplate:
    """Put a template away: programs that ask for its code are refused from now on. A repeat changes nothing."""
    if MailTemplate.objects.live().filter(pk=template.pk).update(deleted_at=now):
        template.deleted_at = now
        journal.record("mail_template.binned", template, actor=actor, code=template.code)
    return template


def send_test(template: MailTemplate, *, to: str, now: datetime) -> None:
    """One copy, filled with the sample, to a person of the house; no row. Raises BadMail, SmtpFault."""
    words = filled(subject=template.subject, source=template.source, text=template.text, data=template.sample)
    subject = (_("Test: %(subject)s") % {"subject": words.subject})[:500]
    mail = TransactionalMail(
        to_email=_address(to), subject=subject, html=words.html, text=words.text, template=template,
        **_sender(template, ""),
    )  # fmt: skip
    name = f"<test.{template.token}.{now:%Y%m%d%H%M%S%f}@{mail.sender_email.rpartition('@')[2]}>"
    transport = open_transport()
    try:
        (outcome,) = transport.send([Envelope(0, mail.sender_email, mail.to_email, raw(mail, name, [], now=now))])
    finally:
        transport.close()
    if outcome.state != HANDED:
        raise BadMail(_("The mail server did not take the test: %(answer)s") % {"answer": outcome.text})


@transaction.atomic
def decide_unknown(mail: TransactionalMail, *, again: bool, actor: User) -> TransactionalMail:
    """Send a mail again of which nobody knows whether it arrived, or leave it. Raises NotUnknown."""
    rows = Delivery.objects.filter(pk=mail.delivery_id or 0, state=State.UNKNOWN).exclude(reason=LEFT)
    if again and mail.is_emptied:
        raise NotUnknown(_("Its words are not kept any more, so it cannot be sent again."))
    moved = rows.update(state=State.QUEUED, reason="", handing_since=None) if again else rows.update(reason=LEFT)
    if not moved:
        raise NotUnknown(_("It is not unknown any more. Nothing was done."))
    if again:
        jobs.enqueue(SEND, is_urgent=True)
    journal.record("transactional.sent_again" if again else "transactional.left", mail, actor=actor)
    mail.refresh_from_db()
    return mail


def tidy_mails(job: Job) -> None:
    """Job, daily: let go of words and attachments a month after the mail was asked for; they may hold secrets."""
    old = TransactionalMail.objects.filter(is_emptied=False, created_at__lt=timezone.now() - KEEP_WORDS)
    open_ends = [State.QUEUED, State.CLAIMED, State.DEFERRED, State.WAITING]
    chosen = list(old.exclude(delivery__state__in=open_ends).values_list("pk", flat=True)[:10_000])
    for start in range(0, len(chosen), 500):
        some = TransactionalMail.objects.filter(pk__in=chosen[start : start + 500])
        some.update(html="", text="", attachments=[], is_emptied=True)
