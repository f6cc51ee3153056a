"""The segments' tables: the rule, its members, lists made by hand, and what the engine keeps."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact
from baton.platform.record import Record, record_url


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
        return record_url("marketing", "segment", "segment_id", self.pk)


class SegmentMember(models.Model):
    """One stay of a contact in a segment: from `entered_at` until `left_at`, or still in when empty.

    `because` says which condition brought them in, `left_because` which put them out; `by_edit` and `left_by_edit` say
    that the rule was edited, not that the person did something.
    """

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    because = models.CharField(max_length=300, default="")
    left_because = models.CharField(max_length=300, default="")
    by_edit = models.BooleanField(default=False)
    left_by_edit = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "contact"], condition=models.Q(left_at=None), name="member_once_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["contact", "-entered_at"], name="segments_of_contact"),
            models.Index(fields=["segment", "-entered_at"], name="entered_segment"),
            models.Index(fields=["segment", "-left_at"], name="left_segment", condition=~models.Q(left_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.segment_id}"


class SegmentSize(models.Model):
    """How many were in a segment at the end of an hour; hours in which nothing changed have no row."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="sizes")
    at = models.DateTimeField()
    members = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "at"], name="segment_size_once")]

    def __str__(self) -> str:
        return f"{self.members} at {self.at:%Y-%m-%d %H:%M}"


class ContactList(Record):
    """Contacts put together by hand, or frozen from a segment; only people change it."""

    name = models.CharField(_("Name"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("marketing", "contact_list", "list_id", self.pk)


class ListMember(models.Model):
    """A contact on a list since `added_at`."""

    on_list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="members")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on_list", "contact"], name="on_list_once")]
        indexes = [models.Index(fields=["on_list", "-added_at", "-id"], name="list_newest")]

    def __str__(self) -> str:
        return f"{self.contact_id} on {self.on_list_id}"


class LeafMembers(models.Model):
    """The bitmap of one condition (or of a segment's members), shared by all processes; `version` grows by each change.

    `relooks` are moments at which single contacts must be looked at again, known up to `scheduled_until`; `relook_at`
    is the first of them. Derived: the table may be emptied at any time and is built again.
    """

    key = models.CharField(max_length=64, unique=True)
    leaf = models.JSONField()
    version = models.BigIntegerField(default=1)
    members = models.BinaryField()
    relooks = models.BinaryField(default=b"")
    scheduled_until = models.DateTimeField(null=True)
    relook_at = models.DateTimeField(null=True)
    built_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key[:12]} v{self.version}"


class SegmentFill(models.Model):
    """A segment whose rule is new and is being worked out by a job; gone once the members are those of the rule.

    `parts_*` count its conditions, `rows_*` the members written, in the order of their ids up to `written_to`.
    `problem` says why it cannot be worked out.
    """

    segment = models.OneToOneField(Segment, on_delete=models.CASCADE, related_name="fill")
    rule_key = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    parts_done = models.PositiveIntegerField(default=0)
    parts_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    written_to = models.BigIntegerField(default=0)
    problem = models.CharField(max_length=300, default="")

    def __str__(self) -> str:
        return f"{self.parts_done} of {self.parts_total}"


class FillPart(models.Model):
    """A condition that a filling has worked out as of `built_at`; the fields are those of LeafMembers."""

    fill = models.ForeignKey(SegmentFill, on_delete=models.CASCADE, related_name="parts")
    key = models.CharField(max_length=64)
    leaf = models.JSONField()
    members = models.BinaryField()
    relooks = models.BinaryField()
    scheduled_until = models.DateTimeField()
    built_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fill", "key"], name="fill_part_once")]

    def __str__(self) -> str:
        return self.key[:12]


class FillMissed(models.Model):
    """Contacts the follower looked at in an aspect while a filling was under way, as a bitmap."""

    fill = models.ForeignKey(SegmentFill, on_delete=models.CASCADE, related_name="missed")
    aspect = models.CharField(max_length=12)
    contacts = models.BinaryField()

    def __str__(self) -> str:
        return self.aspect


class TouchedContact(models.Model):
    """Someone of whom something changed that conditions of an `aspect` may ask for; deleted once they were looked at.

    Contact 0 stands for everyone.
    """

    contact_id = models.BigIntegerField()
    aspect = models.CharField(max_length=12)

    def __str__(self) -> str:
        return f"{self.aspect} of {self.contact_id}"


class FollowState(models.Model):
    """One row. `passes` grows with each pass of the follower, so that of two at once only one is kept."""

    passes = models.BigIntegerField(default=0)
    followed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"pass {self.passes}"
