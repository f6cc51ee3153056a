"""The imports' tables: one import, what it changed, what it refused, and which record is which outside."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.platform.files.models import StoredFile


class ImportRun(models.Model):
    """One file imported as one noun. `rows_done` is where a stopped run goes on; counts are of rows.

    A row is done in one transaction with its counts, so a run that is killed doubles nothing when it goes on.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Waiting for your answer")
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        UNDONE = "undone", _("Undone")

    noun = models.CharField(max_length=20)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, default="", blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.file.name} as {self.noun}"


class ImportChange(models.Model):
    """One record that a run created or updated; `before` holds the values it had, which is what undo gives back."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="changes")
    model = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    before = models.JSONField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["run", "model"], name="import_changes")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"


class RefusedRow(models.Model):
    """A row that was not imported, as it stood in the file, and why."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="refusals")
    number = models.PositiveIntegerField()
    cells = models.JSONField()
    reason = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"row {self.number}: {self.reason}"


class ExternalId(models.Model):
    """Which record of ours is which outside: `source` names the system or file it came from."""

    source = models.CharField(max_length=60)
    noun = models.CharField(max_length=20)
    external_id = models.CharField(max_length=200)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "noun", "external_id"], name="external_id_once"),
        ]
        indexes = [models.Index(fields=["noun", "object_id"], name="external_id_of")]

    def __str__(self) -> str:
        return f"{self.source} {self.noun} {self.external_id}"
