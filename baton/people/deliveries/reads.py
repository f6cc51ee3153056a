"""Counting the ledger."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q

from baton.people.deliveries.actions import Message
from baton.people.deliveries.models import Delivery

State = Delivery.State
UNFINISHED = [State.QUEUED, State.CLAIMED, State.DEFERRED, State.WAITING]  # rows that still change by themselves


def counts(message: Message) -> dict[str, int]:
    """How many rows of a message are in each state; every state is there."""
    found = dict(message.rows().order_by().values_list("state").annotate(n=Count("pk")))
    return {state.value: found.get(state.value, 0) for state in Delivery.State}


def reasons(message: Message, state: str) -> list[tuple[str, int]]:
    """Why rows are in a state, the most frequent first."""
    rows = message.rows().filter(state=state).order_by().values_list("reason").annotate(n=Count("pk"))
    return sorted(rows, key=lambda row: -row[1])


def unfinished(message: Message) -> int:
    return message.rows().filter(state__in=UNFINISHED).count()


def next_due(message: Message) -> datetime | None:
    """When the earliest row that was put off is to be tried again, or the earliest that waits goes out."""
    return message.rows().filter(state__in=[State.DEFERRED, State.WAITING]).aggregate(at=Min("next_at"))["at"]


def has_due(kind: str, now: datetime) -> Q:
    """A condition on the table of such messages: something of it can be handed over now. Each is looked up by index."""
    rows = Delivery.objects.filter(message_kind=kind, message_id=OuterRef("pk"))
    put_off = Q(state=State.QUEUED) | Q(state=State.DEFERRED, next_at__lte=now)
    waited = Q(state=State.WAITING, next_at__lte=now)
    return Q(Exists(rows.filter(put_off))) | Q(Exists(rows.filter(waited)))
