"""The deliveries' tables: the ledger, the suppression list, the rules of how often."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact

TRANSACTIONAL = "transactional"  # the kind of message that is no marketing: no cap counts it, no consent is asked


class Delivery(models.Model):
    """One message to one person. Written by deliveries/actions.py alone.

    `message_kind` and `message_id` name the message ("broadcast", 12). While claimed, `claim` names the worker's batch
    and `handing_since` is set before the first byte of the batch goes out. `variant` says which variant
    of the message it is, where there are several; what its letters mean is known to who sends the message. `occasion`
    is 0 but for who gets the same message again by right: on their second way through a journey it is 1.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        CLAIMED = "claimed", _("In hand")
        HANDED = "handed", _("Handed over")
        DELIVERED = "delivered", _("Delivered")
        DEFERRED = "deferred", _("Put off")
        WAITING = "waiting", _("Waits for the hour")
        BOUNCED = "bounced", _("Refused")
        COMPLAINED = "complained", _("Complained")
        SKIPPED = "skipped", _("Skipped")
        UNKNOWN = "unknown", _("Unknown")

    message_kind = models.CharField(max_length=20)
    message_id = models.BigIntegerField()
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=30, default="")
    answer = models.CharField(max_length=300, default="")
    variant = models.CharField(max_length=1, default="", db_default="")
    occasion = models.PositiveSmallIntegerField(default=0, db_default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claim = models.CharField(max_length=60, default="")
    leased_until = models.DateTimeField(null=True)
    handing_since = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["message_kind", "message_id", "contact", "occasion"], name="delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["message_kind", "message_id", "id"],
                name="delivery_due",
                condition=models.Q(state__in=["queued", "deferred"]),
            ),
            models.Index(
                fields=["message_kind", "message_id", "next_at"],
                name="delivery_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(fields=["claim"], name="delivery_claimed", condition=models.Q(state="claimed")),
            # How many of a message went out lately; of what failed few rows are here.
            models.Index(
                fields=["message_kind", "message_id", "handed_at"],
                name="delivery_handed",
                condition=models.Q(handed_at__isnull=False),
            ),
            models.Index(
                fields=["message_kind", "message_id", "handing_since"],
                name="delivery_failed",
                # One by one: SQLite sees that "state = ?" is among these, but not in a list.
                condition=models.Q(state="deferred") | models.Q(state="bounced") | models.Q(state="unknown"),
            ),
            models.Index(fields=["contact", "-handed_at"], name="delivery_of_contact"),
            models.Index(fields=["-id"], name="delivery_unknown", condition=models.Q(state="unknown")),
            models.Index(
                fields=["-returned_at"], name="delivery_soft", condition=models.Q(state="bounced", reason="mailbox")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_kind} {self.message_id} to {self.contact_id}: {self.state}"


class Suppression(models.Model):
    """An address that must not be mailed, as a keyed hash: it outlives the contact, and an import never lifts it."""

    class Reason(models.TextChoices):
        DEAD = "dead", _("The address does not exist")
        UNREACHABLE = "unreachable", _("Took no mail for weeks")
        COMPLAINED = "complained", _("Complained of spam")
        OBJECTED = "objected", _("Objected to all marketing")
        BY_HAND = "by_hand", _("Put here by a person")

    address_hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    evidence = models.CharField(max_length=300, default="")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.reason} {self.address_hash[:8]}"


class MailRules(models.Model):
    """One row: at most `cap_messages` marketing mails to a person in `cap_days`; 0 means no cap.

    From `quiet_from` to `quiet_until` on the clock of the person's own zone no marketing goes out; it waits. Both are
    there or neither. Addresses that several people read (info@, sales@) are left out if `skips_role_addresses`.
    An address that failed for a time `soft_failures` times in a row, over at least `soft_days`, is given up; 0: never.
    `asks_confirmation` is what new topics of consent begin with.
    """

    cap_messages = models.PositiveSmallIntegerField(_("Most mails per person"), default=0)
    cap_days = models.PositiveSmallIntegerField(_("within days"), default=7)
    quiet_from = models.TimeField(_("Quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("until"), null=True, blank=True)
    skips_role_addresses = models.BooleanField(_("Leave out addresses such as info@ and sales@"), default=True)
    soft_failures = models.PositiveSmallIntegerField(_("Give an address up after failures"), default=5)
    soft_days = models.PositiveSmallIntegerField(_("over at least days"), default=14)
    asks_confirmation = models.BooleanField(_("New topics ask for confirmation by mail"), default=True)

    class Meta:
        verbose_name_plural = "mail rules"

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """When they begin and end."""
        begins, ends = self.quiet_from, self.quiet_until
        return None if begins is None or ends is None else (begins, ends)

    def __str__(self) -> str:
        return f"{self.cap_messages} in {self.cap_days} days"
