"""Reading a timeline, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from baton.people.timeline.models import TimelineEntry

PAGE = 40

# What a timeline can be narrowed to: key -> (label, condition).
SHOWN: dict[str, tuple[str | Promise, Q]] = {
    "": (_("All"), Q()),
    "visits": (_("Visits and forms"), Q(kind__in=["visit", "form"])),
    "mails": (_("Mails"), Q(kind__in=["email", "activity.email"])),
    "activities": (_("Activities"), Q(kind__startswith="activity.") | Q(kind__startswith="task.")),
    "deals": (_("Deals and quotes"), Q(kind__startswith="deal.") | Q(kind__startswith="quote.")),
    "handoffs": (_("Handoffs"), Q(side="handoff")),
}


def timeline(asked: Mapping[str, str], **of: int) -> dict[str, Any]:
    """What a page shows of the timeline of one contact, company or deal_id: `entries`, `older` and `tabs`.

    `asked` is the page's query: `show` a key of SHOWN (another shows all), `before` the entry to go on from (a wrong
    one starts at the top). `older` is the query of the next page, empty at the end.
    """
    show, before = asked.get("show", ""), asked.get("before", "")
    show = show if show in SHOWN else ""
    entries = TimelineEntry.objects.filter(SHOWN[show][1], **of)
    if before.isdecimal() and (last := entries.filter(pk=int(before[:18])).first()):
        entries = entries.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    rows = list(entries.select_related("actor", "contact").order_by("-at", "-pk")[: PAGE + 1])
    narrowed = {"show": show} if show else {}
    return {
        "entries": rows[:PAGE],
        "older": urlencode(narrowed | {"before": rows[PAGE - 1].pk}) if len(rows) > PAGE else "",
        "tabs": [
            {"label": label, "href": f"?{urlencode({'show': key})}" if key else "?", "is_current": key == show}
            for key, (label, _condition) in SHOWN.items()
        ],
    }
