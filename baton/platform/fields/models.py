"""Definitions of custom fields. One row is one field on one kind of record; its id is the key in `custom`."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FieldDefinition(models.Model):
    """Defined by operations; hidden, never deleted, so that values stay readable."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        FLAG = "flag", _("Yes or no")
        CHOICE = "choice", _("One of a list")

    class On(models.TextChoices):
        CONTACT = "contact", _("Contact")
        COMPANY = "company", _("Company")
        DEAL = "deal", _("Deal")

    on = models.CharField(max_length=10, choices=On.choices)
    key = models.SlugField(max_length=60)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    choices = models.JSONField(default=list, blank=True)
    is_hidden = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "key"], name="field_key_once")]

    def __str__(self) -> str:
        return self.label
