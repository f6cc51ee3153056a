"""Jobs that fetch what came back: from the mailbox, and from a folder into which a mail server delivers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from baton.people.returns.actions import receive_mail
from baton.people.returns.mailbox import Mailbox, MailboxFault, Place, place_of
from baton.people.returns.mime import MAX_BYTES
from baton.people.returns.models import MailboxPlace
from baton.platform.jobs.models import Job

log = logging.getLogger("baton.returns")

AT_ONCE = 500
SLICE_SECONDS = 40.0  # the next look comes after a minute


def poll_returns(job: Job) -> None:
    """Job, every minute: read what is new in the mailbox and the folder that the settings name."""
    if settings.RETURNS_IMAP_URL:
        read_mailbox(place_of(settings.RETURNS_IMAP_URL))
    if settings.RETURNS_FOLDER:
        read_folder(Path(settings.RETURNS_FOLDER))


def read_mailbox(place: Place, *, mailbox: Mailbox | None = None) -> int:
    """Take the mails that are new; gives how many. A fault is kept for the page and tried again by the next look."""
    kept, _made = MailboxPlace.objects.get_or_create(key=place.key)
    read = 0
    fault = ""
    try:
        with (mailbox or Mailbox(place)).opened() as opened:
            if opened.uid_validity != kept.uid_validity:
                kept.uid_validity, kept.last_uid = opened.uid_validity, 0
            read = _read_new(opened, kept)
    except MailboxFault as error:
        fault = str(error)
        log.warning("%s", error)
    kept.looked_at, kept.fault = timezone.now(), fault[:300]
    kept.save()
    return read


def _read_new(opened: Mailbox, kept: MailboxPlace) -> int:
    until = time.monotonic() + SLICE_SECONDS
    done: list[int] = []
    for uid in opened.uids_after(kept.last_uid, AT_ONCE):
        if raw := opened.mail(uid):
            _take(raw, "mailbox", f"mail {uid}")
        done.append(uid)
        kept.last_uid = uid
        if len(done) % 50 == 0:
            kept.save(update_fields=["uid_validity", "last_uid"])
        if time.monotonic() > until:
            break
    opened.put_away(done)
    return len(done)


def read_folder(folder: Path) -> int:
    """Take the mails in a Maildir's new/ or, where there is none, the folder's files; what was read goes to cur/.

    A mail is moved after it was stored: killed in between, it is read again and counts once.
    """
    is_maildir = (folder / "new").is_dir()
    source, target = (folder / "new" if is_maildir else folder), folder / "cur"
    until = time.monotonic() + SLICE_SECONDS
    read = 0
    for path in _files(source):
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES)
        _take(raw, "folder", path.name)
        target.mkdir(exist_ok=True)
        path.rename(target / (f"{path.name}:2,S" if is_maildir else path.name))
        read += 1
        if read >= AT_ONCE or time.monotonic() > until:
            break
    return read


def _files(source: Path) -> Iterator[Path]:
    for path in sorted(source.iterdir()) if source.is_dir() else []:
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield path


def _take(raw: bytes, source: str, name: str) -> None:
    try:
        receive_mail(raw, source=source, now=timezone.now())
    except DatabaseError:
        raise
    except Exception:  # one strange mail must not hold up those behind it; it stays where it is, or in cur/
        log.exception("%s of the %s could not be taken", name, source)
