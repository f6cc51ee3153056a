"""Deliverability's table: the ledger counted by message, day and receiving provider."""

from __future__ import annotations

from django.db import models


class ProviderCount(models.Model):
    """How one message fared at one provider on one day (UTC). Rewritten by deliverability/actions.py from the ledger.

    `sent` is all that a server took, whatever came back later; the four refusals bear the names of deliveries'
    classes. `clicked` are persons. Transactional mails are counted together, as a message with the id 0.
    """

    message_kind = models.CharField(max_length=20)
    message_id = models.BigIntegerField()
    day = models.DateField()
    provider = models.CharField(max_length=30)
    sent = models.PositiveIntegerField(default=0)
    deferred = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    dead_address = models.PositiveIntegerField(default=0)
    mailbox = models.PositiveIntegerField(default=0)
    message_refused = models.PositiveIntegerField(default=0)
    sender_refused = models.PositiveIntegerField(default=0)
    complained = models.PositiveIntegerField(default=0)
    clicked = models.PositiveIntegerField(default=0)
    unsubscribed = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message_kind", "message_id", "day", "provider"], name="provider_count_once"
            )
        ]
        indexes = [models.Index(fields=["day", "provider"], name="provider_count_by_day")]

    def __str__(self) -> str:
        return f"{self.provider} {self.day}: {self.sent}"
