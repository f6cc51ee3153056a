"""The mail catcher's mails of a test."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest


@pytest.fixture
def letters(tmp_path: Path, settings) -> Callable[[], list[EmailMessage]]:
    """A function that gives what went out so far, parsed, the oldest first."""
    settings.BATON_HOME = tmp_path
    return lambda: [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted((tmp_path / "mailbox").glob("*.eml"))
    ]
