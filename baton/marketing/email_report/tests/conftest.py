"""Emails that went out, with who did what."""

from __future__ import annotations

from baton.marketing.email.tests.conftest import sent_to
from baton.marketing.reading.tests.conftest import a_mailing

__all__ = ["a_mailing", "sent_to"]
