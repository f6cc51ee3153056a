"""The quotes' tables. One row of Quote is one version of one offer."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.platform.accounts.access import visible_to
from baton.platform.accounts.models import User
from baton.platform.files.models import StoredFile
from baton.platform.record import Record, RecordQuerySet, record_url
from baton.sales.deals.models import Deal
from baton.sales.products.models import Product
from baton.sales.quotes.rules import PER_LINE, PER_RATE, PricedLine, Totals, quote_totals


class QuoteQuerySet(RecordQuerySet):
    """A quote belongs to whoever owns its deal."""

    def visible_to(self, user: User) -> Self:
        return self.live().filter(visible_to(user, "sales", owner="deal__owner"))


class Quote(Record):
    """One version of an offer on a deal. A draft may change; once sent only its state does.

    `number` stays the same over versions; `document` holds the bytes that were sent, `pictures` its pages (file ids).
    Totals are kept as last worked out; `cost_minor` empty is unknown.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        VIEWED = "viewed", _("Viewed")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")
        SUPERSEDED = "superseded", _("Replaced")

    class Rounding(models.TextChoices):
        PER_RATE = PER_RATE, _("Tax rounded once per rate")
        PER_LINE = PER_LINE, _("Tax rounded on every line")

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="quotes")
    number = models.CharField(_("Number"), max_length=30)
    version = models.PositiveSmallIntegerField(_("Version"), default=1)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    title = models.CharField(_("Title"), max_length=200)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    currency = models.CharField(_("Currency"), max_length=3)
    discount_bp = models.PositiveIntegerField(_("Discount"), default=0)
    rounding = models.CharField(max_length=10, choices=Rounding.choices, default=Rounding.PER_RATE)
    valid_until = models.DateField(_("Valid until"))
    terms = models.TextField(_("Terms"), default="", blank=True)
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)
    cost_minor = models.BigIntegerField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(null=True)
    viewed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    decline_reason = models.TextField(default="", blank=True)
    document = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    pictures = models.JSONField(default=list, blank=True)

    objects = QuoteQuerySet.as_manager()  # type: ignore[misc]  # a narrower kind of the record's

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number", "version"], name="quote_version_once")]
        indexes = [
            models.Index(fields=["deal", "-created_at"], name="quote_of_deal"),
            models.Index(fields=["state", "valid_until"], name="quote_by_state"),
            models.Index(fields=["-created_at", "-id"], name="quote_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.number} v{self.version}" if self.version > 1 else self.number

    def get_absolute_url(self) -> str:
        return record_url("sales", "quote", "quote_id", self.pk)

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_out(self) -> bool:
        """With the customer, waiting for an answer."""
        return self.state in (self.State.SENT, self.State.VIEWED)

    @property
    def margin_minor(self) -> int | None:
        return None if self.cost_minor is None else self.net_minor - self.cost_minor

    def totals(self) -> Totals:
        """The whole arithmetic of the lines as they are."""
        return totals_of(self, list(self.lines.order_by("position", "pk")))


class QuoteLine(models.Model):
    """One line of a quote. Price, cost and tax are copies, so that a product's later change touches no quote."""

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(default=0)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    description = models.TextField(_("Description"))
    quantity_thousandths = models.BigIntegerField(default=1000)
    price_micros = models.BigIntegerField()
    cost_micros = models.BigIntegerField(null=True)
    discount_bp = models.PositiveIntegerField(default=0)
    tax_bp = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.description

    def priced(self) -> PricedLine:
        return PricedLine(self.quantity_thousandths, self.price_micros, self.discount_bp, self.tax_bp, self.cost_micros)


class NumberSeries(models.Model):
    """The last number given out of one series in one year; grows by one under a lock, so that none is given twice."""

    name = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.year}: {self.last}"


def totals_of(quote: Quote, lines: list[QuoteLine]) -> Totals:
    """The arithmetic of `lines` under the quote's currency, discount and rounding."""
    return quote_totals(
        [line.priced() for line in lines],
        currency=quote.currency,
        discount_bp=quote.discount_bp,
        rounding=quote.rounding,
    )
