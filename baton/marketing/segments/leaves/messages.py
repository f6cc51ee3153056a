"""Conditions on marketing emails: what became of them with each person, from the ledger. People's acts only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Count, Q, QuerySet
from pyroaring import BitMap64

from baton.marketing.segments.leaves.look import ids_of
from baton.marketing.segments.leaves.moments import Relooks, of_rows, window_ends
from baton.marketing.segments.shapes import WITHOUT_MOMENT
from baton.people.deliveries.models import Delivery

if TYPE_CHECKING:
    from baton.marketing.segments.leaves.look import Look

KIND = "broadcast"
WATCHED_SECONDS = 30
_MOMENTS = {"sent": "handed_at", "opened": "opened_at", "clicked": "clicked_at", "unsubscribed": "unsubscribed_at"}
_STATES = {"bounced": Delivery.State.BOUNCED, "complained": Delivery.State.COMPLAINED}


def found(leaf: dict[str, Any], look: Look) -> BitMap64:
    """With whom it happened for at least so many messages. `without` speaks of the same message."""
    rows: QuerySet[Any] = _deliveries(leaf, look)
    word = leaf["message"]
    if word in WITHOUT_MOMENT:
        rows = rows.filter(state=_STATES[word])
    else:
        column = _MOMENTS[word]
        window = {f"{column}__isnull": False, f"{column}__lt": look.now}
        if leaf.get("days"):
            window[f"{column}__gte"] = look.now - timedelta(days=leaf["days"])
        rows = rows.filter(**window)
    if leaf.get("without"):
        column = _MOMENTS[leaf["without"]]
        rows = rows.filter(Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gte": look.now}))
    if leaf.get("at_least", 1) > 1:
        rows = rows.values("contact_id").annotate(times=Count("pk")).filter(times__gte=leaf["at_least"])
    return ids_of(rows, "contact_id") & look.everyone


def relooks(leaf: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    """When a message falls out of the window; while an email is being handed over, everyone again and again."""
    total = Relooks()
    for word in {leaf["message"], leaf.get("without") or leaf["message"]} - WITHOUT_MOMENT:
        rows = _deliveries(leaf, look)
        total += of_rows(rows, "contact_id", _MOMENTS[word], window_ends(leaf.get("days")), since, until)
    if _under_way().exists():
        total += Relooks.for_all([look.now + timedelta(seconds=WATCHED_SECONDS)])
    return total


def _deliveries(leaf: dict[str, Any], look: Look) -> QuerySet[Delivery]:
    rows = look.theirs(Delivery.objects.filter(message_kind=KIND, contact__isnull=False))
    if leaf.get("email"):
        rows = rows.filter(message_id=leaf["email"])
    if leaf.get("campaign"):
        of_campaign = broadcasts().filter(campaign__code=leaf["campaign"]).order_by().values("pk")
        rows = rows.filter(message_id__in=of_campaign)
    return rows


def _under_way() -> QuerySet[Any]:
    return broadcasts().filter(state="sending")


def broadcasts() -> QuerySet[Any]:
    """Emails. The email noun stands on segments, so it is found by name."""
    return apps.get_model("marketing", "Broadcast").objects.all()
