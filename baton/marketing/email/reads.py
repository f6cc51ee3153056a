"""What the list of emails shows."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from baton.marketing.email.models import KIND, Broadcast
from baton.people.deliveries.models import Delivery

PAGE = 50


def list_page(before: int | None = None) -> tuple[list[dict[str, Any]], int | None]:
    """Emails, the newest first, each with its figures; and the id after which the next page begins."""
    found = Broadcast.objects.live().select_related("campaign", "owner", "journey").order_by("-created_at", "-pk")
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
