"""Reading the catcher's folder: the newest mails, and one mail's parts."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from baton.platform.mail.transport import mailbox

NEWEST = 100
_NAME = re.compile(r"\d{20}-[0-9a-f]{6}\.eml")


@dataclass(frozen=True)
class Letter:
    """One caught mail."""

    name: str
    at: datetime
    to: str
    sender: str
    subject: str
    html: str
    text: str
    headers: list[tuple[str, str]]


def newest(to: str = "") -> list[Letter]:
    """The newest mails, at most a hundred; `to` keeps those to one address."""
    folder = mailbox()
    if not folder.is_dir():
        return []
    names = sorted((path.name for path in folder.iterdir() if _NAME.fullmatch(path.name)), reverse=True)
    letters = []
    for name in names[: NEWEST if not to else NEWEST * 50]:
        letter = _read(folder / name, with_body=False)
        if not to or to.lower() in letter.to.lower():
            letters.append(letter)
        if len(letters) == NEWEST:
            break
    return letters


def letter(name: str) -> Letter | None:
    """One mail by its file's name; None when there is none."""
    path = mailbox() / name
    return _read(path, with_body=True) if _NAME.fullmatch(name) and path.is_file() else None


def _read(path: Path, *, with_body: bool) -> Letter:
    raw = path.read_bytes()
    if not with_body:
        raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return Letter(
        name=path.name,
        at=datetime.fromtimestamp(int(path.name[:20]) / 1e9, UTC),
        to=str(message.get("Delivered-To") or message.get("To", "")),
        sender=str(message.get("From", "")),
        subject=str(message.get("Subject", "")),
        html=_part(message, "html") if with_body else "",
        text=_part(message, "plain") if with_body else "",
        headers=[(key, str(value)) for key, value in message.items()],
    )


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return str(body.get_content()) if body else ""
