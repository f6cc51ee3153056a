"""Queries behind the quotes' pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.models import User
from baton.platform.pages import Sort
from baton.sales.deals.models import Deal
from baton.sales.orders.models import Order
from baton.sales.products.models import Product
from baton.sales.quotes.models import Quote

SORTS = {
    "newest": Sort("created_at", True, _("newest")),
    "ends": Sort("valid_until", False, _("ending soon")),
    "amount": Sort("net_minor", True, _("largest")),
}
OUT = ("sent", "viewed")
STATES = [
    ("waiting", _("waiting for an answer")),
    ("draft", _("draft")),
    ("accepted", _("accepted")),
    ("declined", _("declined")),
    ("expired", _("expired")),
    ("superseded", _("replaced")),
]


@dataclass(frozen=True)
class QuoteFilter:
    """What a list was asked for: state ("waiting" is sent or viewed), owner "me", words."""

    state: str = ""
    owner: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> QuoteFilter:
        """From the address; what is not understood is left out."""
        state, owner = query.get("state", ""), query.get("owner", "")
        return cls(
            state if state in dict(STATES) else "",
            owner if owner == "me" or owner.isdecimal() else "",
            query.get("q", "").strip()[:100],
        )

    def query(self, **changed: str) -> str:
        values = {"state": self.state, "owner": self.owner, "q": self.text, **changed}
        return urlencode({name: value for name, value in values.items() if value})

    def narrow(self, quotes: QuerySet[Quote], user: User) -> QuerySet[Quote]:
        if self.state == "waiting":
            quotes = quotes.filter(state__in=OUT)
        elif self.state:
            quotes = quotes.filter(state=self.state)
        if self.owner:
            quotes = quotes.filter(deal__owner_id=user.pk if self.owner == "me" else int(self.owner))
        if self.text:
            words = Q(number__icontains=self.text) | Q(title__icontains=self.text)
            quotes = quotes.filter(words | Q(company__name__icontains=self.text))
        return quotes


def with_names(quotes: QuerySet[Quote]) -> QuerySet[Quote]:
    """What a row shows, in one query."""
    return quotes.select_related("deal__owner", "company", "contact")


def quotes_of_deal(deal: Deal) -> list[Quote]:
    """All quotes of a deal, newest first; who may see the deal may see them."""
    return list(Quote.objects.live().filter(deal=deal).select_related("contact").order_by("-created_at", "-pk"))


def orders_of_deal(deal: Deal) -> list[Order]:
    """All orders of a deal, newest first."""
    return list(Order.objects.live().filter(deal=deal).order_by("-booked_at"))


def versions_of(quote: Quote) -> list[Quote]:
    """The other versions of the same offer, newest first."""
    return list(Quote.objects.live().filter(number=quote.number).exclude(pk=quote.pk).order_by("-version"))


def unsigned(user: User) -> QuerySet[Quote]:
    """Quotes of the user's own deals that customers have not answered, the one that ends first on top."""
    mine = Quote.objects.live().filter(deal__owner=user, state__in=OUT)
    return with_names(mine).order_by("valid_until", "pk")


def sold_products(quote: Quote) -> list[Product]:
    """What may be put on the quote: sold now and in its currency, and what stands on it already."""
    on_it = Q(pk__in=quote.lines.exclude(product=None).values("product_id"))
    fitting = Q(is_active=True, currency=quote.currency, deleted_at=None)
    return list(Product.objects.filter(fitting | on_it).order_by("name")[:500])


def possible_contacts(quote: Quote) -> list[Any]:
    """Whom the quote may be addressed to: those with a part in the deal, and whom it names now."""
    people = [part.contact for part in quote.deal.parts.select_related("contact").order_by("-is_primary", "pk")]
    if quote.contact and quote.contact not in people:
        people.append(quote.contact)
    return people


def days_left(quote: Quote, today: date) -> int:
    """Whole days until the last valid one; negative when it is over."""
    return (quote.valid_until - today).days
