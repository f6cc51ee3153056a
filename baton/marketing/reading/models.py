"""Reading's table: the hits."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.marketing.email.models import Broadcast, BroadcastLink
from baton.people.deliveries.models import Delivery


class MailHit(models.Model):
    """One request for a tracked link, the open pixel or the trap, with all that is needed to judge it again.

    Written by reading/actions.py: the request once, `label` and `reason` whenever its delivery is judged, `settled_at`
    and `told_as` when the event store was told. The trap is a link that no person sees.

    No address is kept. `source` is a keyed hash of the address's network (IPv4 /24, IPv6 /48) and of the delivery: it
    tells that two hits of one mail came from the same place, which is all that judging needs, and neither where that
    is nor whether another person's mail was opened there. `network` names a mail filter's or relay's own network,
    looked up while the request is answered. `agent` is what the program calls itself.
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("Open")
        CLICK = "click", _("Click")
        TRAP = "trap", _("Hidden link")

    class Label(models.TextChoices):
        HUMAN = "human", _("Person")
        MACHINE = "machine", _("Machine")
        UNKNOWN = "unknown", _("Unknown")

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="+")
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="hits")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    link = models.ForeignKey(BroadcastLink, null=True, on_delete=models.SET_NULL, related_name="hits")
    at = models.DateTimeField()
    method = models.CharField(max_length=8, default="GET")
    purpose = models.CharField(max_length=80, default="")
    agent = models.CharField(max_length=250, default="")
    source = models.CharField(max_length=16, default="")
    network = models.CharField(max_length=20, default="")
    program = models.CharField(max_length=30, default="")
    device = models.CharField(max_length=8, default="")
    label = models.CharField(max_length=8, choices=Label.choices)
    reason = models.CharField(max_length=60, default="")
    settled_at = models.DateTimeField(null=True)
    told_as = models.CharField(max_length=8, default="")

    class Meta:
        indexes = [
            # Holds all that the report counts by link, so that its rows stay untouched.
            models.Index(fields=["broadcast", "kind", "label", "link", "delivery"], name="hits_of_broadcast"),
            models.Index(fields=["at"], name="hits_unsettled", condition=models.Q(settled_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.label} {self.at:%Y-%m-%d %H:%M}"
