"""Setting quotas."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from baton.platform import journal
from baton.platform.accounts.models import Team, User
from baton.sales.quotas.models import Quota


@transaction.atomic
def set_quota(
    *,
    period: str,
    starts_on: date,
    amount_minor: int,
    currency: str,
    actor: User | None,
    now: datetime,
    user: User | None = None,
    team: Team | None = None,
) -> Quota:
    """Set what a user, or all of a team, should book in the period starting on `starts_on`; replaces what stood."""
    quota, made = Quota.objects.get_or_create(
        user=user,
        team=team,
        period=period,
        starts_on=starts_on,
        defaults={"amount_minor": amount_minor, "currency": currency},
    )
    before = None if made else quota.amount_minor
    if not made and (quota.amount_minor, quota.currency) == (amount_minor, currency):
        return quota
    quota.amount_minor, quota.currency = amount_minor, currency
    quota.save()
    journal.record("quota.set", quota, actor=actor, before=before, after=amount_minor, currency=currency, at=now)
    return quota
