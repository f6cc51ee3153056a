"""The doctor says whether bounces come in, and whether unsubscribing in one click can work."""

from __future__ import annotations

import socket
from typing import Any

from baton.web.commands.doctor import _mail, _returns


def test_a_mailbox_that_does_not_answer_is_broken_and_its_password_is_not_shown(settings: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.RETURNS_IMAP_URL = f"imaps://ada:secret-word@127.0.0.1:{closed.getsockname()[1]}/INBOX"
        (found,) = _returns()
    assert found.state == "broken"
    assert "RETURNS_IMAP_URL" in found.sentence
    assert "secret-word" not in found.sentence


def test_sending_without_a_way_back_is_noted(settings: Any) -> None:
    settings.SMTP_URL = "smtp://mail.acme.example"
    assert [found.state for found in _returns()] == ["note"]
    settings.RETURNS_WEBHOOKS = {"postmark": "a:b"}
    assert list(_returns()) == []
    settings.RETURNS_FOLDER = "/nowhere/at/all"
    assert [found.state for found in _returns()] == ["broken"]


def test_sending_from_an_address_without_https_is_broken(settings: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.SMTP_URL = f"smtp://127.0.0.1:{closed.getsockname()[1]}"
        settings.BATON_URL = "http://baton.acme.example"
        found = [one.sentence for one in _mail()]
        settings.BATON_URL = "https://baton.acme.example"
        assert [one.sentence for one in _mail()] == found[1:]
    assert "RFC 8058" in found[0]
