"""Counting the ledger."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q

from baton.people.deliveries.actions import TO_HAND_OVER, Message
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
    put_off = message.rows().filter(TO_HAND_OVER, state=State.DEFERRED)
    waiting = message.rows().filter(state=State.WAITING)
    found = [rows.aggregate(at=Min("next_at"))["at"] for rows in (put_off, waiting)]
    return min((at for at in found if at), default=None)


def has_due(kind: str, now: datetime) -> Q:
    """A condition on the table of such messages: something of it can be handed over now. An index finds it for each."""
    rows = Delivery.objects.filter(message_kind=kind, message_id=OuterRef("pk"))
    to_hand_over = rows.filter(TO_HAND_OVER).exclude(state=State.DEFERRED, next_at__gt=now)
    waited = rows.filter(state=State.WAITING, next_at__lte=now)
    return Q(Exists(to_hand_over)) | Q(Exists(waited))
