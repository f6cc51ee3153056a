"""Consent's tables: topics with their wordings, where each contact stands now, the append-only evidence behind it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.people.consent.rules import BASES, CONSENT
from baton.people.contacts.models import Contact
from baton.platform.record import record_url


class ConsentTopic(models.Model):
    """What one can agree to ("newsletter", "product news"); "tracking" is the purpose of personal measurement.

    `version` grows when its words change (consent/topics.py); evidence names the version that was shown. Where
    `needs_confirmation`, what a form was sent with counts only once the button behind the mailed link is pressed.
    """

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        TRACKING = "tracking", _("Personal measurement")

    key = models.SlugField(_("Key"), max_length=60, unique=True)
    label = models.CharField(_("Name"), max_length=120)
    explanation = models.CharField(_("What one gets, and how often"), max_length=300, default="", blank=True)
    purpose = models.CharField(_("Purpose"), max_length=20, choices=Purpose.choices, default=Purpose.MARKETING)
    is_public = models.BooleanField(_("Stands in the preference centre"), default=True)
    needs_confirmation = models.BooleanField(_("Asks for confirmation by mail"), default=False)
    confirm_days = models.PositiveSmallIntegerField(_("The link is good for days"), default=7)
    confirm_subject = models.CharField(_("Subject of the mail"), max_length=150, default="", blank=True)
    confirm_text = models.TextField(_("Text of the mail"), default="", blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return record_url("people", "consent_topic", "topic_id", self.pk)


class TopicWording(models.Model):
    """The words a topic had in one version, kept for ever. Made by consent/topics.py alone."""

    topic = models.ForeignKey(ConsentTopic, on_delete=models.CASCADE, related_name="wordings")
    version = models.PositiveIntegerField()
    label = models.CharField(max_length=120)
    explanation = models.CharField(max_length=300, default="")
    confirm_subject = models.CharField(max_length=150, default="")
    confirm_text = models.TextField(default="")
    at = models.DateTimeField(null=True)  # None: since before wordings were kept
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "version"], name="topic_wording_once")]

    def __str__(self) -> str:
        return f"{self.label} v{self.version}"


class Consents(models.QuerySet["Consent"]):
    """Questions to the table of consents."""

    def in_force(self, now: datetime) -> Consents:
        """Those that were given and have not ended by themselves."""
        return self.filter(state=Consent.State.GIVEN).exclude(expires_at__lte=now)


class Consent(models.Model):
    """Where one contact stands on one topic and channel now; the newest evidence decides.

    `basis` is the lawful basis (consent/rules.py), `expires_at` when it ends by itself.
    """

    class State(models.TextChoices):
        GIVEN = "given", _("Given")
        PENDING = "pending", _("Waiting for confirmation")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("Not confirmed in time")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consents")
    topic = models.ForeignKey(ConsentTopic, on_delete=models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=10, default="email")
    state = models.CharField(max_length=10, choices=State.choices)
    basis = models.CharField(max_length=30, choices=BASES, default=CONSENT)
    since = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = Consents.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "topic", "channel"], name="consent_once")]
        indexes = [
            models.Index(fields=["topic", "channel", "state", "contact"], name="consent_by_state"),
            models.Index(fields=["since"], name="consent_pending", condition=models.Q(state="pending")),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.state}"


class ConsentEvidence(models.Model):
    """Append-only: how, when and with which wording a contact agreed or withdrew (GDPR art. 7(1)).

    `at` is when it was written down; where the person said so earlier, `proof` holds "told_on". `proof` may also hold
    the form and its version, the submission, the page, the browser, the sale it rests on, and of a confirmation the
    Message-ID and time of the mail and the evidence row of the asking.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consent_evidence")
    topic = models.ForeignKey(ConsentTopic, on_delete=models.PROTECT, related_name="+")
    topic_version = models.PositiveIntegerField(null=True)
    channel = models.CharField(max_length=10, default="email")
    state = models.CharField(max_length=10, choices=Consent.State.choices)
    basis = models.CharField(max_length=30, choices=BASES, default=CONSENT)
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
