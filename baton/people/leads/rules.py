"""Statuses, origins and which status may follow which. Pure."""

from django.utils.translation import gettext_lazy as _

NEW, ATTEMPTING, CONNECTED, QUALIFIED, UNQUALIFIED = "new", "attempting", "connected", "qualified", "unqualified"
OPEN_STATUSES = [NEW, ATTEMPTING, CONNECTED]

STATUS_CHOICES = [
    (NEW, _("New")),
    (ATTEMPTING, _("Attempting")),
    (CONNECTED, _("Connected")),
    (QUALIFIED, _("Qualified")),
    (UNQUALIFIED, _("Unqualified")),
]

INBOUND, OUTBOUND, REFERRAL, EXPANSION = "inbound", "outbound", "referral", "expansion"
ORIGIN_CHOICES = [
    (INBOUND, _("Marketing")),
    (OUTBOUND, _("Prospecting")),
    (REFERRAL, _("Referral")),
    (EXPANSION, _("Existing customer")),
]


def is_open(status: str) -> bool:
    return status in OPEN_STATUSES


def may_follow(current: str, wanted: str) -> bool:
    """An open lead may go to any other status; an ended one is over: a new lead is opened instead."""
    return is_open(current) and wanted != current
