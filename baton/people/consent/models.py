"""Consent's tables: topics, where each contact stands now, and the append-only evidence behind it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact


class ConsentTopic(models.Model):
    """What one can agree to ("newsletter", "product news"); "tracking" is the purpose of personal measurement."""

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        TRACKING = "tracking", _("Personal measurement")

    key = models.SlugField(max_length=60, unique=True)
    label = models.CharField(max_length=120)
    explanation = models.CharField(max_length=300, default="", blank=True)
    purpose = models.CharField(max_length=20, choices=Purpose.choices, default=Purpose.MARKETING)
    is_public = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.label


class Consent(models.Model):
    """Where one contact stands on one topic and channel now; the newest evidence decides."""

    class State(models.TextChoices):
        GIVEN = "given", _("Given")
        PENDING = "pending", _("Waiting for confirmation")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consents")
    topic = models.ForeignKey(ConsentTopic, on_delete=models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=10, default="email")
    state = models.CharField(max_length=10, choices=State.choices)
    since = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "topic", "channel"], name="consent_once")]
        indexes = [models.Index(fields=["topic", "channel", "state", "contact"], name="consent_by_state")]

    def __str__(self) -> str:
        return f"{self.topic} {self.state}"


class ConsentEvidence(models.Model):
    """Append-only: how, when and with which wording a contact agreed or withdrew (GDPR art. 7(1))."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consent_evidence")
    topic = models.ForeignKey(ConsentTopic, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, default="email")
    state = models.CharField(max_length=10, choices=Consent.State.choices)
    basis = models.CharField(max_length=30, default="consent")
    at = models.DateTimeField(default=timezone.now)
    wording = models.TextField(default="", blank=True)
    how = models.CharField(max_length=120)
    ip = models.GenericIPAddressField(null=True, blank=True)
    proof = models.JSONField(default=dict, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["contact", "-at"], name="evidence_of_contact")]

    def __str__(self) -> str:
        return f"{self.topic} {self.state} {self.at:%Y-%m-%d}"
