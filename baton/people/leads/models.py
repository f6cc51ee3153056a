"""The leads' table. One row is one attempt to find out whether a contact will buy."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact
from baton.people.leads.rules import INBOUND, NEW, OPEN_STATUSES, ORIGIN_CHOICES, STATUS_CHOICES, is_open
from baton.platform.record import Record, record_url


class Lead(Record):
    """Opened by a form, an import or a person; ends qualified or unqualified.

    `origin` says which side found it. `source` is the channel ("organic_search"); empty means unknown, which is kept
    apart from every known one. `campaign_code` is the campaign's code as in utm_campaign.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="leads")
    status = models.CharField(_("Lead status"), max_length=20, choices=STATUS_CHOICES, default=NEW)
    origin = models.CharField(_("Origin"), max_length=20, choices=ORIGIN_CHOICES, default=INBOUND)
    source = models.CharField(_("Source"), max_length=60, default="", blank=True)
    campaign_code = models.CharField(_("Campaign"), max_length=100, default="", blank=True)
    landing_page = models.CharField(_("Landing page"), max_length=300, default="", blank=True)
    interest = models.TextField(_("Interest"), default="", blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField()
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    unqualified_reason = models.CharField(max_length=120, default="", blank=True)
    flags = models.JSONField(default=list, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "status", "-opened_at"], name="lead_of_owner"),
            models.Index(fields=["status", "-opened_at", "-id"], name="lead_by_status"),
            models.Index(fields=["-opened_at", "-id"], name="lead_newest"),
            models.Index(fields=["source", "-opened_at"], name="lead_by_source"),
            models.Index(fields=["campaign_code", "-opened_at"], name="lead_by_campaign"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["contact"],
                condition=models.Q(status__in=OPEN_STATUSES, deleted_at=None),
                name="lead_open_once_per_contact",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact} ({self.get_status_display()})"

    def get_absolute_url(self) -> str:
        return record_url("people", "contact", "contact_id", self.contact_id)

    @property
    def is_open(self) -> bool:
        return is_open(self.status)
