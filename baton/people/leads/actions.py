"""The verbs of leads: open, move along, qualify, unqualify, assign, change, bin, restore."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from baton.people.contacts.models import Contact
from baton.people.leads import rules
from baton.people.leads.models import Lead
from baton.people.lifecycle.actions import raise_lifecycle
from baton.people.lifecycle.rules import LEAD, SQL
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal


class LeadHasEnded(Refusal):
    """The lead is qualified or unqualified already; nothing was changed."""


class OpenLeadThere(Refusal):
    """The contact has an open lead already; nothing was changed."""


@transaction.atomic
def open_lead(
    contact: Contact,
    *,
    actor: User | None,
    now: datetime,
    origin: str = rules.INBOUND,
    source: str = "",
    campaign_code: str = "",
    landing_page: str = "",
    interest: str = "",
    owner: User | None = None,
) -> tuple[Lead, bool]:
    """The contact's open lead, opened now when there is none; the second value says whether it is new.

    A repeat adds what was still empty and touches nothing else.
    """
    told = {"source": source, "campaign_code": campaign_code, "landing_page": landing_page[:300], "interest": interest}
    lead = Lead.objects.live().filter(contact=contact, status__in=rules.OPEN_STATUSES).first()
    if lead:
        missing = {name: value for name, value in told.items() if value and not getattr(lead, name)}
        if missing:
            Lead.objects.filter(pk=lead.pk).update(**missing, changed_at=now)
            lead.refresh_from_db()
        return lead, False
    lead = Lead.objects.create(contact=contact, origin=origin, owner=owner, opened_at=now, **told)
    raise_lifecycle(contact, LEAD, now=now, because="lead.opened", actor=actor)
    journal.record("lead.opened", lead, actor=actor, contact=contact, origin=origin, source=source)
    return lead, True


@transaction.atomic
def move_lead(lead: Lead, status: str, *, actor: User | None, now: datetime, reason: str = "") -> Lead:
    """Move an open lead to `status`; qualified and unqualified end it. Raises LeadHasEnded.

    Qualified raises the contact to SQL; a deal is made by the side above that listens.
    """
    lead = Lead.objects.select_for_update().get(pk=lead.pk)
    if lead.status == status:
        return lead
    if not rules.may_follow(lead.status, status):
        raise LeadHasEnded(
            _("This lead has ended as %(status)s. Open a new one.") % {"status": lead.get_status_display()}
        )
    was, lead.status, lead.changed_at = lead.status, status, now
    if status == rules.CONNECTED and lead.first_attempt_at is None:
        lead.first_attempt_at = now
    if not rules.is_open(status):
        lead.ended_at, lead.unqualified_reason = now, reason
    lead.save()
    if status == rules.QUALIFIED:
        raise_lifecycle(lead.contact, SQL, now=now, because="lead.qualified", actor=actor)
    journal.record(f"lead.{status}", lead, actor=actor, before=was, after=status, reason=reason, contact=lead.contact)
    return lead


@transaction.atomic
def note_attempt(lead: Lead, *, reached: bool, actor: User | None, now: datetime) -> Lead:
    """Someone called, wrote to or met the lead's contact: the first time is kept, the status follows.

    Taking a lead makes it attempting too, but only an attempt stops the first-attempt clock.
    """
    lead = Lead.objects.select_for_update().get(pk=lead.pk)
    if lead.is_open and lead.first_attempt_at is None:
        lead.first_attempt_at = now
        lead.save(update_fields=["first_attempt_at"])
        journal.record("lead.attempted", lead, actor=actor, contact=lead.contact_id)
    wanted = rules.CONNECTED if reached else rules.ATTEMPTING
    if lead.is_open and rules.OPEN_STATUSES.index(lead.status) < rules.OPEN_STATUSES.index(wanted):
        return move_lead(lead, wanted, actor=actor, now=now)
    return lead


@transaction.atomic
def assign_lead(lead: Lead, owner: User | None, *, actor: User | None, now: datetime) -> Lead:
    """Give the lead, and its contact and company where they have no owner yet, to `owner`."""
    was, lead.owner, lead.changed_at = lead.owner_id, owner, now
    lead.save(update_fields=["owner", "changed_at"])
    Contact.objects.filter(pk=lead.contact_id).filter(owner_id=was).update(owner=owner, changed_at=now)
    journal.record("lead.assigned", lead, actor=actor, before=was, after=owner)
    return lead


@transaction.atomic
def change_lead(lead: Lead, changes: dict[str, Any], *, actor: User | None, now: datetime) -> Lead:
    """Set owner, source or campaign of a lead; the journal keeps before and after. The owner goes by assign_lead."""
    before = {name: getattr(lead, name) for name, value in changes.items() if getattr(lead, name) != value}
    if not before:
        return lead
    lead.claim_revision()
    if "owner" in before:
        assign_lead(lead, changes["owner"], actor=actor, now=now)
    told = [name for name in before if name != "owner"]
    if told:
        for name in told:
            setattr(lead, name, changes[name])
        lead.changed_at = now
        lead.save(update_fields=[*told, "changed_at"])
        was, after = {name: before[name] for name in told}, {name: changes[name] for name in told}
        journal.record("lead.changed", lead, actor=actor, before=was, after=after)
    return lead


@transaction.atomic
def bin_lead(lead: Lead, *, actor: User, now: datetime) -> Lead:
    """Put a lead into the bin; its contact stays. A handoff that still waits is withdrawn by the side that listens."""
    lead.claim_revision()
    lead.deleted_at = now
    lead.save(update_fields=["deleted_at"])
    journal.record("lead.binned", lead, actor=actor, contact=lead.contact_id)
    return lead


@transaction.atomic
def restore_lead(lead: Lead, *, actor: User, now: datetime) -> Lead:
    """Take a lead out of the bin. Raises OpenLeadThere when its contact has another open one by now."""
    if lead.deleted_at is None:
        return lead
    others = Lead.objects.live().filter(contact=lead.contact_id, status__in=rules.OPEN_STATUSES)
    if lead.is_open and others.exists():
        raise OpenLeadThere(_("The contact has another open lead by now."))
    lead.claim_revision()
    lead.deleted_at = None
    lead.save(update_fields=["deleted_at"])
    journal.record("lead.restored", lead, actor=actor, contact=lead.contact_id)
    return lead
