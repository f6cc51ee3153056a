"""Products in a deal: adding and taking out lines by hand. Quotes replace them all through closing.set_lines."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.money import MICROS, decimals, divide_half_up
from baton.sales.deals.closing import SoldLine, set_lines
from baton.sales.deals.errors import DealIsClosed
from baton.sales.deals.models import Deal, DealLine
from baton.sales.products.models import Product

THOUSANDTHS = 1000


@transaction.atomic
def add_line(
    deal: Deal,
    product: Product,
    *,
    quantity_thousandths: int,
    actor: User | None,
    now: datetime,
    amount_minor: int | None = None,
    seen_revision: int | None = None,
) -> Deal:
    """Put a product into an open deal: at its list price, or for `amount_minor`; at its cost, where that is known.

    The deal's amount becomes the sum of its lines.
    Raises DealIsClosed, ChangedMeanwhile, Refusal for a product in another currency.
    """
    _refuse_closed(deal)
    if product.currency != deal.currency:
        raise Refusal(
            _("%(product)s is sold in %(currency)s, the deal is in %(deal)s.")
            % {"product": product, "currency": product.currency, "deal": deal.currency}
        )
    price = _of(product.price_micros, quantity_thousandths, deal.currency)
    line = SoldLine(
        product=product,
        amount_minor=price if amount_minor is None else amount_minor,
        cost_minor=_of(product.cost_micros, quantity_thousandths, deal.currency),
        quantity_thousandths=quantity_thousandths,
    )
    _set(deal, [*_lines(deal), line], actor=actor, now=now, seen_revision=seen_revision)
    return deal


@transaction.atomic
def remove_line(deal: Deal, line: DealLine, *, actor: User | None, now: datetime) -> Deal:
    """Take a line out of an open deal. Raises DealIsClosed."""
    _refuse_closed(deal)
    _set(deal, _lines(deal, without=line.pk), actor=actor, now=now)
    return deal


def _refuse_closed(deal: Deal) -> None:
    if not deal.is_open:
        raise DealIsClosed(_("This deal is closed. Reopen it first."))


def _set(
    deal: Deal, lines: list[SoldLine], *, actor: User | None, now: datetime, seen_revision: int | None = None
) -> None:
    before = deal.amount_minor
    deal.claim_revision(seen_revision)
    set_lines(deal, lines)
    journal.record(
        "deal.lines_set", deal, actor=actor, lines=len(lines), before=before, after=deal.amount_minor, at=now
    )


def _lines(deal: Deal, *, without: int | None = None) -> list[SoldLine]:
    return [
        SoldLine(line.product, line.amount_minor, line.cost_minor, line.quantity_thousandths, line.description)
        for line in deal.lines.select_related("product").order_by("pk")
        if line.pk != without
    ]


def _of(micros: int | None, quantity_thousandths: int, currency: str) -> int | None:
    """A unit price or cost times the quantity, rounded once, in minor units; unknown stays unknown."""
    if micros is None:
        return None
    return divide_half_up(micros * quantity_thousandths * 10 ** decimals(currency), MICROS * THOUSANDTHS)
