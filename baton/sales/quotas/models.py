"""The quotas' table. One row is one target of one rep or team for one period."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.models import Team


class Quota(models.Model):
    """What `user`, or all of `team`, should book in the period that starts on `starts_on`. Won amounts count."""

    class Period(models.TextChoices):
        MONTH = "month", _("Month")
        QUARTER = "quarter", _("Quarter")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    period = models.CharField(max_length=10, choices=Period.choices)
    starts_on = models.DateField()
    amount_minor = models.BigIntegerField(_("Amount"))
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "period", "starts_on"], condition=models.Q(team=None), name="quota_once_per_user"
            ),
            models.UniqueConstraint(
                fields=["team", "period", "starts_on"], condition=models.Q(user=None), name="quota_once_per_team"
            ),
            models.CheckConstraint(condition=models.Q(user=None) ^ models.Q(team=None), name="quota_of_user_or_team"),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.team} {self.period} {self.starts_on}"
