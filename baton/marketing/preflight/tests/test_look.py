"""The job that asks others: links on loopback, a spamd of our own, what is kept and for how long."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from baton.marketing.email.actions import save_email
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.preflight import look, reads, spam
from baton.marketing.preflight.actions import look_again
from baton.marketing.preflight.models import Look
from baton.marketing.preflight.tests.conftest import by_key
from baton.platform import http, jobs
from baton.platform.jobs.models import Job
from baton.platform.tests.test_http import anywhere, web_server
from tests.cast import a_user

pytestmark = pytest.mark.django_db(transaction=True)

SPAMD = shutil.which("spamd") or shutil.which("spamd", path="/usr/sbin:/usr/local/sbin:/usr/bin/vendor_perl")


@pytest.fixture
def open_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = http.ask_status
    monkeypatch.setattr(look.http, "ask_status", lambda url, **told: ask(url, is_allowed=anywhere))


def saved(**fields: str) -> Broadcast:
    base = an_email(1)
    values = {"fields": base.fields | fields}
    return save_email(base, values, list(base.segments.all()), actor=a_user("marketer"), now=timezone.now())


def seen(broadcast: Broadcast) -> dict[str, Any]:
    return by_key(reads.before(broadcast, timezone.now(), asks=False).findings)


def test_saving_has_the_links_tried_in_the_background(sent_home: Any, open_loopback: None) -> None:
    with web_server({"/here": (200, ""), "/gone": (404, ""), "/shy": (403, "")}) as (place, asked):
        broadcast = saved(link=f"{place}/gone", image=f"{place}/here")
        assert asked == []
        assert seen(broadcast)["links.unasked"].level == "open"
        assert reads.before(broadcast, timezone.now(), asks=False).is_look_running
        jobs.run_due(limit=50)
        told = seen(broadcast)
        assert told["links.dead"].level == "warn"
        assert f"{place}/gone (404)" in told["links.dead"].evidence
        broadcast = save_email(broadcast, {"fields": broadcast.fields | {"link": f"{place}/shy"}},
                               list(broadcast.segments.all()), actor=None, now=timezone.now())  # fmt: skip
        jobs.run_due(limit=50)
        told = seen(broadcast)
        assert told["links"].level == "ok"
        assert f"{place}/shy" in told["links"].evidence
    assert asked.count("HEAD /here") == 1  # known for an hour


def test_private_and_example_addresses_are_not_asked(sent_home: Any, settings: Any) -> None:
    with web_server({"/": (200, "")}) as (place, asked):
        broadcast = saved(link=place, image="https://www.example.com/x.png")
        jobs.run_due(limit=50)
        assert asked == []
    assert seen(broadcast)["links"].level == "ok"
    settings.SMTP_URL = "smtp://smtp.acme-relay.com"
    assert seen(broadcast)["links.example"].level == "warn"


@pytest.mark.parametrize("url", ["http://[bad/", "https://", "http://a b.org/", "https://x..org/"])
def test_an_address_that_is_none_leads_nowhere(url: str) -> None:
    assert look.answer_of(url) == (look.DEAD, 0)


def test_asking_again_asks_all_and_waits_its_turn(sent_home: Any, open_loopback: None, monkeypatch: Any) -> None:
    with web_server({"/here": (200, ""), "/there": (200, "")}) as (place, asked):
        broadcast = saved(link=f"{place}/here", image=f"{place}/there")
        jobs.run_due(limit=50)
        look_again(broadcast, now=timezone.now())
        monkeypatch.setattr(look, "SLICE_SECONDS", -1.0)
        with pytest.raises(jobs.TryAgain):
            look.look(Job.objects.get(kind="preflight.look", state="waiting"), email_id=broadcast.pk)
        monkeypatch.undo()
        assert Look.objects.get().is_running
    assert asked.count("HEAD /here") == 1


def test_an_email_that_cannot_be_read_ends_the_look(sent_home: Any) -> None:
    broadcast = an_email(1, subject="{{ contact")
    look_again(broadcast, now=timezone.now())
    jobs.run_due(limit=50)
    assert not Look.objects.get().is_running


@contextlib.contextmanager
def _false_spamd(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    heard: list[bytes] = []

    def serve() -> None:
        peer, _address = listener.accept()
        with peer, contextlib.suppress(OSError):
            while got := peer.recv(65536):
                heard.append(got)
            peer.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", heard
        thread.join(5)


ANSWER = (
    b"SPAMD/1.1 0 EX_OK\r\nContent-length: 100\r\nSpam: %s ; %s / 5.0\r\n\r\n"
    b"pts rule name              description\n---- ------ ---\n"
    b" 1.5 MISSING_MID            Missing Message-Id: header\n-0.1 GOOD_THING  Fine\n 3.6 BAD_THING  Bad\n"
)


@pytest.mark.parametrize(("score", "level"), [("0.4", "ok"), ("3.2", "warn"), ("5.1", "warn")])
def test_the_score_of_spamassassin(sent_home: Any, settings: Any, score: str, level: str) -> None:
    broadcast = saved()
    with _false_spamd(ANSWER % (b"True", score.encode())) as (place, heard):
        settings.SPAMD_URL = place
        jobs.run_due(limit=50)
    assert heard[0].startswith(b"REPORT SPAMC/1.5\r\nContent-length: ")
    assert b"List-Unsubscribe" in b"".join(heard)
    told = seen(broadcast)["spam"]
    assert told.level == level
    assert told.evidence.startswith("+3.6 BAD_THING: Bad\n+1.5 MISSING_MID")
    Broadcast.objects.filter(pk=broadcast.pk).update(subject="Other words")
    broadcast.refresh_from_db()
    assert seen(broadcast)["spam.old"].level == "open"


@pytest.mark.parametrize("answer", [b"", b"SPAMD/1.1 76 Bad header\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_what_is_no_answer_stops_nothing(sent_home: Any, settings: Any, answer: bytes) -> None:
    broadcast = saved()
    with _false_spamd(answer) as (place, _heard):
        settings.SPAMD_URL = place
        jobs.run_due(limit=50)
    assert seen(broadcast)["spam.unasked"].level == "warn"


@pytest.mark.slow
@pytest.mark.skipif(SPAMD is None, reason="SpamAssassin is not installed here")
def test_a_real_spamd(tmp_path: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(SPAMD), "--local", "--nouser-config", "--max-children=1", "-i", "127.0.0.1", "-p", str(port),
               "-A", "127.0.0.1", "-s", "null", "--helper-home-dir", str(tmp_path),
               "-r", str(tmp_path / "pid")]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        verdict = _when_ready(process, f"127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)
    assert verdict.limit == 5.0
    assert verdict.score >= 5
    assert any(name == "GTUBE" for _points, name, _words in verdict.rules)


GTUBE = (
    b"From: a@acme.example\r\nTo: b@them.example\r\nSubject: Test\r\n\r\n"
    b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
)


def _when_ready(process: subprocess.Popen, place: str) -> spam.Verdict:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(spam.NoVerdict):
            return spam.ask_spamd(place, GTUBE)
        threading.Event().wait(0.1)
    pytest.fail(f"spamd did not start: {process.poll()}")
