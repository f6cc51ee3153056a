"""The bytes of one transactional mail: headers, both texts, attachments, signed as every other mail of the house."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.conf import settings

from baton.marketing.transactional.models import TransactionalMail
from baton.people.deliveries import tokens
from baton.people.deliveries.models import TRANSACTIONAL
from baton.platform.files import open_file
from baton.platform.files.models import StoredFile
from baton.platform.mail.dkim import several, signers_of
from baton.platform.mail.smtp import Envelope
from baton.platform.mail.splice import Encoded, address, header_line


@dataclass(frozen=True)
class Content:
    """A file in a mail."""

    name: str
    kind: str
    raw: bytes


def envelope(mail: TransactionalMail, delivery: int, *, now: datetime) -> Envelope:
    """The mail, ready to be handed over. Raises BadHeader for an address, FileNotFoundError for a lost attachment."""
    sender = tokens.return_path(delivery, mail.sender_email)
    return Envelope(delivery, sender, mail.to_email, raw(mail, message_id_of(mail), attachments_of(mail), now=now))


def message_id_of(mail: TransactionalMail) -> str:
    """The Message-ID it goes out with; known as soon as it was accepted."""
    return tokens.message_id(mail.delivery_id or 0, TRANSACTIONAL, mail.pk, _domain(mail))


def raw(mail: TransactionalMail, message_id: str, contents: list[Content], *, now: datetime) -> bytes:
    """Headers and body with CRLF line ends, DKIM signatures on top where the sender's domain has keys."""
    parts = _body(mail, contents).as_bytes()
    kind, _blank, body = parts.partition(b"\r\n\r\n")
    headers = [
        ("From", address(mail.sender_name, mail.sender_email)),
        ("To", address(mail.to_name, mail.to_email)),
        ("Subject", mail.subject),
        ("Date", Encoded(format_datetime(now))),
        ("Message-ID", Encoded(message_id)),
        *([("Reply-To", address("", mail.reply_to))] if mail.reply_to else []),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834: nobody answers by machine
        ("Feedback-ID", Encoded(f"{mail.template_id or 0}:{TRANSACTIONAL}:baton:{_domain(mail)}")),
    ]
    head = b"".join(header_line(name, value) for name, value in headers) + kind + b"\r\n"
    sign = several(signers_of(settings.BATON_HOME / "keys", _domain(mail)))
    return (sign(head, body) if sign else b"") + head + b"\r\n" + body


def attachments_of(mail: TransactionalMail) -> list[Content]:
    """The stored attachments, read. Raises FileNotFoundError where one is lost."""
    stored = StoredFile.objects.in_bulk([one["file"] for one in mail.attachments])
    found = []
    for one in mail.attachments:
        if one["file"] not in stored:
            raise FileNotFoundError(one["name"])
        with contextlib.closing(open_file(stored[one["file"]])) as file:
            found.append(Content(one["name"], one["type"], file.read()))
    return found


def _body(mail: TransactionalMail, contents: list[Content]) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made.set_content(mail.text, cte="quoted-printable")
    if mail.html:
        made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    for one in contents:
        main, _slash, sub = one.kind.partition("/")
        made.add_attachment(one.raw, maintype=main, subtype=sub, filename=one.name)
    return made


def _domain(mail: TransactionalMail) -> str:
    return mail.sender_email.rpartition("@")[2]
