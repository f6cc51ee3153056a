"""Which table of channels holds, and what channels are called."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from baton.tracking.channels.models import ChannelVersion
from baton.tracking.sessions.channel_rules import STANDARD, ChannelTable, as_json
from baton.tracking.sessions.channels import CHANNELS

CHANNEL_LABELS = {
    "direct": _("Direct"),
    "cross_network": _("Cross-network"),
    "paid_shopping": _("Paid shopping"),
    "paid_search": _("Paid search"),
    "paid_social": _("Paid social"),
    "paid_video": _("Paid video"),
    "display": _("Display"),
    "paid_other": _("Paid other"),
    "organic_shopping": _("Organic shopping"),
    "organic_social": _("Organic social"),
    "organic_video": _("Organic video"),
    "ai_assistants": _("AI assistants"),
    "organic_search": _("Organic search"),
    "referral": _("Referral"),
    "email": _("Email"),
    "affiliates": _("Affiliates"),
    "audio": _("Audio"),
    "sms": _("SMS"),
    "mobile_push": _("Mobile push"),
    "unassigned": _("Unassigned"),
}
assert list(CHANNEL_LABELS) == CHANNELS


def newest_version() -> ChannelVersion | None:
    """The version that holds; None while it is the standard table."""
    return ChannelVersion.objects.order_by("-number").first()


def channel_table() -> ChannelTable:
    """The table that holds."""
    newest = newest_version()
    return newest.table if newest else STANDARD


def channel_labels() -> dict[str, str]:
    """What every channel is called in the reader's language, standard ones first, by its key."""
    names = ChannelVersion.objects.order_by("-number").values_list("names", flat=True).first() or {}
    return labels_with(names)


def labels_with(names: dict[str, str]) -> dict[str, str]:
    """The labels of channels with the names of a version."""
    return {**{key: str(label) for key, label in CHANNEL_LABELS.items()}, **names}


def version_of(number: int) -> ChannelVersion | None:
    """The version of that number, 0 being the standard table, which is kept nowhere; None for one that is not there."""
    if number == 0:
        return ChannelVersion(number=0, rules=as_json(STANDARD.rules))
    return ChannelVersion.objects.filter(number=number).first()
