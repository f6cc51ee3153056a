"""What can be refused about a quote. Every sentence is for the person who asked."""

from __future__ import annotations

from baton.platform.errors import Refusal


class QuoteIsFrozen(Refusal):
    """The quote was sent; only a new version can say something else."""


class QuoteIsEmpty(Refusal):
    """A quote without lines, or a signer without an address, cannot be sent."""


class QuoteIsClosed(Refusal):
    """The quote was accepted, declined, replaced, or its validity has ended."""
