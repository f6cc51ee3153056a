"""The emails' tables: the broadcast and its links."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.marketing.campaigns.models import Campaign
from baton.marketing.email.rules import subject_shown
from baton.marketing.segments.models import Segment
from baton.people.consent.models import ConsentTopic
from baton.people.deliveries.actions import Message
from baton.platform.record import Record, record_url

KIND = "broadcast"


class Broadcast(Record):
    """One marketing email. `fields` fills `design`; once `has_own_source` is set, `mjml` is written by hand instead.

    Changed by email/actions.py and email/sending.py alone; words and audience only while it is a draft. One of a
    `journey` has no audience: while it is live, the journey puts people on its ledger as they reach it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Sending")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        SENT = "sent", _("Sent")
        CANCELLED = "cancelled", _("Cancelled")

    name = models.CharField(_("Name"), max_length=200)
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="emails", verbose_name=_("Campaign")
    )
    journey = models.ForeignKey(
        "marketing.Journey", null=True, blank=True, on_delete=models.SET_NULL, related_name="emails"
    )
    subject = models.CharField(_("Subject"), max_length=250)
    preheader = models.CharField(_("Preheader"), max_length=250, default="", blank=True)
    sender_name = models.CharField(_("Sender's name"), max_length=120, default="")
    sender_email = models.EmailField(_("Sender's address"), default="")
    reply_to = models.EmailField(_("Replies go to"), default="", blank=True)
    design = models.CharField(_("Template"), max_length=40, default="announcement")
    fields = models.JSONField(default=dict, blank=True)
    mjml = models.TextField(_("MJML source"), default="", blank=True)
    has_own_source = models.BooleanField(default=False)
    text = models.TextField(_("Plain text"), default="", blank=True)
    topic = models.ForeignKey(
        ConsentTopic, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("Topic")
    )
    segments = models.ManyToManyField(Segment, blank=True, related_name="+", verbose_name=_("Audience"))
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    paused_because = models.CharField(max_length=300, default="", blank=True)
    send_at = models.DateTimeField(null=True, blank=True)
    # The hour on each person's own clock, written as if it were UTC; `send_at` is then when the first of them has it.
    wall_clock = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    filled_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="broadcast_newest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("marketing", "email", "email_id", self.pk)

    @property
    def subject_shown(self) -> str:
        return subject_shown(self.subject)

    @property
    def message(self) -> Message:
        return Message(KIND, self.pk)

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_of_journey(self) -> bool:
        return self.journey_id is not None

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.SCHEDULED, self.State.SENDING, self.State.LIVE, self.State.PAUSED)

    @property
    def may_go_live(self) -> bool:
        """It is a draft of a journey that has been started and is not over."""
        journey = self.journey
        return self.is_draft and journey is not None and journey.state not in (journey.State.DRAFT, journey.State.ENDED)


class BroadcastLink(models.Model):
    """An address that stands in an email; what a tracked link redirects to is read from here and nowhere else."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField()
    url = models.CharField(max_length=2000)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["broadcast", "url"], name="broadcast_link_once")]

    def __str__(self) -> str:
        return self.url
