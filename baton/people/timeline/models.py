"""The timeline's table. One row is one thing that happened, drawn from the facts it carries."""

from django.conf import settings
from django.db import models

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact


class TimelineEntry(models.Model):
    """Written once per `key`; a repeat overwrites the same row. `kind` picks the icon, `side` the filter.

    `deal_id` points at sales without a key, for people know nothing of sales.
    """

    key = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField()
    side = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="timeline")
    company = models.ForeignKey(Company, null=True, on_delete=models.CASCADE, related_name="timeline")
    deal_id = models.BigIntegerField(null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=300)
    body = models.TextField(default="", blank=True)
    url = models.CharField(max_length=300, default="", blank=True)
    facts = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["contact", "-at", "-id"], name="timeline_of_contact"),
            models.Index(fields=["company", "-at", "-id"], name="timeline_of_company"),
            models.Index(fields=["deal_id", "-at", "-id"], name="timeline_of_deal"),
        ]

    def __str__(self) -> str:
        return self.title
