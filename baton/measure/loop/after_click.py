"""What began with the people who clicked in an email, after their click: leads, deals, bookings and margin so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from baton.marketing.email.models import KIND, Broadcast
from baton.people.leads.models import Lead
from baton.sales.deals.models import Deal, DealLine

WITHIN = timedelta(days=90)


@dataclass(frozen=True)
class AfterClick:
    """Amounts in minor units of `currency`; deals in another one are left out. `margin_minor` None: it is not known."""

    leads: int
    deals: int
    won: int
    bookings_minor: int
    margin_minor: int | None
    currency: str


def after_click(broadcast: Broadcast, currency: str) -> AfterClick:
    """What those who clicked opened within 90 days after it. No credit: the same deal may follow other emails too."""
    leads = _after(Lead.objects.live(), broadcast, "contact", "opened_at").count()
    deals = _deals(broadcast).filter(currency=currency)
    sums = deals.aggregate(
        all=Count("pk"),
        won=Count("pk", Q(state=Deal.State.WON)),
        bookings=Sum("amount_minor", filter=Q(state=Deal.State.WON)),
    )
    return AfterClick(
        leads, sums["all"], sums["won"], sums["bookings"] or 0, _margin(deals.filter(state=Deal.State.WON)), currency
    )


def _deals(broadcast: Broadcast) -> QuerySet[Deal]:
    through = [_after(Deal.objects.all(), broadcast, path, "opened_at") for path in ("parts__contact", "lead__contact")]
    return Deal.objects.live().filter(Q(pk__in=through[0].values("pk")) | Q(pk__in=through[1].values("pk")))


def _after(rows: QuerySet[Any], broadcast: Broadcast, contact: str, moment: str) -> QuerySet[Any]:
    """Rows of people whose click came before them, by 90 days at most."""
    copy = f"{contact}__deliveries"
    clicked = F(f"{copy}__clicked_at")
    return rows.filter(
        **{f"{copy}__message_kind": KIND, f"{copy}__message_id": broadcast.pk, f"{copy}__clicked_at__isnull": False},
        **{f"{moment}__gte": clicked, f"{moment}__lt": clicked + WITHIN},
    ).order_by()


def _margin(won: QuerySet[Deal]) -> int | None:
    """The gross margin of all of them together; None where that of one is not known."""
    deals = set(won.values_list("pk", flat=True))
    lines = DealLine.objects.filter(deal__in=deals).order_by().values("deal")
    rows = lines.annotate(
        unknown=Count("pk", Q(cost_minor=None) | Q(amount_minor=None)),
        margin=Sum(F("amount_minor") - F("cost_minor")),
    )
    margins = [None if row["unknown"] else row["margin"] for row in rows]
    known = [margin for margin in margins if margin is not None]
    return sum(known) if len(known) == len(deals) else None
