"""One-click unsubscribe in a mail as it leaves: RFC 8058's pair, signed, and what a mail program does with it."""

from __future__ import annotations

import re
from email import message_from_bytes
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.email import actions
from baton.marketing.email.tests.conftest import an_email, holds
from baton.people.consent.models import Consent
from baton.people.returns.actions import receive_mail
from baton.platform import jobs
from baton.platform.mail.dkim import make_key
from baton.platform.mail.transport import mailbox
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"], transaction=True)


@pytest.fixture
def raw(sent_to, settings, tmp_path) -> tuple[bytes, dict[str, str]]:
    """One signed mail as it went out, without the catcher's envelope, and the DNS record of its key."""
    return sent(settings, tmp_path)


def sent(settings, tmp_path: Path) -> tuple[bytes, dict[str, str]]:
    settings.BATON_URL = "https://baton.acme.example"
    signer = make_key(tmp_path / "keys", "acme.example", "s1")
    actions.send_email(an_email(1), at=None, actor=a_user("marketer"), now=timezone.now())
    jobs.run_due(limit=50)
    (path,) = mailbox().glob("*.eml")
    return path.read_bytes().split(b"\r\n", 2)[2], dict([signer.dns_record()])


def test_the_pair_is_there_once_on_one_line_each_with_one_https_address(raw) -> None:
    message = message_from_bytes(raw[0])
    (pair,) = message.get_all("List-Unsubscribe")
    assert re.fullmatch(r"<https://baton\.acme\.example/u/[A-Za-z0-9_-]+>", pair)  # opaque: no address, no number
    assert message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]


def test_both_are_signed_and_neither_can_be_changed_taken_away_or_added(raw) -> None:
    text, records = raw
    signed = message_from_bytes(text)["DKIM-Signature"]
    names = re.sub(r"\s", "", signed).split("h=")[1].split(";")[0].split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= set(names)
    assert holds(text, records)
    assert not holds(text.replace(b"/u/", b"/u/x"), records)
    assert not holds(text.replace(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""), records)
    assert not holds(b"List-Unsubscribe: <https://evil.example/>\r\n" + text, records)
    assert not holds(b"List-Unsubscribe-Post: x\r\n" + text, records)


def test_a_mail_program_posts_and_the_person_is_unsubscribed(raw) -> None:
    pair = message_from_bytes(raw[0])["List-Unsubscribe"]
    address = pair.strip("<>").removeprefix("https://baton.acme.example")
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.get(address).status_code == stranger.head(address).status_code == 200
    assert Consent.objects.get().state == "given"
    body = "List-Unsubscribe=One-Click"
    answer = stranger.post(address, body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, "Location" in answer.headers, bool(answer.cookies)) == (200, False, False)
    assert Consent.objects.get().state == "withdrawn"


def test_where_returns_are_read_an_address_stands_second_and_a_mail_to_it_unsubscribes(
    sent_to, settings, tmp_path
) -> None:
    settings.RETURNS_FOLDER = str(tmp_path / "returns")
    text, records = sent(settings, tmp_path)
    assert holds(text, records)
    web, by_mail = re.sub(r"\s", "", message_from_bytes(text)["List-Unsubscribe"]).split(",")
    assert web.startswith("<https://baton.acme.example/u/")
    address = re.fullmatch(r"<mailto:(news\+u[0-9a-f-]+@acme\.example)\?subject=unsubscribe>", by_mail)[1]
    assert not holds(text.replace(b"mailto:news", b"mailto:olds"), records)
    letter = f"From: p0@them.example\nTo: {address}\nSubject: unsubscribe\n\n".encode()
    receive_mail(letter, source="folder", now=timezone.now())
    assert Consent.objects.get().state == "withdrawn"
