"""The jobs' table: one row is one piece of work to be done once it is due."""

from django.db import models
from django.utils import timezone


class Job(models.Model):
    """Waiting until `run_at`, leased to a worker until `leased_until`, then done or failed after its last attempt.

    Urgent jobs go before all others, and each worker has a lane that takes no others.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=120, null=True, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    run_at = models.DateTimeField(default=timezone.now)
    is_urgent = models.BooleanField(default=False)
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=80, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(default="")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["run_at"], name="job_due", condition=models.Q(state="waiting")),
            models.Index(
                fields=["run_at", "id"], name="job_urgent", condition=models.Q(state="waiting", is_urgent=True)
            ),
            models.Index(fields=["leased_until"], name="job_leased", condition=models.Q(state="running")),
            models.Index(fields=["state", "ended_at"], name="job_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
