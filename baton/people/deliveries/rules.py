"""Pure rules of deliveries: what an answer means, when to try again."""

from __future__ import annotations

from datetime import datetime, timedelta

from baton.people.returns.answers import DEAD, SENDER, TEMPORARY, meaning_of

WAITS_MINUTES = [2, 10, 30, 120, 360, 720, 1440]  # about two days in all, then it is given up


def class_of(code: int, status: str, text: str, *, at_sender: bool) -> str:
    """One of four: the address is dead, the mailbox cannot take it now, this message is refused, or we are.

    Read as a bounce's words are (returns/answers.py); what comes with 4xx is never dead yet.
    """
    if at_sender:
        return SENDER
    verdict = meaning_of(text, code=code, status=status).verdict
    return TEMPORARY if verdict == DEAD and code < 500 else verdict


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many attempts; None when it is time to give up."""
    if attempts > len(WAITS_MINUTES):
        return None
    return now + timedelta(minutes=WAITS_MINUTES[attempts - 1])
