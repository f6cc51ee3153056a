"""The returns' tables: what came back, and how far each mailbox has been read."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery


class Return(models.Model):
    """One thing that came back about one recipient. Written by returns/actions.py alone.

    `digest` and `position` make a mail count once, however often and by whatever way it is read; a notice about
    several recipients makes several rows. `traced_by` says how the delivery was found: return_path, message_id, link,
    recipient, or "". `verdict` is one of deliveries' four classes for a bounce or delay, else empty. `excerpt` holds
    the headers and the beginning of the words, at most 4,000 characters.
    """

    class Kind(models.TextChoices):
        BOUNCE = "bounce", _("Bounce")
        DELAY = "delay", _("Delay")
        DELIVERED = "delivered", _("Delivered")
        COMPLAINT = "complaint", _("Complaint")
        REPORT = "report", _("Report")
        AUTO_REPLY = "auto_reply", _("Automatic reply")
        CHALLENGE = "challenge", _("Challenge")
        REPLY = "reply", _("Reply")
        UNSUBSCRIBE = "unsubscribe", _("Unsubscribed by mail")
        OTHER = "other", _("Not about a mail of ours")

    class Verdict(models.TextChoices):
        DEAD = "dead_address", _("Address dead")
        TEMPORARY = "mailbox", _("Temporary")
        MESSAGE = "message_refused", _("Message refused")
        SENDER = "sender_refused", _("Sender refused")

    digest = models.CharField(max_length=64)
    position = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=30)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    verdict = models.CharField(max_length=20, choices=Verdict.choices, default="", blank=True)
    reason = models.CharField(max_length=30, default="", blank=True)
    status = models.CharField(max_length=10, default="", blank=True)
    code = models.PositiveSmallIntegerField(default=0)
    quote = models.CharField(max_length=300, default="", blank=True)
    recipient = models.CharField(max_length=254, default="", blank=True)
    provider = models.CharField(max_length=30, default="", blank=True)
    subject = models.CharField(max_length=300, default="", blank=True)
    excerpt = models.TextField(default="", blank=True)
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="returns")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="returns")
    traced_by = models.CharField(max_length=12, default="", blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "position"], name="return_once")]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="return_newest"),
            models.Index(fields=["kind", "verdict", "-received_at", "-id"], name="return_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.verdict} {self.recipient}".strip()


class MailboxPlace(models.Model):
    """How far one IMAP folder has been read. A new UIDVALIDITY starts it anew (RFC 3501, 2.3.1.1)."""

    key = models.CharField(max_length=64, unique=True)
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, default="", blank=True)

    def __str__(self) -> str:
        return f"{self.key[:8]} to {self.last_uid}"
