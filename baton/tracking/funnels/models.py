"""The funnels' table."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.platform.record import record_url
from baton.tracking.funnels.rules import VISIT, VISITOR, Shape, Step


class Funnel(models.Model):
    """Two to ten steps that are to follow each other within a time. `steps` are rules.Step as JSON; no site means any.

    Deleting sets `deleted_at`, so that it can be brought back.
    """

    class Per(models.TextChoices):
        VISITOR = VISITOR, _("Visitors")
        VISIT = VISIT, _("Visits")

    name = models.CharField(_("Name"), max_length=80)
    site = models.CharField(_("Site"), max_length=253, blank=True, default="")
    per = models.CharField(_("What is counted"), max_length=10, choices=Per.choices, default=Per.VISITOR)
    within_minutes = models.PositiveIntegerField(_("Within"), default=7 * 24 * 60)
    steps = models.JSONField(_("Steps"), default=list)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("tracking", "funnel", "funnel_id", self.pk)

    @property
    def shape(self) -> Shape:
        """What is asked of it."""
        return Shape(tuple(Step(**told) for told in self.steps), self.within_minutes, self.per, self.site)
