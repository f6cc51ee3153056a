"""What an activity says about the lead it was done for. Pure."""

from __future__ import annotations

ATTEMPTS = {"call", "email", "meeting"}


def is_attempt(kind: str) -> bool:
    """True when the kind is one that tries to reach the contact; a note is none, a call to a wrong number is one."""
    return kind in ATTEMPTS


def reaches(kind: str, outcome: str, *, is_incoming: bool) -> bool:
    """True when the contact was reached: an answered call, any meeting, or whatever they sent themselves."""
    return is_attempt(kind) and (outcome == "reached" or kind == "meeting" or is_incoming)
