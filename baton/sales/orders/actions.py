"""The verbs of orders: booking one from an accepted quote, recording what is paid."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.sales.orders.models import Order, OrderLine, Payment
from baton.sales.quotes.models import Quote, totals_of
from baton.sales.quotes.numbers import next_number


@transaction.atomic
def book_order(quote: Quote, *, actor: User | None, now: datetime) -> Order:
    """Make the order of an accepted quote, with price after all discounts and cost per line. One quote, one order."""
    made = Order.objects.filter(quote=quote).first()
    if made:
        return made
    lines = list(quote.lines.order_by("position", "pk"))
    totals = totals_of(quote, lines)
    order = Order.objects.create(
        deal=quote.deal,
        quote=quote,
        number=next_number("O", year=now.year),
        currency=quote.currency,
        net_minor=totals.net_minor,
        tax_minor=totals.tax_minor,
        total_minor=totals.total_minor,
        cost_minor=totals.cost_minor,
        booked_at=now,
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product_id=line.product_id,
            description=line.description,
            quantity_thousandths=line.quantity_thousandths,
            net_minor=total.sold_minor,
            cost_minor=total.cost_minor,
            tax_bp=line.tax_bp,
        )
        for line, total in zip(lines, totals.lines, strict=True)
    )
    journal.record("order.booked", order, actor=actor, deal=order.deal_id, quote=quote, net=order.net_minor)
    return order


@transaction.atomic
def record_payment(
    order: Order, *, amount_minor: int, paid_on: date, reference: str, actor: User | None, now: datetime
) -> Payment:
    """Record money that came in for an order. The same reference again changes nothing. Raises Refusal."""
    reference = reference.strip()[:100]
    if amount_minor == 0 or not reference:
        raise Refusal(_("Write the amount and a reference, such as the number of the bank entry."))
    payment, is_new = Payment.objects.get_or_create(
        order=order,
        reference=reference,
        defaults={"amount_minor": amount_minor, "paid_on": paid_on, "recorded_by": actor, "recorded_at": now},
    )
    if not is_new and (payment.amount_minor, payment.paid_on) != (amount_minor, paid_on):
        raise Refusal(_("%(reference)s is recorded already, with another amount or day.") % {"reference": reference})
    if is_new:
        journal.record("payment.recorded", order, actor=actor, amount=amount_minor, reference=reference)
    return payment
