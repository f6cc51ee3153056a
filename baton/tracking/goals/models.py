"""The goals' table."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Goal(models.Model):
    """What a visit should lead to: a page read (`match` is a path, * stands for anything) or an event by its name.

    Without a `value_minor` of its own a goal is worth what its events tell.
    """

    class Kind(models.TextChoices):
        EVENT = "event", _("Something done")
        PAGE = "page", _("A page read")

    name = models.CharField(_("Name"), max_length=80)
    kind = models.CharField(_("What counts"), max_length=10, choices=Kind.choices, default=Kind.EVENT)
    match = models.CharField(_("Event or path"), max_length=200)
    value_minor = models.BigIntegerField(_("Worth"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "match"], name="goal_once")]

    def __str__(self) -> str:
        return self.name
