"""The activities' table. One row is one thing done with a contact, company or deal."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.platform.record import Record
from baton.sales.deals.models import Deal


class Activity(Record):
    """Belongs to who did it; who may see its records may see it."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        EMAIL = "email", _("Email")
        MEETING = "meeting", _("Meeting")
        NOTE = "note", _("Note")

    class Outcome(models.TextChoices):
        NONE = "", _("Not said")
        REACHED = "reached", _("Reached")
        VOICEMAIL = "voicemail", _("Left a message")
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_NUMBER = "wrong_number", _("Wrong number")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject = models.CharField(_("Subject"), max_length=200, default="", blank=True)
    body = models.TextField(_("Note"), default="", blank=True)
    outcome = models.CharField(_("Outcome"), max_length=20, choices=Outcome.choices, default="", blank=True)
    is_incoming = models.BooleanField(default=False)
    at = models.DateTimeField()
    duration_minutes = models.PositiveIntegerField(null=True, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.CASCADE, related_name="activities")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["owner", "-at"], name="activity_of_owner"),
            models.Index(fields=["contact", "-at"], name="activity_of_contact"),
            models.Index(fields=["deal", "-at"], name="activity_of_deal"),
            models.Index(fields=["-created_at", "-id"], name="activity_newest"),
        ]

    def __str__(self) -> str:
        return self.subject or self.get_kind_display()
