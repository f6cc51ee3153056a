"""Where mail goes, by SMTP_URL: a mail server, or the catcher's folder in BATON_HOME/mailbox."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from baton.platform.mail.bundle import Bundle
from baton.platform.mail.smtp import HANDED, After, Before, Envelope, Outcome, SmtpConnection

CONNECTIONS = 4  # of each worker, unless SMTP_URL says `connections=`


class Transport(Protocol):
    """Two implementations: Bundle and CatcherFolder."""

    @property
    def is_open(self) -> bool: ...

    def connect(self) -> None:
        """Be ready to send. Raises SmtpFault."""

    def send(self, envelopes: Iterable[Envelope], *, before: Before = None, after: After = None) -> Iterator[Outcome]:
        """One outcome for each envelope, as it becomes known."""

    def close(self) -> None: ...


class CatcherFolder:
    """Keeps every mail as a file; names sort by time. A file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.is_open = False

    def connect(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.is_open = True

    def send(self, envelopes: Iterable[Envelope], *, before: Before = None, after: After = None) -> Iterator[Outcome]:
        for envelope in envelopes:
            if before:
                before(envelope.tag)
            self.keep(envelope)
            outcome = Outcome(envelope.tag, HANDED, 250, "kept by the mail catcher")
            if after:
                after(outcome)
            yield outcome

    def keep(self, envelope: Envelope) -> Path:
        """Write one mail with its envelope on top, as delivery agents do."""
        name = f"{time.time_ns():020d}-{os.urandom(3).hex()}.eml"
        head = f"Return-Path: <{envelope.sender}>\r\nDelivered-To: {envelope.recipient}\r\n".encode()
        hidden = self._folder / f".{name}"
        hidden.write_bytes(head + envelope.message)
        hidden.rename(self._folder / name)
        return self._folder / name

    def close(self) -> None:
        self.is_open = False


def mailbox() -> Path:
    """The catcher's folder."""
    return settings.BATON_HOME / "mailbox"


def is_catching() -> bool:
    """Whether mail stays in this house."""
    return urlsplit(settings.SMTP_URL).scheme == "catcher"


def open_transport() -> Transport:
    """The transport that SMTP_URL names, connected. Raises SmtpFault."""
    transport = _transport()
    transport.connect()
    return transport


def _transport() -> Transport:
    if is_catching():
        return CatcherFolder(mailbox())
    most = int(_options().get("connections", ["0"])[0]) or CONNECTIONS
    return Bundle(_dial, most)


def _dial() -> SmtpConnection:
    parts, options = urlsplit(settings.SMTP_URL), _options()
    starttls = options.get("starttls", ["no"])[0] == "yes"
    return SmtpConnection(
        parts.hostname or "localhost",
        parts.port or (465 if parts.scheme == "smtps" else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls="direct" if parts.scheme == "smtps" else "starttls" if starttls else "none",
        timeout=float(options.get("timeout", ["30"])[0]),
        local_name=_own_name(),
    )


def _options() -> dict[str, list[str]]:
    return parse_qs(urlsplit(settings.SMTP_URL).query)


def _own_name() -> str:
    return urlsplit(settings.BATON_URL).hostname or socket.gethostname() or "localhost"
