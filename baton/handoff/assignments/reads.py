"""Queries behind the queue of new leads and the page of one handoff."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, QuerySet

from baton.handoff.assignments.models import Handoff
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User


def waiting(user: User) -> QuerySet[Handoff]:
    """Handoffs that wait for an answer and `user` may see, those due soonest first."""
    return (
        Handoff.objects.visible_to(user)
        .filter(state=Handoff.State.ASSIGNED)
        .select_related("lead__contact__company", "owner", "agreement")
        .order_by(F("accept_by").asc(nulls_last=True), "pk")
    )


def to_attempt(user: User) -> QuerySet[Handoff]:
    """Accepted handoffs whose contact nobody has tried to reach yet, due soonest first."""
    return (
        Handoff.objects.visible_to(user)
        .filter(state=Handoff.State.ACCEPTED, first_attempt_at=None, lead__ended_at=None)
        .exclude(attempt_by=None)
        .select_related("lead__contact__company", "owner")
        .order_by(F("attempt_by").asc(nulls_last=True), "pk")
    )


def lately_answered(user: User, *, limit: int = 20) -> QuerySet[Handoff]:
    """What was answered last, newest first."""
    return (
        Handoff.objects.visible_to(user)
        .exclude(state=Handoff.State.ASSIGNED)
        .select_related("lead__contact__company", "owner", "agreement")
        .order_by("-answered_at")[:limit]
    )


def waiting_count(user: User) -> int:
    """How many leads wait for an answer; the badge beside New leads."""
    return Handoff.objects.visible_to(user).filter(state=Handoff.State.ASSIGNED).count()


def handoffs_of(contact: Contact) -> QuerySet[Handoff]:
    """Every handoff of a contact, newest first; both sides may see their state."""
    return (
        Handoff.objects.live()
        .filter(lead__contact=contact)
        .select_related("owner", "agreement", "lead")
        .order_by("-assigned_at")
    )


def share_left(handoff: Handoff, now: datetime) -> float:
    """Share of the time to answer that is left, 0 to 1; 1 where the clock does not run out."""
    if handoff.accept_by is None:
        return 1.0
    whole = (handoff.accept_by - handoff.assigned_at).total_seconds()
    return max(0.0, min(1.0, (handoff.accept_by - now).total_seconds() / whole)) if whole else 0.0
