"""What listens and watches: who became ready, which clock ran out."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from baton.handoff.agreement.actions import agreement_in_force
from baton.handoff.agreement.rules import Readiness, readiness
from baton.handoff.assignments.actions import (
    NobodyToAssign,
    assign,
    expire,
    miss_attempt,
    note_first_attempt,
    remind,
    withdraw,
)
from baton.handoff.assignments.models import Handoff
from baton.people.contacts.models import Contact
from baton.people.deliveries.gate import objecting
from baton.people.leads.actions import open_lead
from baton.people.leads.models import Lead
from baton.people.leads.rules import INBOUND, NEW, OPEN_STATUSES
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry

WATCHED_AT_ONCE = 100


def on_score_rose(entry: JournalEntry) -> None:
    """Listener: a contact's score rose, so it may be ready now."""
    consider(entry.thing_id)


def on_lead_opened(entry: JournalEntry) -> None:
    """Listener: a lead from marketing may belong to a contact whose scores are high enough already."""
    consider(entry.facts["contact"])


def on_contact_changed(entry: JournalEntry) -> None:
    """Listener: mended data may make a contact ready that sales sent back to have it mended."""
    consider(entry.thing_id)


def on_lead_moved(entry: JournalEntry) -> None:
    """Listener: stop the second clock at the first attempt; withdraw what waits when the lead ended or was binned."""
    lead = Lead.objects.select_related("contact").get(pk=entry.thing_id)
    if lead.first_attempt_at:
        note_first_attempt(lead, now=lead.first_attempt_at)
    if not lead.is_open or lead.deleted_at:
        withdraw(lead, actor=entry.actor, now=entry.at)


def consider(contact_id: int) -> Handoff | None:
    """Hand the contact's lead over when it is ready under the agreement in force; bears repetition.

    A contact that is ready without an open lead gets one. Leads that sales found itself, that sales is working
    already, that were rejected as not ours or that rest after nurturing, are left alone. So is who objected to
    marketing: a lead of theirs is what they asked for, and a person's to take up.
    """
    contact = Contact.objects.live().select_related("company").filter(pk=contact_id).first()
    if contact is None or not readiness_of(contact).is_ready:
        return None
    try:
        return hand_over(contact)
    except NobodyToAssign:
        return None  # tried again by the next event and by the nightly look at all ready contacts


def hand_over(contact: Contact) -> Handoff | None:
    """Hand the contact's lead over whatever the scores are, or leave alone whom `consider` leaves alone.

    Bears repetition. Raises NobodyToAssign.
    """
    if _is_with_sales(contact) or objecting([contact.pk]):
        return None
    now = timezone.now()
    lead, _made = open_lead(contact, actor=None, now=now, source=contact.source)
    if lead.origin != INBOUND or lead.status != NEW:
        return None
    return assign(lead, now=now)


def readiness_of(contact: Contact) -> Readiness:
    """Whether `contact` is ready now under the agreement in force, and what is missing."""
    return readiness(
        fit=contact.fit_score,
        engagement=contact.engagement_score,
        stage=contact.lifecycle,
        is_reachable=bool(contact.email or contact.phone),
        terms=agreement_in_force().terms,
    )


def _is_with_sales(contact: Contact) -> bool:
    """Sales has it or had it lately: a handoff waits or was taken, its data is being mended, or it rests.

    A lead that ended rests as long as one sent back for nurturing: high scores fade slower than a no is forgotten.
    """
    now = timezone.now()
    rest = timedelta(days=agreement_in_force().rest_days)
    if Lead.objects.live().filter(contact=contact, ended_at__gt=now - rest).exists():
        return True
    of_contact = Handoff.objects.filter(lead__contact=contact)
    in_hand = Q(state__in=["assigned", "accepted"], lead__status__in=OPEN_STATUSES)
    resting = Q(rests_until__gt=now)
    being_mended = Q(state="rejected", lead__status__in=OPEN_STATUSES, answered_at__gt=contact.changed_at)
    return of_contact.filter(in_hand | resting | being_mended).exists()


def consider_all(job: Job) -> None:
    """Job, nightly and after a new agreement: look at every contact whose scores reach the terms."""
    terms = agreement_in_force().terms
    ready = (
        Contact.objects.live()
        .filter(fit_score__gte=terms.fit_at_least, engagement_score__gte=terms.engagement_at_least)
        .exclude(lifecycle__in=terms.excluded_stages)
    )
    for contact_id in ready.values_list("pk", flat=True).iterator():
        consider(contact_id)


def on_agreement_approved(entry: JournalEntry) -> None:
    """Listener: new terms may make contacts ready that were not."""
    consider_all(Job())


def watch_clocks() -> None:
    """Tick: remind at half time, expire at the end, tell of missed first attempts. Indexed, so idle ticks are cheap."""
    now = timezone.now()
    waiting = Handoff.objects.filter(state=Handoff.State.ASSIGNED)
    for handoff in waiting.filter(accept_by__lte=now)[:WATCHED_AT_ONCE]:
        expire(handoff, now=now)
    for handoff in waiting.filter(remind_at__lte=now, reminded_at=None)[:WATCHED_AT_ONCE]:
        remind(handoff, now=now)
    missed = Handoff.objects.filter(
        state=Handoff.State.ACCEPTED, attempt_by__lte=now, first_attempt_at=None, attempt_missed_at=None
    )
    for handoff in missed[:WATCHED_AT_ONCE]:
        miss_attempt(handoff, now=now)
