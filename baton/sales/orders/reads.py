"""Queries behind the orders' pages."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from baton.platform.pages import Sort
from baton.sales.orders.models import Order, Payment

NEWEST = Sort("booked_at", True, _("newest"))
PAID = [("open", _("not fully paid")), ("paid", _("paid"))]


def with_paid(orders: QuerySet[Order]) -> QuerySet[Any]:
    """Orders with `paid` in minor units and the names a row shows, in one query."""
    sums = Payment.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(sum=Sum("amount_minor"))
    paid = Coalesce(Subquery(sums.values("sum"), output_field=BigIntegerField()), 0)
    return orders.select_related("deal__company", "deal__owner").annotate(paid=paid)


def narrowed(orders: QuerySet[Any], *, paid: str, text: str) -> QuerySet[Order]:
    """Orders of with_paid() limited to what a list was asked for."""
    if paid == "open":
        orders = orders.filter(paid__lt=F("total_minor"))
    elif paid == "paid":
        orders = orders.filter(paid__gte=F("total_minor"))
    if text:
        orders = orders.filter(Q(number__icontains=text) | Q(deal__name__icontains=text))
    return orders
