"""Conditions on marketing emails: what became of them with each person, from the ledger. People's acts only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
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
    """With whom it happened for at least so many messages. `without` speaks of the same message.

    Who had a journey's email twice and clicked one of the two did click it.
    """
    if leaf.get("link"):
        return ids_of(_clicks(leaf, look).filter(**_window(leaf, look, "at")), "delivery__contact") & look.everyone
    rows: QuerySet[Any] = _deliveries(leaf, look)
    word = leaf["message"]
    if word in WITHOUT_MOMENT:
        rows = rows.filter(state=_STATES[word])
    else:
        column = _MOMENTS[word]
        rows = rows.filter(**{f"{column}__isnull": False}, **_window(leaf, look, column))
    if leaf.get("without"):
        column = _MOMENTS[leaf["without"]]
        rows = rows.filter(Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gte": look.now}))
        rows = rows.exclude(Q(message_id__in=_of_journeys()) & _another_copy(**{f"{column}__lt": look.now}))
    if leaf.get("at_least", 1) > 1:
        rows = rows.values("contact_id").annotate(times=Count("pk")).filter(times__gte=leaf["at_least"])
    return ids_of(rows, "contact_id") & look.everyone


def relooks(leaf: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    """When a message falls out of the window; while an email is being handed over, everyone again and again."""
    total = Relooks()
    if leaf.get("link"):
        return of_rows(_clicks(leaf, look), "delivery__contact", "at", window_ends(leaf.get("days")), since, until)
    for word in {leaf["message"], leaf.get("without") or leaf["message"]} - WITHOUT_MOMENT:
        rows = _deliveries(leaf, look)
        total += of_rows(rows, "contact_id", _MOMENTS[word], window_ends(leaf.get("days")), since, until)
    if _under_way().exists():
        total += Relooks.for_all([look.now + timedelta(seconds=WATCHED_SECONDS)])
    return total


def _window(leaf: dict[str, Any], look: Look, column: str) -> dict[str, datetime]:
    """Before now, and in the last days where they are said."""
    since = {f"{column}__gte": look.now - timedelta(days=leaf["days"])} if leaf.get("days") else {}
    return {f"{column}__lt": look.now, **since}


def _clicks(leaf: dict[str, Any], look: Look) -> QuerySet[Any]:
    """Settled clicks of persons on one link, of contacts that are there still."""
    hits = apps.get_model("marketing", "MailHit").objects.filter(link=leaf["link"], kind="click", label="human")
    hits = hits.filter(settled_at__isnull=False, delivery__contact__isnull=False)
    return hits.filter(delivery__in=_deliveries(leaf, look).values("pk"))


def _deliveries(leaf: dict[str, Any], look: Look) -> QuerySet[Delivery]:
    rows = look.theirs(Delivery.objects.filter(message_kind=KIND, contact__isnull=False))
    if leaf.get("email"):
        rows = rows.filter(message_id=leaf["email"])
    if leaf.get("campaign"):
        of_campaign = broadcasts().filter(campaign__code=leaf["campaign"]).order_by().values("pk")
        rows = rows.filter(message_id__in=of_campaign)
    return rows


def _another_copy(**did: Any) -> Q:
    """Of the same message the same contact has a copy with which that was done."""
    same = {name: OuterRef(name) for name in ("message_kind", "message_id", "contact")}
    return Q(Exists(Delivery.objects.filter(**same, **did)))


def _of_journeys() -> QuerySet[Any]:
    return broadcasts().filter(journey__isnull=False).order_by().values("pk")


def _under_way() -> QuerySet[Any]:
    """Emails with which everyone may have been mailed any moment. Of a live one the sending says who was."""
    return broadcasts().filter(state="sending")


def broadcasts() -> QuerySet[Any]:
    """Emails. The email noun stands on segments, so it is found by name."""
    return apps.get_model("marketing", "Broadcast").objects.all()


def links_of_emails() -> QuerySet[Any]:
    """The addresses that stand in emails; found by name for the same reason."""
    return apps.get_model("marketing", "BroadcastLink").objects.all()
