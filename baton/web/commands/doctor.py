"""Check that everything works, and say what to do where it does not.

Looks at settings, databases, background work, mail and its way back, the event store, the disk and the clock. Ends
with 1 when something is broken.
"""

from __future__ import annotations

import argparse
import os
import shutil
import smtplib
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from baton.people.preferences.rules import one_click_fault
from baton.people.returns.mailbox import Mailbox, MailboxFault, place_of
from baton.platform.db import is_sqlite
from baton.platform.environment import VARIABLES
from baton.platform.jobs.models import Job
from baton.platform.schema import missing_migrations, unknown_migrations

LOW_DISK_BYTES = 2 * 1024**3
LATE_JOB = timedelta(minutes=5)
CLOCK_SECONDS = 5


@dataclass(frozen=True)
class Finding:
    """`state` is ok, note or broken; `sentence` says what is so and, where needed, what to do."""

    state: str
    part: str
    sentence: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--settings", action="store_true", help="only list every setting with its value and meaning")


def run(args: argparse.Namespace) -> int:
    if args.settings:
        for variable in VARIABLES:
            value = settings.ENV[variable.name]
            shown = ("(set)" if value else "(empty)") if variable.secret else value
            print(f"{variable.name:20} {shown!s:32} {variable.help}")
        return 0
    found = list(findings())
    for finding in found:
        print(f"{finding.state:7} {finding.part:10} {finding.sentence}")
    return 1 if any(finding.state == "broken" for finding in found) else 0


def findings() -> Iterator[Finding]:
    """Every check's findings, in the order an operator would look."""
    for check in CHECKS:
        try:
            yield from check()
        except DatabaseError as error:
            yield Finding("broken", "database", f"{error}. Is the server running and DATABASE_URL right?")
            return


def _settings() -> Iterator[Finding]:
    yield Finding("ok", "settings", f"all {len(VARIABLES)} readable; home is {settings.BATON_HOME}")
    if settings.DEBUG:
        yield Finding("note", "settings", "BATON_DEBUG is on: error pages tell strangers too much. Off in production.")
    if not settings.BATON_URL.startswith("https://") and urlsplit(settings.BATON_URL).hostname != "127.0.0.1":
        yield Finding(
            "note", "settings", "BATON_URL is not https: passwords travel in clear. Put a TLS proxy in front."
        )
    keys = settings.BATON_HOME / "keys"
    if keys.exists() and stat.S_IMODE(keys.stat().st_mode) & 0o077:
        yield Finding("broken", "settings", f"others can read {keys}. Run: chmod 700 {keys}")


def _databases() -> Iterator[Finding]:
    for alias in connections:
        connections[alias].ensure_connection()
    yield Finding("ok", "database", f"{connection.vendor} answers")
    if unknown := unknown_migrations():
        yield Finding("broken", "database", f"made by a newer version ({unknown[0]}). Start that version.")
    elif missing := missing_migrations():
        yield Finding("broken", "database", f"{len(missing)} changes are missing. Run `baton migrate`.")
    if is_sqlite():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            answer = cursor.fetchone()[0]
        state = "ok" if answer == "ok" else "broken"
        yield Finding(state, "database", "file is sound" if state == "ok" else f"damaged: {answer}. Restore a backup.")


def _work() -> Iterator[Finding]:
    now = timezone.now()
    late = Job.objects.filter(state=Job.State.WAITING, run_at__lt=now - LATE_JOB).count()
    failed = Job.objects.filter(state=Job.State.FAILED).count()
    if late:
        yield Finding(
            "broken", "work", f"{late} jobs wait longer than 5 minutes. Is `baton work` or `baton up` running?"
        )
    if failed:
        yield Finding("note", "work", f"{failed} jobs failed for good. Look at Operations in the browser.")
    if not late and not failed:
        yield Finding("ok", "work", "no job is late, none failed")


def _mail() -> Iterator[Finding]:
    parts = urlsplit(settings.SMTP_URL)
    if parts.scheme == "catcher":
        yield Finding("note", "mail", "kept for the mail catcher, nothing leaves. Set SMTP_URL to send.")
        return
    if fault := one_click_fault(settings.BATON_URL):
        yield Finding("broken", "mail", fault)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(parts.hostname or "localhost", parts.port or 25, timeout=10) as server:
            server.noop()
    except OSError as error:
        yield Finding(
            "broken", "mail", f"{parts.hostname}:{parts.port or 25} does not answer ({error}). Check SMTP_URL."
        )
    else:
        yield Finding("ok", "mail", f"{parts.hostname}:{parts.port or 25} answers")


def _returns() -> Iterator[Finding]:
    """What brings bounces, complaints and replies; the mailbox is signed in to, nothing is read."""
    if settings.RETURNS_IMAP_URL:
        place = place_of(settings.RETURNS_IMAP_URL)
        try:
            with Mailbox(place).opened():
                yield Finding("ok", "returns", f"{place.host}/{place.folder} can be read")
        except MailboxFault as fault:
            yield Finding("broken", "returns", f"{fault}. Check RETURNS_IMAP_URL.")
    if settings.RETURNS_FOLDER and not Path(settings.RETURNS_FOLDER).is_dir():
        yield Finding("broken", "returns", f"{settings.RETURNS_FOLDER} is no folder. Check RETURNS_FOLDER.")
    is_set_up = settings.RETURNS_IMAP_URL or settings.RETURNS_FOLDER or settings.RETURNS_WEBHOOKS
    if not is_set_up and urlsplit(settings.SMTP_URL).scheme != "catcher":
        yield Finding("note", "returns", "nothing brings bounces here. Set RETURNS_IMAP_URL or its kin.")


def _events() -> Iterator[Finding]:
    from baton.tracking.collect.countries import countries_health
    from baton.tracking.store import store_health

    lines = store_health() + countries_health()
    for line in lines:
        yield Finding("broken", "events", line)
    if not lines:
        yield Finding("ok", "events", "tail, catalog and files agree")


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.BATON_HOME).free
    probe = settings.BATON_HOME / f".doctor-{os.getpid()}"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        yield Finding("broken", "disk", f"{settings.BATON_HOME} cannot be written ({error}).")
        return
    if free < LOW_DISK_BYTES:
        yield Finding("broken", "disk", f"only {free / 1024**3:.1f} GB free. Make room: writes fail when it is full.")
    else:
        yield Finding("ok", "disk", f"{free / 1024**3:.0f} GB free")


def _clock() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        answer = cursor.fetchone()[0]
    theirs = answer if isinstance(answer, datetime) else datetime.fromisoformat(f"{answer}+00:00")
    apart = abs(theirs.timestamp() - time.time())
    year = datetime.now(UTC).year
    if apart > CLOCK_SECONDS:
        yield Finding("broken", "clock", f"{apart:.0f} s apart from the database's. Run a time service on both.")
    elif year < 2026:
        yield Finding("broken", "clock", f"the year is {year}. Set the clock; links and clocks depend on it.")
    else:
        yield Finding("ok", "clock", f"{timezone.now():%Y-%m-%d %H:%M} UTC, like the database's")


CHECKS: list[Callable[[], Iterator[Finding]]] = [_settings, _databases, _work, _mail, _returns, _events, _disk, _clock]
