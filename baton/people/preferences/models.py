"""The confirmations' table."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from baton.people.consent.models import ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact


class Confirmation(models.Model):
    """One asking to confirm a consent: one mail at most, with a link of its own, good until `expires_at`.

    `address_hash` is the mailbox that is asked; a link proves that one alone. What the mail says, in whose words of
    which version, is kept once it is accepted (`mailed_at`), beside what is said, or gone on to, after its button.
    Written by preferences/confirming.py alone.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    topic = models.ForeignKey(ConsentTopic, on_delete=models.PROTECT, related_name="+")
    asked = models.ForeignKey(ConsentEvidence, on_delete=models.CASCADE, related_name="+")
    address_hash = models.CharField(max_length=64)
    ip = models.GenericIPAddressField(null=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    message_id = models.CharField(max_length=250, default="")
    worded_by = models.CharField(max_length=120, default="")
    subject = models.CharField(max_length=500, default="")
    text = models.TextField(default="")
    thanks = models.TextField(default="")
    goes_to = models.URLField(max_length=200, default="")
    mailed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["contact", "topic", "expires_at"], name="confirmation_of_contact"),
            models.Index(fields=["address_hash", "mailed_at"], name="confirmation_of_address"),
            models.Index(fields=["ip", "mailed_at"], name="confirmation_of_network"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} asked {self.asked_at:%Y-%m-%d %H:%M}"

    def is_over(self, now: datetime) -> bool:
        return self.expires_at <= now
