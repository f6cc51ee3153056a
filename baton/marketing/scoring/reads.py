"""Queries about scores. The handoff freezes `reasons_of` as evidence: keep its name and shape."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from baton.marketing.scoring.actions import reasons_at
from baton.marketing.scoring.models import ScoreReason, ScoreRule
from baton.people.contacts.models import Contact
from baton.people.deliveries.gate import objecting
from baton.platform.accounts.models import User


def reasons_of(contact: Contact, kind: str) -> list[dict[str, Any]]:
    """Why the contact's fit or engagement score is what it is: [{"text", "points", "at"}], most points first."""
    reasons = ScoreReason.objects.filter(contact=contact, rule__kind=kind).select_related("rule").order_by("-points")
    return [_shown(reason) for reason in reasons]


def scores_now(contact: Contact, *, now: datetime) -> list[tuple[str, float, list[dict[str, Any]]]]:
    """Both scores as the rules give them at this moment, each with its reasons; nothing is kept."""
    reasons = sorted(reasons_at([contact.pk], now=now).get(contact.pk, []), key=lambda reason: -reason.points)
    found = []
    for kind, label in ScoreRule.Kind.choices:
        theirs = [reason for reason in reasons if reason.rule.kind == kind]
        found.append((str(label), round(sum(reason.points for reason in theirs), 1), [_shown(one) for one in theirs]))
    return found


def _shown(reason: ScoreReason) -> dict[str, Any]:
    return {
        "text": reason.rule.name if reason.times == 1 else f"{reason.rule.name} ×{reason.times}",
        "points": round(reason.points, 1),
        "at": reason.last_at.isoformat() if reason.last_at else None,
    }


def scores_panel(user: User, contact: Contact) -> tuple[str, dict[str, Any]] | None:
    """Panel on a contact: both scores with their reasons."""
    if not user.may("marketing.view") and not user.may("handoff.view"):
        return None
    kinds = [(kind, reasons_of(contact, kind)) for kind in ("fit", "engagement")]
    context = {"contact": contact, "kinds": kinds, "has_objected": bool(objecting([contact.pk]))}
    return "marketing/scoring/_of_contact.html", context
