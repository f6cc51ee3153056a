"""Reading what came back from an IMAP mailbox (RFC 3501), each mail once, a bounded number at a time.

How far it was read is remembered by UIDVALIDITY and UID; a mail is fetched without being marked as read, at most its
first megabyte. Mails stay where they are, or move to a folder (RFC 6851) when the address asks for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from baton.people.returns.mime import MAX_BYTES
from baton.platform.errors import OutsideFault

TIMEOUT_SECONDS = 20
_NUMBER = re.compile(rb"\d{1,18}")


class MailboxFault(OutsideFault):
    """The mailbox could not be read; nothing was changed and it is read again a minute later."""


@dataclass(frozen=True)
class Place:
    """What RETURNS_IMAP_URL names. `move_to` is empty when mails stay where they are."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    tls: str
    move_to: str

    @property
    def key(self) -> str:
        """Names this folder of this mailbox in the table of places; no secret in it."""
        return hashlib.sha256(f"{self.user}@{self.host}:{self.port}/{self.folder}".encode()).hexdigest()


def place_of(url: str) -> Place:
    """Read an address such as imaps://user:password@host/INBOX?move=Read or imap://...?tls=starttls."""
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    is_imaps = parts.scheme == "imaps"
    return Place(
        host=parts.hostname or "localhost",
        port=parts.port or (993 if is_imaps else 143),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        tls="direct" if is_imaps else options.get("tls", ["none"])[0],
        move_to=options.get("move", [""])[0],
    )


class Mailbox:
    """One signed-in look at a folder. Every fault outside is a MailboxFault."""

    def __init__(self, place: Place, *, context: ssl.SSLContext | None = None) -> None:
        self._place = place
        self._context = context or ssl.create_default_context()
        self.uid_validity = 0

    @contextlib.contextmanager
    def opened(self) -> Iterator[Mailbox]:
        with _faults():
            self._imap = self._connected()
        try:
            with _faults():
                self._select()
            yield self
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):  # the server ends the session by itself too
                self._imap.logout()

    def uids_after(self, last: int, limit: int) -> list[int]:
        """UIDs of mails that came after `last`, the oldest first."""
        with _faults():
            found = self._asked("SEARCH", None, f"UID {last + 1}:*")
        # "n:*" always gives the newest mail, even when it is older than n (RFC 3501, 6.4.8).
        numbers = sorted(int(one) for one in _NUMBER.findall(b" ".join(part for part in found if part)))
        return [uid for uid in numbers if uid > last][:limit]

    def mail(self, uid: int) -> bytes:
        """A mail's first megabyte; empty when somebody removed it meanwhile."""
        with _faults():
            found = self._asked("FETCH", str(uid), f"(BODY.PEEK[]<0.{MAX_BYTES}>)")
        return next((part[1] for part in found if isinstance(part, tuple)), b"")

    def put_away(self, uids: list[int]) -> None:
        """Move what was read to the folder that the address names, where it names one."""
        if not self._place.move_to or not uids:
            return
        with _faults():
            _state, told = self._imap.capability()  # what was told before signing in is less
            if b"MOVE" not in b" ".join(part for part in told if part).upper().split():
                raise MailboxFault("The mail server cannot move mails (RFC 6851). Take ?move= out of RETURNS_IMAP_URL.")
            self._imap.create(_quoted(self._place.move_to))
            self._asked("MOVE", ",".join(map(str, uids)), _quoted(self._place.move_to))

    def _connected(self) -> imaplib.IMAP4:
        place = self._place
        if place.tls == "direct":
            imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                place.host, place.port, ssl_context=self._context, timeout=TIMEOUT_SECONDS
            )
        else:
            imap = imaplib.IMAP4(place.host, place.port, timeout=TIMEOUT_SECONDS)
        try:
            if place.tls == "starttls":
                imap.starttls(ssl_context=self._context)
            imap.login(place.user, place.password)
        except Exception:
            imap.shutdown()
            raise
        return imap

    def _select(self) -> None:
        state, told = self._imap.select(_quoted(self._place.folder), readonly=not self._place.move_to)
        if state != "OK":
            raise MailboxFault(f"The mailbox has no folder {self._place.folder}: {_shown(told)}")
        _state, validity = self._imap.response("UIDVALIDITY")
        self.uid_validity = int(validity[0]) if validity and validity[0] else 0

    def _asked(self, command: str, *arguments: str | None) -> list:
        state, told = self._imap.uid(command, *[a for a in arguments if a is not None])
        if state != "OK":
            raise MailboxFault(f"The mail server refused {command}: {_shown(told)}")
        return told


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        raise MailboxFault(f"The mailbox cannot be read: {error}"[:300]) from error


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shown(told: list) -> str:
    return " ".join(part.decode("utf-8", "replace") for part in told if isinstance(part, bytes))[:200]
