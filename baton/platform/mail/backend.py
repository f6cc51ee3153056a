"""Django's e-mail backend for notices and sign-in mails: SMTP by SMTP_URL, or the catcher's folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as Smtp

from baton.platform.mail.smtp import Envelope
from baton.platform.mail.transport import CatcherFolder, mailbox


class Backend(BaseEmailBackend):
    """Sends through the transport that SMTP_URL names; catcher:// keeps mails in BATON_HOME/mailbox."""

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self._inner = _inner(fail_silently)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return self._inner.send_messages(email_messages) or 0


def _inner(fail_silently: bool) -> BaseEmailBackend:
    parts = urlsplit(settings.SMTP_URL)
    if parts.scheme == "catcher":
        return Catcher(fail_silently=fail_silently)
    options = parse_qs(parts.query)
    return Smtp(
        host=parts.hostname or "localhost",
        port=parts.port or (465 if parts.scheme == "smtps" else 25),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_ssl=parts.scheme == "smtps",
        use_tls=options.get("starttls", ["no"])[0] == "yes",
        timeout=20,
        fail_silently=fail_silently,
    )


class Catcher(BaseEmailBackend):
    """Keeps each recipient's copy in the catcher's folder."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = CatcherFolder(mailbox())
        folder.connect()
        for mail in email_messages:
            raw = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own messages take it
            for recipient in mail.recipients():
                folder.keep(Envelope(0, mail.from_email, recipient, raw))
        return len(email_messages)
