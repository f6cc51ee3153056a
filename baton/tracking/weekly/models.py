"""The table of who gets the week's figures."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class WeeklyMail(models.Model):
    """One person wants one look at the Website page by mail; `told_until` is the Monday after the last week told."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    query = models.CharField(max_length=1000, default="", blank=True)
    told_until = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "query"], name="weekly_mail_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.query}"
