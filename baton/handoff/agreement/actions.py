"""The verbs of the lead SLA: draft, change the draft, approve."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.handoff.agreement.models import Agreement
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.organisation import organisation

COPIED = [
    "fit_at_least",
    "engagement_at_least",
    "accept_within_minutes",
    "attempt_within_minutes",
    "max_assignments",
    "rest_days",
    "zone",
    "hours",
    "holidays",
    "reasons",
]


class NotADraft(Refusal):
    """Only a draft may be changed or approved; nothing was changed."""


def agreement_in_force() -> Agreement:
    """The active lead SLA; version 1 with the shipped terms is put in force on first use."""
    found = Agreement.objects.filter(state=Agreement.State.ACTIVE).first()
    if found:
        return found
    first, _made = Agreement.objects.get_or_create(
        version=1,
        defaults={
            "state": Agreement.State.ACTIVE,
            "zone": organisation().zone,
            "approved_at": timezone.now(),
            "note": _("The terms Baton ships with."),
        },
    )
    return first


@transaction.atomic
def draft_agreement(*, actor: User, now: datetime) -> Agreement:
    """The draft for the next version, copied from the one in force when there is none yet."""
    found = Agreement.objects.filter(state=Agreement.State.DRAFT).first()
    if found:
        return found
    active = agreement_in_force()
    newest = Agreement.objects.aggregate(newest=Max("version"))["newest"]
    draft = Agreement.objects.create(
        version=newest + 1, created_at=now, **{name: getattr(active, name) for name in COPIED}
    )
    journal.record("agreement.drafted", draft, actor=actor, version=draft.version)
    return draft


@transaction.atomic
def change_draft(draft: Agreement, changes: dict[str, Any], *, actor: User) -> Agreement:
    """Set fields of a draft. Raises NotADraft once it is in force or retired."""
    draft = Agreement.objects.select_for_update().get(pk=draft.pk)
    _must_be_draft(draft)
    before = {name: getattr(draft, name) for name in changes}
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save()
    journal.record("agreement.changed", draft, actor=actor, before=before, after=changes)
    return draft


@transaction.atomic
def approve_agreement(draft: Agreement, *, actor: User, now: datetime) -> Agreement:
    """Put a draft in force and retire its predecessor; handoffs under way keep their own version's clocks."""
    draft = Agreement.objects.select_for_update().get(pk=draft.pk)
    _must_be_draft(draft)
    Agreement.objects.filter(state=Agreement.State.ACTIVE).update(state=Agreement.State.RETIRED)
    draft.state, draft.approved_at, draft.approved_by = Agreement.State.ACTIVE, now, actor
    draft.save()
    journal.record("agreement.approved", draft, actor=actor, version=draft.version)
    return draft


def _must_be_draft(draft: Agreement) -> None:
    if draft.state != Agreement.State.DRAFT:
        raise NotADraft(
            _("Version %(version)s is not a draft any more. Make a new draft.") % {"version": draft.version}
        )
