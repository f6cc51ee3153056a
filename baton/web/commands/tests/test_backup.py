"""A backup made while others write restores to equal counts; what is not a backup is refused and nothing changes."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from baton.marketing.email.tests.yard import Yard, wait_for
from tests.home import migrated_home

pytestmark = [pytest.mark.slow, pytest.mark.own_sqlite]

SEED = """
import django; django.setup()
from django.utils import timezone
from baton.people.contacts.models import Contact
from baton.tracking.store import Event, append
from baton.tracking.store.append import to_micros
from baton.platform.files import store_file
Contact.objects.bulk_create(Contact(last_name=f"n{n}") for n in range(3000))
at = to_micros(timezone.now())
append([Event(id=f"{n:032x}", at=at, name="pageview", host="a.example", visitor="v") for n in range(500)])
store_file([b"paper"], name="paper.pdf", content_type="application/pdf", actor=None)
"""
WRITER = """
import django; django.setup()
from baton.people.contacts.models import Contact
import pathlib, sys
stop = pathlib.Path(sys.argv[1])
print("writing", flush=True)
while not stop.exists():
    Contact.objects.create(last_name="meanwhile")
"""


def environ(home: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "BATON_BACKUP_PASSPHRASE")
    }
    return {**kept, "BATON_HOME": str(home), "DJANGO_SETTINGS_MODULE": "baton.web.settings", **more}


def baton(home: Path, *arguments: str, fails: bool = False, **more: str) -> str:
    command = [sys.executable, "-m", "baton.web.cli", *arguments]
    ran = subprocess.run(command, env=environ(home, **more), capture_output=True, text=True)
    assert (ran.returncode != 0) == fails, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = migrated_home(tmp_path_factory.mktemp("home"))
    subprocess.run([sys.executable, "-c", SEED], env=environ(folder), check=True)
    return folder


def test_a_backup_made_while_others_write_restores_to_equal_counts(home: Path, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(stop)], env=environ(home), stdout=subprocess.PIPE)
    assert writer.stdout.readline() == b"writing\n"
    baton(home, "backup", "--out", str(tmp_path / "b.tar.gz"))
    stop.touch()
    writer.communicate(timeout=60)
    assert writer.returncode == 0
    restored = tmp_path / "restored"
    assert "All counts are equal" in baton(restored, "restore", str(tmp_path / "b.tar.gz"))
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        manifest = json.load(archive.extractfile("manifest.json"))
    assert manifest["rows"]["default"]["people_contact"] >= 3000
    assert manifest["rows"]["events"]["tracking_eventtail"] == 500
    assert manifest["files"] == 1
    assert "database" in baton(restored, "doctor")


def test_a_backup_made_while_mail_is_sent_restores_to_equal_counts_and_sends_nothing_by_itself(tmp_path: Path) -> None:
    people, batch = 3000, 20
    yard = Yard(tmp_path / "home", batch=batch)
    sink, worker = yard.start_sink(), None
    yard.environ["SMTP_URL"] += "?timeout=300"
    try:
        assert yard.start("fill", str(people)).wait() == 0
        worker = yard.start("work")
        assert wait_for(lambda: len(yard.taken()) > batch)
        with stopped_once(sink, lambda: len(yard.taken()) > people // 2):  # some are left, however slow the backup is
            __import__("time").sleep(8)
            baton(yard.home, "backup", "--out", str(tmp_path / "b.tar.gz"))
        assert wait_for(lambda: yard.ask("SELECT state FROM marketing_broadcast") == [("sent",)])
    finally:
        for process in filter(None, (worker, sink)):
            process.kill()
            process.wait()
        sink.stdout.close()
    restored = tmp_path / "restored"
    told = baton(restored, "restore", str(tmp_path / "b.tar.gz"))
    assert "All counts are equal" in told
    assert "1 emails were under way and are paused" in told
    with sqlite3.connect(restored / "baton.sqlite3") as copy:
        assert copy.execute("SELECT count(*) FROM people_delivery").fetchone() == (people,)
        assert copy.execute("SELECT count(*) FROM people_delivery WHERE state = 'queued'").fetchone()[0] > 0
        assert copy.execute("SELECT state FROM marketing_broadcast").fetchone() == ("paused",)
    copy.close()


@contextmanager
def stopped_once(process: subprocess.Popen, is_so: Callable[[], bool]) -> Iterator[None]:
    """Meanwhile the process stands still as soon as something is so; afterwards it goes on."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.02):
            if is_so():
                process.send_signal(signal.SIGSTOP)
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
        process.send_signal(signal.SIGCONT)


def test_keys_travel_only_encrypted_and_only_with_the_right_passphrase(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "k.tar.gz"
    baton(home, "backup", "--out", str(path), BATON_BACKUP_PASSPHRASE="seven sleepers")
    secret = (home / "keys" / "secret_key").read_bytes()
    with tarfile.open(path) as archive:
        assert secret not in archive.extractfile("keys.sealed").read()
        assert not any(name.startswith("keys/") for name in archive.getnames())
    wrong = baton(tmp_path / "wrong", "restore", str(path), fails=True, BATON_BACKUP_PASSPHRASE="nope")
    assert "not the passphrase" in wrong
    right = tmp_path / "right"
    baton(right, "restore", str(path), BATON_BACKUP_PASSPHRASE="seven sleepers")
    assert (right / "keys" / "secret_key").read_bytes() == secret


def test_a_home_that_is_not_empty_and_a_file_that_is_no_backup_are_refused(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(b"not a backup")
    assert "no backup that can be read" in baton(tmp_path / "empty", "restore", str(path), fails=True)
    assert "not empty" in baton(home, "restore", str(path), fails=True)
