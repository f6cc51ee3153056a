"""Deals opened by mistake: into the bin and out of it. A deal that was worked on is lost or won instead."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.accounts.models import User
from baton.sales.deals.errors import DealMustStay
from baton.sales.deals.models import Deal
from baton.sales.deals.search import index_deal


@transaction.atomic
def bin_deal(deal: Deal, *, actor: User, now: datetime) -> Deal:
    """Put a deal into the bin, its open tasks with it. Raises DealMustStay when it is won or has a quote."""
    if deal.state == Deal.State.WON:
        raise DealMustStay(_("are won, and their orders count"))
    if deal.quotes.filter(deleted_at=None).exists():
        raise DealMustStay(_("have a quote: mark them as lost instead"))
    deal.claim_revision()
    deal.deleted_at = now
    deal.save(update_fields=["deleted_at"])
    deal.tasks.filter(done_at=None, deleted_at=None).update(deleted_at=now)
    index_deal(deal)
    journal.record("deal.binned", deal, actor=actor)
    return deal


@transaction.atomic
def restore_deal(deal: Deal, *, actor: User, now: datetime) -> Deal:
    """Take a deal out of the bin, with the tasks that went there with it."""
    if deal.deleted_at is None:
        return deal
    deal.claim_revision()
    deal.tasks.filter(deleted_at=deal.deleted_at).update(deleted_at=None)
    deal.deleted_at = None
    deal.save(update_fields=["deleted_at"])
    index_deal(deal)
    journal.record("deal.restored", deal, actor=actor)
    return deal
