"""Reading a timeline, newest first, a page at a time."""

from __future__ import annotations

from baton.people.timeline.models import TimelineEntry

PAGE = 40


def timeline_of(what: str, pk: int, *, before: str = "") -> tuple[list[TimelineEntry], int | None]:
    """Entries of a contact, company or deal_id, and the id to go on from; a wrong `before` starts at the top."""
    entries = TimelineEntry.objects.filter(**{what: pk}).select_related("actor").order_by("-at", "-id")
    last = TimelineEntry.objects.filter(pk=int(before)).first() if before.isdecimal() else None
    if last:
        entries = entries.filter(at__lte=last.at).exclude(pk=last.pk)
    rows = list(entries[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None
