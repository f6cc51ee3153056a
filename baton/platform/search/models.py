"""The search's table: one row per record that can be found."""

from django.db import models
from django.utils.translation import gettext_lazy as _

KIND_LABELS = {"contact": _("Contact"), "company": _("Company"), "deal": _("Deal"), "campaign": _("Campaign")}


class SearchRow(models.Model):
    """`folded`: the words a record is found by, in small letters without accents; the engines' indexes hang on it."""

    kind = models.CharField(max_length=30)
    thing_id = models.BigIntegerField()
    side = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    note = models.CharField(max_length=300, default="", blank=True)
    folded = models.TextField()
    url = models.CharField(max_length=300)
    owner_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "thing_id"], name="search_thing_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def label(self) -> str:
        return self.title

    @property
    def kind_label(self) -> str:
        return str(KIND_LABELS.get(self.kind, self.kind))
