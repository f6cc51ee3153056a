"""A house whose mail leaves by a relay of the internet; what is kept of answers is forgotten between tests."""

from __future__ import annotations

from typing import Any

import pytest

from baton.marketing.preflight import reads
from baton.marketing.preflight.relay import Offer
from baton.marketing.preflight.rules import Finding

GOOD = Offer(offers_tls=True)


@pytest.fixture(autouse=True)
def _forgotten():
    reads.forget_answers()
    yield
    reads.forget_answers()


@pytest.fixture
def outside(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Mail goes out into the internet from 203.0.113.9, over a relay with TLS that is not asked; gives the settings."""
    settings.BATON_HOME = tmp_path
    settings.BATON_URL = "https://baton.acme.org"
    settings.SMTP_URL = "smtp://smtp.acme-relay.com:587?starttls=yes"
    settings.SENDING_HOSTS = ["93.184.215.14"]
    monkeypatch.setattr("baton.marketing.preflight.relay.ask", lambda place: GOOD)
    return settings


def by_key(findings: list[Finding]) -> dict[str, Finding]:
    return {one.key: one for one in findings}


def levels(findings: list[Finding]) -> dict[str, str]:
    return {one.key: one.level for one in findings}


@pytest.fixture
def sent_home(settings: Any, tmp_path: Any) -> Any:
    """A home of this test's own, whose catcher keeps the mails."""
    settings.BATON_HOME = tmp_path
    return tmp_path
