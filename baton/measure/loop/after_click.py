"""What began with the people who clicked in an email, after their click: leads, deals, bookings and margin so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from baton.marketing.email.models import KIND, Broadcast
from baton.people.leads.models import Lead
from baton.platform.organisation import organisation
from baton.sales.deals.models import Deal, DealContact, DealLine

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


def after_click(broadcast: Broadcast) -> AfterClick:
    """What those who clicked opened within 90 days after it. No credit: the same deal may follow other emails too."""
    deals, won = deals_after(broadcast), deals_after(broadcast).filter(state=Deal.State.WON)
    sums = won.aggregate(all=Count("pk"), bookings=Sum("amount_minor"))
    return AfterClick(
        leads=leads_after(broadcast).count(),
        deals=deals.count(),
        won=sums["all"],
        bookings_minor=sums["bookings"] or 0,
        margin_minor=_margin(won),
        currency=_currency(broadcast),
    )


def leads_after(broadcast: Broadcast) -> QuerySet[Lead]:
    """Leads of people who had clicked, opened within 90 days; once, however many copies they clicked in."""
    return Lead.objects.live().filter(pk__in=_after(Lead.objects.all(), broadcast, "contact", "opened_at").values("pk"))


def deals_after(broadcast: Broadcast) -> QuerySet[Deal]:
    """Deals in which somebody takes part who had clicked, or whose lead had, opened within 90 days."""
    through = [_after(Deal.objects.all(), broadcast, path, "opened_at") for path in ("parts__contact", "lead__contact")]
    there = Deal.objects.live().filter(currency=_currency(broadcast)).order_by()
    return there.filter(Q(pk__in=through[0].values("pk")) | Q(pk__in=through[1].values("pk")))


def _who_led(broadcast: Broadcast) -> QuerySet[Any]:
    return leads_after(broadcast).values("contact")


def _who_dealt(broadcast: Broadcast) -> QuerySet[Any]:
    return _people_of(deals_after(broadcast))


def _who_won(broadcast: Broadcast) -> QuerySet[Any]:
    return _people_of(deals_after(broadcast).filter(state=Deal.State.WON))


def _people_of(deals: QuerySet[Deal]) -> QuerySet[Any]:
    parts = DealContact.objects.filter(deal__in=deals.values("pk")).order_by().values("contact")
    return parts.union(deals.filter(lead__isnull=False).values("lead__contact"))


# The numbers' people, for the email's lists: title, and function(broadcast) -> ids of contacts.
PEOPLE = {
    "led": (_("Clicked, then opened a lead"), _who_led),
    "dealt": (_("In a deal opened after a click"), _who_dealt),
    "won": (_("In a deal won after a click"), _who_won),
}


def _currency(broadcast: Broadcast) -> str:
    return broadcast.campaign.currency if broadcast.campaign else organisation().currency


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
