"""Drafting's tables: versions of an email's words, and pictures for emails."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse

from baton.marketing.email.models import Broadcast
from baton.platform.files.models import StoredFile
from baton.platform.tokens import new_token


class Version(models.Model):
    """The words of one email as they were saved at one moment. Written by drafting/versions.py alone, never changed.

    `words` holds the fields named in versions.WORDS; `digest` tells whether two versions say the same.
    """

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    words = models.JSONField()
    digest = models.CharField(max_length=64)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["broadcast", "number"], name="email_version_once")]

    def __str__(self) -> str:
        return f"{self.broadcast_id}, version {self.number}"


class Picture(models.Model):
    """One picture for emails: drawn anew when it came in, at a public address nobody can guess. Never changed.

    Mails that were sent show it for years, so hiding it from the choice (`hidden_at`) leaves its address alone.
    """

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    alt = models.CharField(max_length=200, default="", blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    added_at = models.DateTimeField(db_index=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    hidden_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where everyone finds it, with the house's name in front: what stands in a mail."""
        return settings.BATON_URL + reverse("mail_picture", kwargs={"token": self.token})
