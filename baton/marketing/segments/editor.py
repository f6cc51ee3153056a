"""A rule being edited on a page: its rows, what of it is complete, and what that finds now. Whoever lets a rule be
written on a page of theirs draws these parts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils import timezone

from baton.marketing.segments import builder, offers, reads
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.models import Segment
from baton.marketing.segments.rules import MODES, BadRule
from baton.marketing.segments.uses import journeys_begun_by
from baton.marketing.segments.words import sentence
from baton.platform.accounts.access import Request
from baton.platform.forms import number_of


def draft(request: Request, *, order: str) -> dict[str, Any] | BadRule:
    """What of the sent rule is complete after a button `order`, or what is wrong with it."""
    try:
        if request.POST.get("json", "").strip():
            return builder.read_rule(request.POST, custom=custom_attributes(), is_draft=True)
        return _complete(builder.changed(builder.rows_sent(request.POST), order))
    except BadRule as error:
        return error


def _complete(rows: list[builder.Row]) -> dict[str, Any]:
    return builder.rule_of(rows, custom=custom_attributes(), is_draft=True)


def tree(rows: list[builder.Row], found: Segment | None) -> dict[str, Any]:
    """What the rows are drawn from."""
    first = replace(rows[0], depth=0)
    return {
        "segment": found,
        "rows": offers.shown([first, *rows[1:]]),
        "modes": list(MODES.items()),
        "choices": offers.choices(found, timezone.now()),
        "spans": offers.spans(),
    }


def preview(request: Request, rule: dict[str, Any] | BadRule) -> dict[str, Any]:
    """What the part with the count is drawn from: who satisfies a draft now, of those whom the reader may see."""
    nothing: dict[str, Any] = {"preview_problem": "", "found": None, "said": ""}
    if isinstance(rule, BadRule):
        return {**nothing, "preview_problem": str(rule)}
    if not any(rule.values()):
        return nothing
    try:
        edited = _edited(request)
        found = reads.preview(rule, edited, now=timezone.now(), user=request.user)
    except BadRule as error:
        return {**nothing, "preview_problem": str(error)}
    begins = journeys_begun_by(edited) if edited and found.impact and found.impact.entering else []
    return {**nothing, "found": found, "said": sentence(rule, reads.names()), "begins": begins}


def _edited(request: Request) -> Segment | None:
    """The segment whose rule is being edited; None for a new one and before anything was changed."""
    return Segment.objects.live().filter(pk=number_of(request.POST.get("segment")) or 0).first()
