"""The mailbox, read from a real Dovecot that runs as an ordinary user; the folder; the pipe."""

from __future__ import annotations

import grp
import io
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from baton.people.returns import command, jobs
from baton.people.returns.jobs import read_folder, read_mailbox
from baton.people.returns.mailbox import Mailbox, MailboxFault, place_of
from baton.people.returns.models import MailboxPlace, Return
from baton.people.returns.tests.conftest import a_letter, a_report

pytestmark = pytest.mark.django_db
DOVECOT = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
needs_dovecot = pytest.mark.skipif(DOVECOT is None, reason="Dovecot is not installed here")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _owner() -> tuple[int, int]:
    """Whom Dovecot runs as: who runs the test, or nobody where that is root, as whom it refuses to."""
    nobody = pwd.getpwnam("nobody")
    return (nobody.pw_uid, nobody.pw_gid) if os.getuid() == 0 else (os.getuid(), os.getgid())


def _give(path: Path) -> None:
    for one in [path, *path.rglob("*")]:
        os.chown(one, *_owner())


def _config(home: Path, port: int) -> str:
    uid, gid = _owner()
    user, group = pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
ssl = required
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{home}/Maildir
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@pytest.fixture(scope="module")
def dovecot() -> Iterator[SimpleNamespace]:
    """A mail server with one mailbox (ada, secret) over TLS, in a folder of its own."""
    assert DOVECOT
    with tempfile.TemporaryDirectory(prefix="baton-imap-") as folder:
        home, port = Path(folder), _free_port()
        (home / "dovecot.conf").write_text(_config(home, port))
        _certificate(home)
        _give(home)
        uid, gid = _owner()
        command = [DOVECOT, "-F", "-c", str(home / "dovecot.conf")]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, user=uid, group=gid, extra_groups=[])
        try:
            _wait_for(port, process, home)
            context = ssl.create_default_context(cafile=str(home / "cert.pem"))
            yield SimpleNamespace(home=home, port=port, context=context)
        finally:
            process.terminate()
            process.wait(10)


def _certificate(home: Path) -> None:
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    cert = made.add_extension(names, False).sign(key, hashes.SHA256())
    (home / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (home / "key.pem").write_bytes(private)


def _wait_for(port: int, process: subprocess.Popen, home: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    log = home / "log"
    pytest.fail(f"Dovecot did not start: {log.read_text() if log.exists() else process.poll()}")


@pytest.fixture
def box(dovecot: SimpleNamespace) -> SimpleNamespace:
    """The mailbox, empty, and how it is read."""
    shutil.rmtree(dovecot.home / "Maildir", ignore_errors=True)

    def put(raw: bytes) -> None:
        for name in ("new", "cur", "tmp"):
            (dovecot.home / "Maildir" / name).mkdir(parents=True, exist_ok=True)
        count = len(list((dovecot.home / "Maildir").rglob("*.test*")))
        (dovecot.home / "Maildir" / "new" / f"{time.time_ns()}.{count}.test").write_bytes(raw)
        _give(dovecot.home / "Maildir")

    def look(options: str = "") -> int:
        place = place_of(f"imaps://ada:secret@127.0.0.1:{dovecot.port}/INBOX{options}")
        return read_mailbox(place, mailbox=Mailbox(place, context=dovecot.context))

    return SimpleNamespace(put=put, look=look, home=dovecot.home, port=dovecot.port, context=dovecot.context)


@needs_dovecot
def test_each_mail_of_the_mailbox_is_read_once(box: SimpleNamespace) -> None:
    box.put(a_report("550 5.1.1 user unknown", recipient="a@b.example"))
    box.put(a_letter("Out of office"))
    assert (box.look(), box.look()) == (2, 0)
    box.put(a_report("550 5.1.1 user unknown", recipient="c@b.example"))
    assert box.look() == 1
    assert list(Return.objects.order_by("pk").values_list("source", "kind")) == [
        ("mailbox", "bounce"), ("mailbox", "other"), ("mailbox", "bounce"),
    ]  # fmt: skip
    place = MailboxPlace.objects.get()
    assert place.last_uid == 3
    assert place.uid_validity
    assert not place.fault
    assert place.looked_at


@needs_dovecot
def test_a_mailbox_made_anew_is_read_from_its_beginning_and_counts_nothing_twice(box: SimpleNamespace) -> None:
    box.put(a_report("550 5.1.1 user unknown"))
    assert box.look() == 1
    MailboxPlace.objects.update(uid_validity=1, last_uid=99)
    assert box.look() == 1
    assert Return.objects.count() == 1


@needs_dovecot
def test_what_was_read_moves_when_asked_for(box: SimpleNamespace) -> None:
    box.put(a_report("550 5.1.1 user unknown"))
    assert box.look("?move=Read") == 1
    assert not MailboxPlace.objects.get().fault
    moved = [path for part in ("new", "cur") for path in (box.home / "Maildir" / ".Read" / part).iterdir()]
    assert len(moved) == 1
    assert box.look("?move=Read") == 0


@needs_dovecot
def test_a_wrong_password_is_a_fault_that_is_shown_without_it(box: SimpleNamespace) -> None:
    place = place_of(f"imaps://ada:wrong@127.0.0.1:{box.port}/INBOX")
    assert read_mailbox(place, mailbox=Mailbox(place, context=box.context)) == 0
    fault = MailboxPlace.objects.get().fault
    assert fault.startswith("The mailbox cannot be read")
    assert "wrong" not in fault


@needs_dovecot
def test_a_server_that_cannot_prove_who_it_is_gets_no_password(box: SimpleNamespace) -> None:
    place = place_of(f"imaps://ada:secret@127.0.0.1:{box.port}/INBOX")
    with pytest.raises(MailboxFault, match="certificate"), Mailbox(place).opened():
        pass


def test_an_address_of_a_mailbox_says_everything() -> None:
    place = place_of("imaps://a%40b:p%2Fw@mail.example/INBOX/Bounces?move=Done")
    assert (place.user, place.password, place.port, place.folder) == ("a@b", "p/w", 993, "INBOX/Bounces")
    assert (place.tls, place.move_to) == ("direct", "Done")
    assert place_of("imap://a:b@mail.example?tls=starttls").tls == "starttls"


def test_a_folders_mails_are_taken_and_put_aside(tmp_path: Path) -> None:
    for part in ("new", "cur", "tmp"):
        (tmp_path / part).mkdir()
    (tmp_path / "new" / "1.a").write_bytes(a_report("550 5.1.1 user unknown"))
    (tmp_path / "new" / "2.b").symlink_to("/etc/hostname")
    assert (read_folder(tmp_path), read_folder(tmp_path)) == (1, 0)
    assert [path.name for path in (tmp_path / "cur").iterdir()] == ["1.a:2,S"]
    assert Return.objects.get().source == "folder"
    assert read_folder(tmp_path / "missing") == 0


def test_one_strange_mail_does_not_hold_up_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1.eml").write_bytes(b"bad")
    (tmp_path / "2.eml").write_bytes(a_report("550 5.1.1 user unknown"))
    real = jobs.receive_mail

    def fails(raw: bytes, **said: object) -> list[Return]:
        if raw == b"bad":
            raise RuntimeError("a fault of ours")
        return real(raw, **said)

    monkeypatch.setattr(jobs, "receive_mail", fails)
    assert read_folder(tmp_path) == 2
    assert Return.objects.count() == 1


def test_the_pipe_takes_a_mail_and_keeps_it_back_without_a_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = a_report("550 5.1.1 user unknown")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    assert command.run(SimpleNamespace(show=True)) == 0
    assert capsys.readouterr().out.startswith("bounce dead_address user_unknown ada@customer.example")
    assert not Return.objects.exists()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    assert command.run(SimpleNamespace(show=False)) == 0
    assert Return.objects.get().source == "pipe"

    def away(raw: bytes, **said: object) -> None:
        raise command.DatabaseError("gone")

    monkeypatch.setattr(command, "receive_mail", away)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    assert command.run(SimpleNamespace(show=False)) == 75
