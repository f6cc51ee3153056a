"""Tables of pacing: an email's throttle, a domain's warm-up, a lane that is held."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.marketing.email.models import Broadcast


class Throttle(models.Model):
    """At most `per_hour` mails of one email in any hour."""

    broadcast = models.OneToOneField(Broadcast, on_delete=models.CASCADE, related_name="throttle")
    per_hour = models.PositiveIntegerField(_("At most an hour"))

    def __str__(self) -> str:
        return f"{self.broadcast_id}: {self.per_hour}"


class WarmUp(models.Model):
    """How a sending domain earns its name: so many mails on the first day, more each day, each provider by itself.

    0 on the first day of a provider: no limit there. A limit ends once it would reach `full`. Changed by
    pacing/actions.py; a domain without a row has no limits.
    """

    domain = models.CharField(_("Sending domain"), max_length=200, unique=True)
    starts_on = models.DateField(_("First day"))
    growth_percent = models.PositiveSmallIntegerField(_("More each day, in percent"), default=50)
    gmail = models.PositiveIntegerField(_("Gmail on the first day"), default=50)
    outlook = models.PositiveIntegerField(_("Outlook.com on the first day"), default=50)
    yahoo = models.PositiveIntegerField(_("Yahoo and AOL on the first day"), default=50)
    others = models.PositiveIntegerField(_("All others on the first day"), default=100)
    full = models.PositiveIntegerField(_("No limit from, a day"), default=20_000)

    class Meta:
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain


class LaneHold(models.Model):
    """A provider that put us off or complained: nothing goes there from this domain until then. The rest goes on."""

    domain = models.CharField(max_length=200)
    lane = models.CharField(max_length=10)
    because = models.CharField(max_length=300)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "lane"], name="lane_hold_once")]

    def __str__(self) -> str:
        return f"{self.domain} to {self.lane}"
