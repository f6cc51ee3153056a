"""What the list and the report of emails show."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.db.models.query import QuerySet

from baton.marketing.email.models import KIND, Broadcast, BroadcastLink
from baton.people.deliveries.gate import REASONS
from baton.people.deliveries.models import Delivery
from baton.people.deliveries.reads import UNFINISHED, counts, reasons

PAGE = 50


def list_page(before: int | None = None) -> tuple[list[dict[str, Any]], int | None]:
    """Emails, the newest first, each with its figures; and the id after which the next page begins."""
    found = Broadcast.objects.live().select_related("campaign", "owner").order_by("-created_at", "-pk")
    if before and (last := Broadcast.objects.filter(pk=before).first()):
        found = found.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk))
    emails = list(found[: PAGE + 1])
    figures = _figures([email.pk for email in emails])
    none = {"handed": None, "clicked": 0, "unsubscribed": 0}
    rows = [{"email": email, **none, **figures.get(email.pk, {})} for email in emails[:PAGE]]
    return rows, emails[PAGE - 1].pk if len(emails) > PAGE else None


def _figures(ids: list[int]) -> dict[int, dict[str, Any]]:
    handed = Q(state__in=["handed", "delivered", "complained"])
    rows = (
        Delivery.objects.filter(message_kind=KIND, message_id__in=ids)
        .order_by()
        .values("message_id")
        .annotate(
            handed=Count("pk", filter=handed),
            clicked=Count("pk", filter=Q(clicked_at__isnull=False)),
            unsubscribed=Count("pk", filter=Q(unsubscribed_at__isnull=False)),
        )
    )
    return {row["message_id"]: {**row} for row in rows}


def report(broadcast: Broadcast) -> dict[str, Any]:
    """Everything the report shows: states, what was skipped and refused and why, people and machines apart."""
    states = counts(broadcast.message)
    people = broadcast.message.rows().aggregate(
        clicked=Count("pk", filter=Q(clicked_at__isnull=False)),
        opened=Count("pk", filter=Q(opened_at__isnull=False)),
        unsubscribed=Count("pk", filter=Q(unsubscribed_at__isnull=False)),
    )
    total = sum(states.values())
    left = sum(states[state] for state in UNFINISHED)
    return {
        "states": states,
        "total": total,
        "done": total - left,
        "left": left,
        "handed": states["handed"] + states["delivered"] + states["complained"],
        "skipped": [(REASONS.get(reason, reason), number) for reason, number in reasons(broadcast.message, "skipped")],
        "bounced": reasons(broadcast.message, "bounced"),
        "hits": dict(broadcast.hits.filter(link__isnull=False).order_by().values_list("label").annotate(n=Count("pk"))),
        **people,
    }


def links(broadcast: Broadcast) -> QuerySet[BroadcastLink]:
    """Links with the clicks of people and of machines, and how many people clicked."""
    return broadcast.links.annotate(
        people=Count("hits__delivery", filter=Q(hits__label="human"), distinct=True),
        human=Count("hits", filter=Q(hits__label="human")),
        machine=Count("hits", filter=Q(hits__label="machine")),
    )


def unknown_rows(broadcast: Broadcast) -> list[Delivery]:
    """Copies that may or may not have arrived, at most a hundred."""
    return list(broadcast.message.rows().filter(state="unknown").select_related("contact")[:100])
