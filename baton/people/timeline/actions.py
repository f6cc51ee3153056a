"""Writing into the timeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from baton.people.timeline.models import TimelineEntry
from baton.platform.accounts.models import User
from baton.platform.db import among, is_sqlite


def write_entries(entries: Iterable[TimelineEntry]) -> None:
    """Put many lines on timelines at once, new or rewritten by their keys."""
    TimelineEntry.objects.bulk_create(
        entries,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["at", "title", "body", "facts"],
    )


def write_entry(
    key: str,
    *,
    at: datetime,
    side: str,
    kind: str,
    title: str,
    contact_id: int | None = None,
    company_id: int | None = None,
    deal_id: int | None = None,
    actor: User | None = None,
    body: str = "",
    url: str = "",
    facts: dict[str, Any] | None = None,
) -> TimelineEntry:
    """Put one line on the timeline of a contact, company or deal. The same `key` rewrites the same line."""
    entry, _ = TimelineEntry.objects.update_or_create(
        key=key,
        defaults={
            "at": at,
            "side": side,
            "kind": kind,
            "title": title[:300],
            "contact_id": contact_id,
            "company_id": company_id,
            "deal_id": deal_id,
            "actor": actor,
            "body": body,
            "url": url[:300],
            "facts": facts or {},
        },
    )
    return entry


def tell_of_deliveries(deliveries: Sequence[int], *, title: str, url: str, at: datetime) -> None:
    """One line for each of these deliveries on its contact's timeline: one statement for all, a repeat adds nothing."""
    if not deliveries:
        return
    chosen = among(deliveries)
    facts = "'{}'" if is_sqlite() else "'{}'::jsonb"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_timelineentry (key, at, side, kind, contact_id, title, body, url, facts)"  # noqa: S608
            f" SELECT 'delivery:' || id, %s, 'marketing', 'email', contact_id, %s, '', %s, {facts}"
            f" FROM people_delivery WHERE id IN ({chosen.sql}) ON CONFLICT DO NOTHING",
            [connection.ops.adapt_datetimefield_value(at), title[:300], url[:300], *chosen.params],
        )
