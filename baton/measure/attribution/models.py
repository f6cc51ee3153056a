"""The credit's table."""

from django.db import models

from baton.sales.deals.models import Deal


class Credit(models.Model):
    """One touch's part of one won deal by one method. Rewritten as a whole when a deal is won again or undone.

    Amounts of a deal and method add up to the deal's; `margin_minor` is null where the deal's margin is unknown.
    """

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="+")
    method = models.CharField(max_length=10)
    channel = models.CharField(max_length=60, default="", blank=True)
    campaign_code = models.CharField(max_length=100, default="", blank=True)
    touched_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    share = models.FloatField()
    amount_minor = models.BigIntegerField()
    margin_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)

    class Meta:
        indexes = [
            models.Index(fields=["method", "closed_at"], name="credit_by_method"),
            models.Index(fields=["deal", "method"], name="credit_of_deal"),
            models.Index(fields=["campaign_code", "method"], name="credit_of_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.campaign_code or self.channel or 'unknown'} {self.amount_minor}"
