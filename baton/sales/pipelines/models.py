"""Pipelines' tables: a pipeline is a row of stages, a stage a step of a deal's way."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Pipeline(models.Model):
    """One way of selling. The first by position is where new deals go unless said otherwise."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """A step of a pipeline. `demands` lists fields a deal must have before it enters ("amount", "next_step").

    Winning and losing are states of a deal, not stages, so every stage here is an open one.
    """

    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(_("Name"), max_length=120)
    position = models.PositiveSmallIntegerField()
    probability = models.PositiveSmallIntegerField(_("Probability, percent"), default=0)
    stalled_after_days = models.PositiveSmallIntegerField(_("Stalled after days"), default=30)
    demands = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["pipeline", "position"]
        constraints = [models.UniqueConstraint(fields=["pipeline", "name"], name="stage_name_once")]

    def __str__(self) -> str:
        return self.name
