"""What a signer agrees to before signing. A changed text needs a new version; both are evidence."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.utils.translation import gettext as _

VERSION = "2026-11"


@dataclass(frozen=True)
class Consent:
    """The text as shown, in the reader's language, and what proves which one it was."""

    version: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def consent(organisation: str) -> Consent:
    """The text shown to whoever signs for `organisation`."""
    text = _(
        "I have read this document and agree to sign it electronically. My electronic signature shows that I accept "
        "it, as a signature on paper would. %(organisation)s keeps my name, e-mail address, network address, browser "
        "and the times of what I do here as evidence. I receive a copy that I can keep and print. I may decline "
        "instead, or ask %(organisation)s for a paper copy."
    ) % {"organisation": organisation}
    return Consent(VERSION, text)
