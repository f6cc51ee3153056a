"""The scores' tables: the rules, and the reasons behind each contact's points."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact


class ScoreRule(models.Model):
    """A fit rule gives points while its condition holds; an engagement rule for each day something was done.

    `condition` of a fit rule is a segment's leaf; of an engagement rule {"event": name, "path": part of the address}.
    Engagement points are worth half after every `half_life_days`, and count at most `most` times.
    """

    class Kind(models.TextChoices):
        FIT = "fit", _("Fit")
        ENGAGEMENT = "engagement", _("Engagement")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(_("Name"), max_length=120)
    condition = models.JSONField()
    points = models.IntegerField(_("Points"))
    half_life_days = models.PositiveIntegerField(_("Half-life in days"), default=30)
    most = models.PositiveIntegerField(_("Counts at most"), default=5)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "-points", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="score_rule_once")]

    def __str__(self) -> str:
        return self.name


class ScoreReason(models.Model):
    """Why a contact has points by a rule: as of the last scoring, replaced as a whole."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="score_reasons")
    rule = models.ForeignKey(ScoreRule, on_delete=models.CASCADE, related_name="+")
    points = models.FloatField()
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "rule"], name="score_reason_once")]

    def __str__(self) -> str:
        return f"{self.rule}: {self.points}"
