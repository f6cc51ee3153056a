"""Figures of the review: how fast, how many accepted, why rejected, by whom and by source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from baton.handoff.assignments.models import Handoff
from baton.platform.accounts.models import User

ACCEPTED = Q(state="accepted")
SENT_BACK = Q(state__in=["rejected", "recycled"])
EXPIRED = Q(state="expired")


@dataclass(frozen=True)
class Kept:
    """How the agreement was kept in a period. Shares are 0 to 1, None without anything to share."""

    assigned: int
    accepted: int
    rejected: int
    expired: int
    waiting: int
    accepted_in_time: int
    attempted_in_time: int
    attempt_due: int

    @property
    def share_accepted(self) -> float | None:
        answered = self.accepted + self.rejected + self.expired
        return self.accepted / answered if answered else None

    @property
    def share_attempted_in_time(self) -> float | None:
        return self.attempted_in_time / self.attempt_due if self.attempt_due else None


def handoffs_between(user: User, since: datetime, until: datetime) -> QuerySet[Handoff]:
    """Handoffs assigned in [since, until) that `user` may see; those taken over from elsewhere are left out."""
    return (
        Handoff.objects.visible_to(user)
        .filter(assigned_at__gte=since, assigned_at__lt=until)
        .exclude(chosen_because="imported")
    )


def kept(user: User, since: datetime, until: datetime, now: datetime) -> Kept:
    """One row of figures for the period, in one query."""
    return Kept(
        **handoffs_between(user, since, until).aggregate(
            assigned=Count("pk"),
            accepted=Count("pk", ACCEPTED),
            rejected=Count("pk", SENT_BACK),
            expired=Count("pk", EXPIRED),
            waiting=Count("pk", Q(state="assigned")),
            accepted_in_time=Count("pk", ACCEPTED & (Q(accept_by=None) | Q(answered_at__lte=F("accept_by")))),
            attempted_in_time=Count("pk", ACCEPTED & Q(first_attempt_at__lte=F("attempt_by"))),
            attempt_due=Count("pk", ACCEPTED & (Q(attempt_by__lte=now) | Q(first_attempt_at__isnull=False))),
        )
    )


def answered_late(now: datetime) -> Q:
    """Handoffs whose first promise was broken: nobody answered in time."""
    late = ACCEPTED & Q(answered_at__gt=F("accept_by"))
    return EXPIRED | late | Q(state="assigned", accept_by__lte=now)


def attempted_late(now: datetime) -> Q:
    """Handoffs whose second promise was broken: the first attempt came late, or is due and has not come."""
    return ACCEPTED & (Q(first_attempt_at__gt=F("attempt_by")) | Q(first_attempt_at=None, attempt_by__lte=now))


def reasons(user: User, since: datetime, until: datetime) -> QuerySet[Any, Any]:
    """Reject reasons with their counts, most frequent first."""
    rejected = handoffs_between(user, since, until).filter(SENT_BACK)
    return rejected.values("reject_reason").annotate(count=Count("pk")).order_by("-count")


def by_owner(user: User, since: datetime, until: datetime) -> QuerySet[Any, Any]:
    """Per person: assigned, accepted, rejected, expired, first attempts missed."""
    return _split(handoffs_between(user, since, until), "owner__name")


def by_source(user: User, since: datetime, until: datetime) -> QuerySet[Any, Any]:
    """Per source of the lead: assigned, accepted, rejected, expired."""
    return _split(handoffs_between(user, since, until), "lead__source")


def by_campaign(user: User, since: datetime, until: datetime) -> QuerySet[Any, Any]:
    """Per campaign code of the lead: assigned, accepted, rejected, expired."""
    return _split(handoffs_between(user, since, until), "lead__campaign_code")


def _split(handoffs: QuerySet[Handoff], column: str) -> QuerySet[Any, Any]:
    return (
        handoffs.values(name=F(column))
        .annotate(
            assigned=Count("pk"),
            accepted=Count("pk", ACCEPTED),
            rejected=Count("pk", SENT_BACK),
            expired=Count("pk", EXPIRED),
            missed=Count("pk", Q(attempt_missed_at__isnull=False)),
        )
        .order_by("-assigned")[:50]
    )
