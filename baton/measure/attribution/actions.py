"""Writing credit: when a deal is won, and taking it back when it is reopened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q, Sum

from baton.measure.attribution.models import Credit
from baton.measure.attribution.rules import METHODS, Touch, shares
from baton.measure.attribution.touches import touches_of
from baton.platform.journal.models import JournalEntry
from baton.sales.deals.models import Deal, DealLine


def on_deal_won(entry: JournalEntry) -> None:
    """Listener: give credit for the won deal. Bears repetition."""
    deal = Deal.objects.select_related("lead").filter(pk=entry.thing_id).first()
    if deal is not None:
        credit_deal(deal)


def on_deal_reopened(entry: JournalEntry) -> None:
    """Listener: a deal that is open again earns nothing until it is won again."""
    Credit.objects.filter(deal_id=entry.thing_id).delete()


def credit_deal(deal: Deal, touches: Iterable[Touch] | None = None) -> list[Credit]:
    """Write the credit of a won deal by every method, replacing what stood there. An open or lost deal earns none."""
    if deal.state != Deal.State.WON or deal.closed_at is None:
        Credit.objects.filter(deal=deal).delete()
        return []
    found = list(touches_of([deal])[deal.pk] if touches is None else touches)
    rows = [row for method in METHODS for row in _rows(deal, method, found, deal.closed_at)]
    with transaction.atomic():
        Credit.objects.filter(deal=deal).delete()
        return Credit.objects.bulk_create(rows)


def margin_of(deal: Deal) -> int | None:
    """Gross margin of a deal in minor units from its lines; None without lines or where any cost is unknown."""
    sums = DealLine.objects.filter(deal=deal).aggregate(
        lines=Count("pk"),
        unknown=Count("pk", Q(cost_minor=None) | Q(amount_minor=None)),
        margin=Sum(F("amount_minor") - F("cost_minor")),
    )
    return None if not sums["lines"] or sums["unknown"] else sums["margin"]


def _rows(deal: Deal, method: str, touches: list[Touch], closed_at: datetime) -> list[Credit]:
    parts = shares(
        touches,
        method,
        amount_minor=deal.amount_minor or 0,
        margin_minor=margin_of(deal),
        closed_at=closed_at,
    )
    return [
        Credit(
            deal=deal,
            method=method,
            channel=part.touch.channel,
            campaign_code=part.touch.campaign_code,
            touched_at=part.touch.at,
            closed_at=closed_at,
            share=part.share,
            amount_minor=part.amount_minor,
            margin_minor=part.margin_minor,
            currency=deal.currency,
        )
        for part in parts
    ]
