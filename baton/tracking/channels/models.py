"""The table of channel versions."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.platform.record import record_url
from baton.tracking.sessions.channel_rules import ChannelTable, rules_from


class ChannelVersion(models.Model):
    """One version of the table of channels; the one of the highest number holds. Never changed once it is there.

    `rules` are channel_rules.as_json in their order. `names` are what channels are called: one's own, also those of
    earlier versions, and standard ones that were renamed.
    """

    number = models.PositiveIntegerField(unique=True)
    rules = models.JSONField(default=list)
    names = models.JSONField(default=dict, blank=True)
    note = models.CharField(_("Note"), max_length=200, default="", blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.number}"

    def get_absolute_url(self) -> str:
        return record_url("tracking", "channel_version", "number", self.number)

    @cached_property
    def table(self) -> ChannelTable:
        return ChannelTable(self.number, rules_from(self.rules))
