"""Preflight's tables: what was found by asking others about an email, and who sends in spite of what."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from baton.marketing.email.models import Broadcast


class Look(models.Model):
    """What a job has asked of others about one email: does each link answer, what does SpamAssassin say.

    Written by preflight/look.py alone. `links` is {address: [word, status, time in seconds]}; `spam` is None, or
    {"score", "limit", "rules": [[points, name, words]], "of": digest of the message}, or {"fault", "of"}.
    """

    broadcast = models.OneToOneField(Broadcast, on_delete=models.CASCADE, related_name="look")
    links = models.JSONField(default=dict)
    spam = models.JSONField(null=True)
    asked_at = models.DateTimeField(null=True)  # when the job was asked for last
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"look at {self.broadcast}"

    @property
    def is_running(self) -> bool:
        return self.asked_at is not None and self.ended_at is None


class Override(models.Model):
    """One finding that shall not stop one email, with the reason; never one that the law asks for. Never changed."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="overrides")
    finding = models.CharField(max_length=120)
    reason = models.CharField(max_length=300)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["broadcast", "finding"], name="override_once")]

    def __str__(self) -> str:
        return f"{self.finding}: {self.reason}"
