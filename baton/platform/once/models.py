"""The table of forms that were sent and done."""

from django.db import models
from django.utils import timezone


class SentForm(models.Model):
    """One sending that was done, by the digest of who sent what where; `place` is where it led. Kept for a week."""

    digest = models.CharField(max_length=64, unique=True)
    place = models.TextField(default="")
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.digest
