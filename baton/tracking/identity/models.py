"""The claims' table. One row says: this visitor is this contact, because of that."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact


class VisitorClaim(models.Model):
    """Written once per visitor, contact and strength; never changed but for `holds` and `shown`.

    At most one claim of a visitor holds: the strongest, and of equal ones the first. The others are kept as evidence.
    `shown` is set once the visits from before the claim stand on the contact's timeline.
    """

    class Strength(models.IntegerChoices):
        TYPED = 10, _("An address typed in")
        MEDIUM = 20, _("A form sent")
        STRONG = 30, _("A signed link")

    visitor = models.CharField(max_length=64)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    strength = models.PositiveSmallIntegerField(choices=Strength.choices)
    claimed_at = models.DateTimeField()
    holds = models.BooleanField(default=False)
    shown = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor", "contact", "strength"], name="claim_once"),
            models.UniqueConstraint(fields=["visitor"], condition=models.Q(holds=True), name="claim_one_holds"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(shown=False), name="claim_not_shown"),
        ]

    def __str__(self) -> str:
        return f"{self.visitor} is contact {self.contact_id}"
