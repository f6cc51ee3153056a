"""History of the lifecycle. One row is one move of one contact."""

from django.conf import settings
from django.db import models

from baton.people.contacts.models import Contact
from baton.people.lifecycle.rules import STAGE_CHOICES


class LifecycleMove(models.Model):
    """Never changed. `because` is the journal verb or rule that moved the contact."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="lifecycle_moves")
    from_stage = models.CharField(max_length=20, choices=STAGE_CHOICES)
    to_stage = models.CharField(max_length=20, choices=STAGE_CHOICES)
    at = models.DateTimeField()
    because = models.CharField(max_length=120, default="")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["contact", "at"], name="lifecycle_of_contact"),
            models.Index(fields=["to_stage", "at"], name="lifecycle_reached"),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage} to {self.to_stage}"
