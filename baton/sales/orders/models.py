"""The orders' tables. One row of Order is what was booked by one accepted quote."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.access import visible_to
from baton.platform.accounts.models import User
from baton.platform.record import Record, RecordQuerySet, record_url
from baton.sales.deals.models import Deal
from baton.sales.products.models import Product
from baton.sales.quotes.models import Quote


class OrderQuerySet(RecordQuerySet):
    """An order belongs to whoever owns its deal."""

    def visible_to(self, user: User) -> Self:
        return self.live().filter(visible_to(user, "sales", owner="deal__owner"))


class Order(Record):
    """What was booked. `net_minor` is the booked amount; `cost_minor` empty is unknown; payments say what is paid."""

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="orders")
    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="order")
    number = models.CharField(_("Number"), max_length=30, unique=True)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    cost_minor = models.BigIntegerField(null=True)
    booked_at = models.DateTimeField()

    objects = OrderQuerySet.as_manager()  # type: ignore[misc]  # a narrower kind of the record's

    class Meta:
        indexes = [
            models.Index(fields=["-booked_at", "-id"], name="order_newest"),
            models.Index(fields=["deal", "-booked_at"], name="order_of_deal"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return record_url("sales", "order", "order_id", self.pk)

    @property
    def margin_minor(self) -> int | None:
        return None if self.cost_minor is None else self.net_minor - self.cost_minor

    @property
    def paid_minor(self) -> int:
        """What was paid so far, tax included."""
        return self.payments.aggregate(paid=Sum("amount_minor"))["paid"] or 0


class OrderLine(models.Model):
    """One line sold: its net after all discounts, and its cost if known."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT, related_name="+")
    description = models.TextField()
    quantity_thousandths = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    cost_minor = models.BigIntegerField(null=True)
    tax_bp = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.description


class Payment(models.Model):
    """Money that came in for an order, as told by the finance system or a person. The same reference counts once."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    amount_minor = models.BigIntegerField(_("Amount"))
    paid_on = models.DateField(_("Paid on"))
    reference = models.CharField(_("Reference"), max_length=100)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["paid_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["order", "reference"], name="payment_once")]

    def __str__(self) -> str:
        return self.reference
