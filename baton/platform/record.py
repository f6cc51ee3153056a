"""What every record of the house has: times, a public token, a bin and a revision against lost updates."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Self

from django.db import models
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.platform.accounts.access import visible_to
from baton.platform.accounts.models import User
from baton.platform.db import among
from baton.platform.errors import Refusal
from baton.platform.tokens import new_token

_SAMPLE = 9_876_543_210_123  # a number no route holds by itself


def fitted(model: type[models.Model], name: str, text: str) -> str:
    """`text` without blanks around it, cut to what the column `name` holds."""
    return text.strip()[: _longest(model, name)]


@lru_cache(maxsize=1024)
def _longest(model: type[models.Model], name: str) -> int | None:
    return getattr(model._meta.get_field(name), "max_length", None)


class ChangedMeanwhile(Refusal):
    """Someone else saved the record after it was read; nothing was changed."""


class RecordQuerySet(models.QuerySet):
    """Queries every record answers: which are not in the bin, which a user may see."""

    def live(self) -> Self:
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> Self:
        """Only what `user` may see, by the owner column, and nothing from the bin."""
        return self.live().filter(visible_to(user, self.model._meta.app_label))

    def holding(self, **one_of: Collection[str]) -> Self:
        """Those with one of these texts in a field whose index leaves the empty ones out: `holding(email=["a@b.c"])`.

        SQLite uses such an index only where it is told that what is looked for is not empty; else it reads every row.
        No row holds a text with a zero byte, and PostgreSQL refuses to be asked for one.
        """
        found = self
        for name, asked in one_of.items():
            texts = [text for text in asked if "\0" not in text]
            is_one = {name: next(iter(texts))} if len(texts) == 1 else {f"{name}__in": among(texts, "text")}
            found = found.exclude(**{name: ""}).filter(**is_one)
        return found


class Record(models.Model):
    """Abstract. `revision` grows with every change made through `claim_revision`; deleting sets `deleted_at`."""

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    changed_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    def claim_revision(self, seen: int | None = None) -> None:
        """Raise the revision, refusing when the row is no longer at `seen` (default: as this object was read).

        Raises ChangedMeanwhile. Call it first inside the action's transaction.
        """
        expected = self.revision if seen is None else seen
        now = timezone.now()
        changed = (
            type(self)._base_manager.filter(pk=self.pk, revision=expected).update(revision=expected + 1, changed_at=now)
        )
        if not changed:
            raise ChangedMeanwhile(
                _("Someone else changed this in the meantime. Your change was not saved; look again.")
            )
        self.revision, self.changed_at = expected + 1, now


def record_url(side: str, name: str, parameter: str, number: int) -> str:
    """What reverse() gives, remembered around the number: lists and imports write thousands of these addresses.

    Asked of the side's own contents page: a worker that writes one down loads no page of the other sides.
    """
    before, after = _around(side, name, parameter, get_script_prefix())
    return f"{before}{number}{after}"


@lru_cache(maxsize=256)
def _around(side: str, name: str, parameter: str, prefix: str) -> tuple[str, str]:
    address = reverse(name, f"baton.{side}.urls", kwargs={parameter: _SAMPLE})
    before, _number, after = address.partition(str(_SAMPLE))
    return before, after
