"""The campaigns' tables: a campaign and what it cost."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.platform.record import Record, record_url


class Campaign(Record):
    """`code` is what links carry as utm_campaign; visits, leads and deals find their campaign by it."""

    class Objective(models.TextChoices):
        AWARENESS = "awareness", _("Awareness")
        INTEREST = "interest", _("Interest")
        DEMAND = "demand", _("Demand")

    name = models.CharField(_("Name"), max_length=200)
    code = models.SlugField(_("Code in links (utm_campaign)"), max_length=100, unique=True)
    objective = models.CharField(_("Objective"), max_length=20, choices=Objective.choices)
    channel = models.CharField(_("Main channel"), max_length=60, default="", blank=True)
    description = models.TextField(_("What it is about"), default="", blank=True)
    starts_on = models.DateField(_("Starts"))
    ends_on = models.DateField(_("Ends"), null=True, blank=True)
    segments = models.ManyToManyField("marketing.Segment", blank=True, related_name="+", verbose_name=_("Audience"))
    budget_minor = models.BigIntegerField(_("Budget"), null=True, blank=True)
    currency = models.CharField(max_length=3)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-starts_on", "-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("marketing", "campaign", "campaign_id", self.pk)


class CampaignCost(models.Model):
    """Money spent on a campaign on a day; corrected by another row, so that history adds up."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="costs")
    on = models.DateField(_("Day"))
    amount_minor = models.BigIntegerField(_("Amount"))
    note = models.CharField(_("What for"), max_length=200, default="", blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["campaign", "on"], name="cost_of_campaign")]

    def __str__(self) -> str:
        return f"{self.campaign} {self.on}"
