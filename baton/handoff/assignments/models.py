"""The handoffs' table. One row is one ready lead offered to one person."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.handoff.agreement.models import Agreement
from baton.people.leads.models import Lead
from baton.platform.record import Record, record_url


class Handoff(Record):
    """`evidence` is frozen when assigned: scores with reasons, facts, what the contact did, consent, source.

    `accept_by` and `attempt_by` are the clocks' ends in UTC; `previous` is the handoff this one follows.
    """

    class State(models.TextChoices):
        ASSIGNED = "assigned", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        EXPIRED = "expired", _("Expired")
        RECYCLED = "recycled", _("Recycled")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASSIGNED)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    chosen_because = models.CharField(max_length=20, default="round_robin")
    evidence = models.JSONField(default=dict)
    assigned_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    accept_by = models.DateTimeField(null=True)
    attempt_by = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    first_attempt_at = models.DateTimeField(null=True)
    attempt_missed_at = models.DateTimeField(null=True)
    reject_reason = models.CharField(max_length=60, default="", blank=True)
    reject_note = models.TextField(default="", blank=True)
    rests_until = models.DateTimeField(null=True)
    previous = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=models.Q(state="assigned"), name="handoff_waiting_once_per_lead"
            )
        ]
        indexes = [
            models.Index(fields=["owner", "state", "accept_by"], name="handoff_queue"),
            models.Index(fields=["state", "accept_by"], name="handoff_expiring"),
            models.Index(fields=["lead", "-assigned_at"], name="handoff_of_lead"),
            models.Index(fields=["-assigned_at"], name="handoff_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.lead.contact} to {self.owner}"

    def get_absolute_url(self) -> str:
        return record_url("handoff", "new_lead", "handoff_id", self.pk)

    @property
    def seen_doing(self) -> list[tuple[str, datetime]]:
        """What the frozen evidence says was done last: words and moment, the newest first."""
        return [(entry["title"], datetime.fromisoformat(entry["at"])) for entry in self.evidence.get("did", [])]

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.ASSIGNED
