"""The tables of lists: saved views, and changes of many rows at once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.models import User


class SavedView(models.Model):
    """Conditions, order and columns of a list under a name; a tab above it. Only its owner changes or deletes it.

    `query` is the address behind the question mark; what it shows is limited to what each reader may see.
    """

    listing = models.CharField(max_length=30)
    name = models.CharField(_("Name"), max_length=60)
    query = models.CharField(max_length=1000, default="", blank=True)
    columns = models.JSONField(default=list, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["listing", "owner"], name="saved_view_of_owner")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def found_by(cls, user: User, listing: str) -> models.QuerySet[SavedView]:
        """The views of a list that a person finds: their own and the shared ones."""
        mine_or_shared = models.Q(owner=user) | models.Q(is_shared=True)
        views = cls.objects.filter(mine_or_shared, listing=listing, deleted_at=None)
        return views.select_related("owner").order_by("created_at", "pk")


class BulkChange(models.Model):
    """The same change of many rows of a list, frozen as it was asked for: which rows, what, by whom.

    Its life: running, done, taken back. What each row was before stands in the journal, in lines whose thing is this
    row. `done` counts the rows (taking back: the journal's lines) gone through, so that a killed worker goes on there.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Taken back")

    class What(models.TextChoices):
        CHANGE = "change"
        BIN = "bin"

    listing = models.CharField(max_length=30)
    what = models.CharField(max_length=10, choices=What.choices, default=What.CHANGE)
    changes = models.JSONField(default=dict)
    ids = models.JSONField(default=list)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=dict)
    put_back = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.listing} {self.pk}"

    @cached_property
    def total(self) -> int:
        return len(self.ids)

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.UNDOING)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why rows were left as they are, the most frequent first."""
        counts: dict[str, Any] = self.left
        return sorted(counts.items(), key=lambda one: -one[1])
