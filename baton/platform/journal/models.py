"""The journal's table: one row is one change, kept for ever."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class JournalEntry(models.Model):
    """`verb` is "deal.won"; `thing` is "sales.deal" with its id; `facts` are plain JSON, with before/after for undo."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    verb = models.CharField(max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    thing = models.CharField(max_length=60)
    thing_id = models.BigIntegerField()
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["thing", "thing_id", "-at"], name="journal_of_thing"),
            models.Index(fields=["verb", "-at"], name="journal_of_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.thing} {self.thing_id}"
