"""The verbs of activities: log what was done, and set the next step in the same go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.leads import rules as lead_rules
from baton.people.leads.actions import note_attempt
from baton.people.leads.models import Lead
from baton.people.timeline import write_entry
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.sales.activities.models import Activity
from baton.sales.activities.rules import is_attempt, reaches
from baton.sales.deals.models import Deal
from baton.sales.tasks.actions import add_task, complete_task
from baton.sales.tasks.models import Task


@dataclass(frozen=True)
class NextStep:
    """The task to set together with an activity."""

    title: str
    due_at: datetime
    kind: str = Task.Kind.TODO
    is_all_day: bool = True


@transaction.atomic
def log_activity(
    kind: str,
    *,
    actor: User | None,
    now: datetime,
    at: datetime | None = None,
    contact: Contact | None = None,
    company: Company | None = None,
    deal: Deal | None = None,
    outcome: str = "",
    subject: str = "",
    body: str = "",
    is_incoming: bool = False,
    duration_minutes: int | None = None,
    owner: User | None = None,
) -> Activity:
    """Keep that something was done with a contact, company or deal (at least one), at `at` (default `now`).

    The contact defaults to the deal's primary one. A call, email or meeting moves the contact's open lead on and stamps
    its first attempt.
    """
    if contact is None and deal is not None:
        contact = Contact.objects.filter(pk__in=deal.parts.filter(is_primary=True).values("contact_id")).first()
    activity = Activity(
        kind=kind,
        subject=subject.strip()[:200],
        body=body.strip(),
        outcome=outcome,
        is_incoming=is_incoming,
        at=min(at or now, now),
        duration_minutes=duration_minutes,
        owner=owner or actor,
        contact=contact,
        company=company or (deal.company if deal else None) or (contact.company if contact else None),
        deal=deal,
        created_at=now,
    )
    activity.lead = _move_lead_on(activity, actor)
    activity.save()
    journal.record(
        "activity.logged",
        activity,
        actor=actor,
        kind=kind,
        outcome=outcome,
        contact=contact,
        deal=deal,
        lead=activity.lead,
        at=activity.at,
    )
    _say(activity, actor)
    return activity


@transaction.atomic
def log_and_next(
    kind: str,
    *,
    actor: User | None,
    now: datetime,
    next_step: NextStep | None = None,
    completes: Task | None = None,
    contact: Contact | None = None,
    company: Company | None = None,
    deal: Deal | None = None,
    at: datetime | None = None,
    outcome: str = "",
    subject: str = "",
    body: str = "",
) -> tuple[Activity, Task | None]:
    """Log an activity, tick off the task it fulfils and set the next one: all or nothing."""
    activity = log_activity(
        kind,
        actor=actor,
        now=now,
        at=at,
        contact=contact,
        company=company,
        deal=deal,
        outcome=outcome,
        subject=subject,
        body=body,
    )
    if completes is not None:
        complete_task(completes, actor=actor, now=now)
    if next_step is None:
        return activity, None
    task = add_task(
        next_step.title,
        actor=actor,
        now=now,
        due_at=next_step.due_at,
        kind=next_step.kind,
        is_all_day=next_step.is_all_day,
        contact=activity.contact,
        company=activity.company,
        deal=deal,
    )
    return activity, task


def _move_lead_on(activity: Activity, actor: User | None) -> Lead | None:
    """The contact's open lead, moved to what the activity says. What was done before the lead opened is not its own."""
    if activity.contact_id is None:
        return None
    lead = Lead.objects.live().filter(contact_id=activity.contact_id, status__in=lead_rules.OPEN_STATUSES).first()
    if lead is None or activity.at < lead.opened_at:
        return None
    if not is_attempt(activity.kind):
        return lead
    reached = reaches(activity.kind, activity.outcome, is_incoming=activity.is_incoming)
    return note_attempt(lead, reached=reached, actor=actor, now=activity.at)


def _say(activity: Activity, actor: User | None) -> None:
    said = activity.subject or activity.get_kind_display()
    if activity.outcome:
        said = f"{said}: {activity.get_outcome_display()}"
    write_entry(
        f"activity:{activity.pk}",
        at=activity.at,
        side="sales",
        kind=f"activity.{activity.kind}",
        title=said,
        contact_id=activity.contact_id,
        company_id=activity.company_id,
        deal_id=activity.deal_id,
        actor=actor,
        body=activity.body,
        facts={"activity": activity.pk, "outcome": activity.outcome},
    )
