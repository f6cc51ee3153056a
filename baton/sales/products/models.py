"""The products' table. One row is one thing we sell."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.platform.record import Record


class Product(Record):
    """A thing we sell. `cost_micros` empty means unknown, and so is every margin made with it, never 100 %.

    Prices and costs are in micros: millionths of the currency's major unit.
    """

    name = models.CharField(_("Name"), max_length=200)
    code = models.CharField(_("Code"), max_length=60, unique=True)
    family = models.CharField(_("Family"), max_length=120, default="", blank=True)
    description = models.TextField(_("Description"), default="", blank=True)
    currency = models.CharField(_("Currency"), max_length=3)
    price_micros = models.BigIntegerField(_("Price"))
    cost_micros = models.BigIntegerField(_("Cost"), null=True, blank=True)
    tax_bp = models.PositiveIntegerField(_("Tax, basis points"), default=0)
    is_active = models.BooleanField(_("Sold now"), default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
