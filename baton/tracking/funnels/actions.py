"""What people do with funnels."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.tracking.funnels.models import Funnel
from baton.tracking.funnels.rules import Shape

MOST_FUNNELS = 50


@transaction.atomic
def save_funnel(funnel: Funnel, *, name: str, shape: Shape, actor: User) -> Funnel:
    """Keep a new or changed funnel. Raises Refusal when there are MOST_FUNNELS already."""
    is_new = funnel.pk is None
    if is_new and Funnel.objects.filter(deleted_at=None).count() >= MOST_FUNNELS:
        raise Refusal(_("There are %(most)s funnels already. Delete one first.") % {"most": MOST_FUNNELS})
    funnel.name, funnel.site, funnel.per, funnel.within_minutes = name, shape.site, shape.per, shape.minutes
    funnel.steps = [step.as_json() for step in shape.steps]
    funnel.save()
    journal.record("funnel.added" if is_new else "funnel.changed", funnel, actor=actor)
    return funnel


@transaction.atomic
def delete_funnel(funnel: Funnel, *, actor: User, now: datetime) -> Funnel:
    """Take a funnel from the list; bring_back_funnel undoes it. The visits and events stay."""
    if Funnel.objects.filter(pk=funnel.pk, deleted_at=None).update(deleted_at=now):
        funnel.deleted_at = now
        journal.record("funnel.binned", funnel, actor=actor)
    return funnel


@transaction.atomic
def bring_back_funnel(funnel: Funnel, *, actor: User) -> Funnel:
    """Put a deleted funnel back into the list."""
    if Funnel.objects.filter(pk=funnel.pk, deleted_at__isnull=False).update(deleted_at=None):
        funnel.deleted_at = None
        journal.record("funnel.restored", funnel, actor=actor)
    return funnel
