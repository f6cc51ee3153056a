"""The companies' table. One row is one organisation."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from baton.platform.record import Record, record_url


class Company(Record):
    """An organisation. `domain` is folded, without www, and never one of a free-mail provider; empty when unknown."""

    name = models.CharField(_("Name"), max_length=200)
    domain = models.CharField(_("Web domain"), max_length=200, default="", blank=True)
    website = models.CharField(_("Website"), max_length=300, default="", blank=True)
    industry = models.CharField(_("Industry"), max_length=120, default="", blank=True)
    employees = models.PositiveIntegerField(_("Employees"), null=True, blank=True)
    annual_revenue_minor = models.BigIntegerField(_("Annual revenue"), null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="", blank=True)
    founded_in = models.PositiveSmallIntegerField(_("Founded in"), null=True, blank=True)
    phone = models.CharField(_("Phone"), max_length=40, default="", blank=True)
    street = models.CharField(_("Street"), max_length=200, default="", blank=True)
    city = models.CharField(_("City"), max_length=120, default="", blank=True)
    postcode = models.CharField(_("Postcode"), max_length=20, default="", blank=True)
    country = models.CharField(_("Country"), max_length=2, default="", blank=True)
    source = models.CharField(_("Source"), max_length=60, default="", blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="subsidiaries")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    custom = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "companies"
        indexes = [
            models.Index(Lower("name"), "id", name="company_by_name"),
            models.Index(fields=["owner", "-created_at", "-id"], name="company_of_owner"),
            models.Index(fields=["-created_at", "-id"], name="company_newest"),
            models.Index(fields=["-changed_at", "-id"], name="company_changed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["domain"],
                condition=models.Q(deleted_at=None) & ~models.Q(domain=""),
                name="company_domain_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("people", "company", "company_id", self.pk)
