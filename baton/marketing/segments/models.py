"""The segments' tables: the rule and its members."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact
from baton.platform.record import Record


class Segment(Record):
    """`rule` is a tree of all/any/none nodes with typed leaves (rules.py gives the schema and the sentence)."""

    name = models.CharField(_("Name"), max_length=200)
    rule = models.JSONField(default=dict)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    counted_at = models.DateTimeField(null=True, blank=True)
    members_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("segment", kwargs={"segment_id": self.pk})


class SegmentMember(models.Model):
    """One stay of a contact in a segment: from `entered_at` until `left_at`, or still in when empty."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    because = models.CharField(max_length=300, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "contact"], condition=models.Q(left_at=None), name="member_once_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["contact", "-entered_at"], name="segments_of_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.segment_id}"
