"""The search's table: one row per record that can be found."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# A row's id is its record's id times 8 and the kind's number: SQLite's index of words gives rows' ids, and a list of
# a million contacts is narrowed by them without reading the rows.
KINDS = {"contact": 1, "company": 2, "deal": 3, "campaign": 4}
KIND_LABELS = {"contact": _("Contact"), "company": _("Company"), "deal": _("Deal"), "campaign": _("Campaign")}


def row_id(kind: str, thing_id: int) -> int:
    return thing_id * 8 + KINDS[kind]


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
