"""The verbs of the handoff: assign, accept, reject, remind, expire, note the first attempt, withdraw."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from baton.handoff.agreement.actions import agreement_in_force
from baton.handoff.agreement.models import Agreement
from baton.handoff.agreement.reasons import FIX_DATA, NURTURE, RETRY, SUPPRESS
from baton.handoff.agreement.rules import due_after
from baton.handoff.assignments.evidence import frozen_evidence
from baton.handoff.assignments.models import Handoff
from baton.handoff.routing.actions import next_owner, take_turn
from baton.people.leads.actions import assign_lead, move_lead
from baton.people.leads.models import Lead
from baton.people.leads.rules import ATTEMPTING, NEW, UNQUALIFIED
from baton.people.lifecycle.actions import raise_lifecycle, set_lifecycle
from baton.people.lifecycle.rules import DISQUALIFIED, MQL, RECYCLED, SAL
from baton.people.timeline import write_entry
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.notifications import notify


class NobodyToAssign(Refusal):
    """No user is active who could take the lead; it stays ready and is tried again."""


class NotWaiting(Refusal):
    """The handoff was answered, ran out or was withdrawn before; nothing was changed."""


class ReasonUnknown(Refusal):
    """The reject reason is not one of the agreement's; nothing was changed."""


@transaction.atomic
def assign(lead: Lead, *, now: datetime, actor: User | None = None, previous: Handoff | None = None) -> Handoff:
    """Hand a ready lead to whoever is next, freeze the evidence, start both clocks and tell them.

    Idempotent: a lead that is already waiting for an answer keeps its handoff. Raises NobodyToAssign.
    """
    lead = Lead.objects.select_for_update().get(pk=lead.pk)
    waiting = Handoff.objects.filter(lead=lead, state=Handoff.State.ASSIGNED).first()
    if waiting:
        return waiting
    agreement = previous.agreement if previous else agreement_in_force()
    choice = next_owner(lead, asked=_already_asked(lead) if previous else set())
    if choice is None:
        raise NobodyToAssign(_("Nobody is active who could take this lead. Add a rep or switch one on."))
    owner = User.objects.get(pk=choice.user_id)
    handoff = _open(lead, owner, agreement, because=choice.because, now=now, actor=actor, previous=previous)
    take_turn(owner.pk, now=now)
    assign_lead(lead, owner, actor=actor, now=now)
    raise_lifecycle(lead.contact, MQL, now=now, because="handoff.assigned", actor=actor)
    _line(handoff, "assigned", _("Handed to %(owner)s") % {"owner": owner}, now=now, actor=actor)
    notify(
        owner,
        "handoff.assigned",
        _("New lead: %(contact)s") % {"contact": lead.contact},
        url=reverse("new_lead", kwargs={"handoff_id": handoff.pk}),
        key=f"handoff:{handoff.pk}:assigned",
    )
    journal.record("handoff.assigned", handoff, actor=actor, lead=lead, owner=owner, because=choice.because)
    return handoff


@transaction.atomic
def accept(handoff: Handoff, *, actor: User, now: datetime) -> Handoff:
    """Take the lead: it meets what was agreed and will be worked. Its status becomes attempting.

    Accepting twice by the same person is harmless. Raises NotWaiting.
    """
    handoff = _claimed(handoff)
    if handoff.state == Handoff.State.ACCEPTED and handoff.owner_id == actor.pk:
        return handoff
    _must_wait(handoff)
    handoff.state, handoff.answered_at = Handoff.State.ACCEPTED, now
    handoff.owner = actor
    handoff.save()
    assign_lead(handoff.lead, actor, actor=actor, now=now)
    if handoff.lead.status == NEW:
        handoff.lead = move_lead(handoff.lead, ATTEMPTING, actor=actor, now=now)
    raise_lifecycle(handoff.lead.contact, SAL, now=now, because="handoff.accepted", actor=actor)
    _line(handoff, "accepted", _("Accepted by %(owner)s") % {"owner": actor}, now=now, actor=actor)
    journal.record("handoff.accepted", handoff, actor=actor, lead=handoff.lead)
    return handoff


@transaction.atomic
def reject(handoff: Handoff, *, reason: str, note: str, actor: User, now: datetime) -> Handoff:
    """Send the lead back with one of the agreement's reasons, which acts at once.

    Raises NotWaiting, ReasonUnknown.
    """
    handoff = _claimed(handoff)
    _must_wait(handoff)
    terms = handoff.agreement.reason(reason)
    if terms is None:
        raise ReasonUnknown(_("Choose one of the agreed reasons."))
    recycles = terms["action"] == NURTURE
    handoff.state = Handoff.State.RECYCLED if recycles else Handoff.State.REJECTED
    handoff.answered_at, handoff.reject_reason, handoff.reject_note = now, reason, note
    if recycles:
        handoff.rests_until = now + timedelta(days=handoff.agreement.rest_days)
    handoff.save()
    title = _("Rejected by %(owner)s: %(reason)s") % {"owner": actor, "reason": terms["label"]}
    _line(handoff, "rejected", title, now=now, actor=actor, body=note)
    journal.record("handoff.rejected", handoff, actor=actor, lead=handoff.lead, reason=reason, does=terms["action"])
    _act_on_rejection(handoff, terms, actor=actor, now=now)
    return handoff


def _act_on_rejection(handoff: Handoff, terms: dict[str, str], *, actor: User, now: datetime) -> None:
    lead = handoff.lead
    if terms["action"] == RETRY:
        assign(lead, now=now, previous=handoff)
    elif terms["action"] == FIX_DATA:
        _tell_marketing(handoff, _("Mend the data of %(contact)s: %(note)s"))
    elif terms["action"] == NURTURE:
        move_lead(lead, UNQUALIFIED, actor=actor, now=now, reason=terms["label"])
        set_lifecycle(lead.contact, RECYCLED, now=now, because="handoff.rejected", actor=actor)
        _tell_marketing(handoff, _("%(contact)s came back for nurturing: %(note)s"))
    elif terms["action"] == SUPPRESS:
        move_lead(lead, UNQUALIFIED, actor=actor, now=now, reason=terms["label"])
        set_lifecycle(lead.contact, DISQUALIFIED, now=now, because="handoff.rejected", actor=actor)


@transaction.atomic
def remind(handoff: Handoff, *, now: datetime) -> bool:
    """At half time tell the owner once more. True when they were told now."""
    handoff = _claimed(handoff)
    if not handoff.is_waiting or handoff.reminded_at:
        return False
    handoff.reminded_at = now
    handoff.save(update_fields=["reminded_at"])
    notify(
        handoff.owner,
        "handoff.reminded",
        _("Half the time is gone: %(contact)s is waiting for your answer") % {"contact": handoff.lead.contact},
        url=handoff.get_absolute_url(),
        key=f"handoff:{handoff.pk}:reminded",
    )
    return True


@transaction.atomic
def expire(handoff: Handoff, *, now: datetime) -> Handoff | None:
    """The time to answer is over: the next rep gets the lead and the manager is told. Gives the next handoff.

    None when it was answered meanwhile or nobody is left.
    """
    handoff = _claimed(handoff)
    if not handoff.is_waiting or handoff.accept_by is None or handoff.accept_by > now:
        return None
    handoff.state, handoff.answered_at = Handoff.State.EXPIRED, now
    handoff.save()
    title = _("%(owner)s did not answer in time") % {"owner": handoff.owner}
    _line(handoff, "expired", title, now=now, actor=None)
    journal.record("handoff.expired", handoff, actor=None, lead=handoff.lead, owner=handoff.owner)
    following = assign(handoff.lead, now=now, previous=handoff)
    _tell_manager(handoff, following)
    return following


@transaction.atomic
def note_first_attempt(lead: Lead, *, now: datetime) -> Handoff | None:
    """Stop the second clock: someone called, wrote to or met the contact of an accepted handoff."""
    handoff = (
        Handoff.objects.select_for_update()
        .filter(lead=lead, state=Handoff.State.ACCEPTED, first_attempt_at=None)
        .order_by("-assigned_at")
        .first()
    )
    if handoff is None:
        return None
    handoff.first_attempt_at = now
    handoff.save(update_fields=["first_attempt_at"])
    journal.record("handoff.attempted", handoff, actor=None, lead=lead)
    return handoff


@transaction.atomic
def miss_attempt(handoff: Handoff, *, now: datetime) -> bool:
    """The time for the first attempt is over: tell the owner and the manager once. True when told now."""
    handoff = _claimed(handoff)
    if handoff.first_attempt_at or handoff.attempt_missed_at or handoff.state != Handoff.State.ACCEPTED:
        return False
    handoff.attempt_missed_at = now
    handoff.save(update_fields=["attempt_missed_at"])
    text = _("No first attempt in time: %(contact)s") % {"contact": handoff.lead.contact}
    for user in {handoff.owner, *_managers(handoff.owner)}:
        notify(
            user,
            "handoff.attempt_missed",
            text,
            url=handoff.get_absolute_url(),
            key=f"handoff:{handoff.pk}:missed:{user.pk}",
        )
    journal.record("handoff.attempt_missed", handoff, actor=None, lead=handoff.lead, owner=handoff.owner)
    return True


@transaction.atomic
def withdraw(lead: Lead, *, actor: User | None, now: datetime) -> bool:
    """Take a waiting handoff back because its lead ended otherwise. True when there was one."""
    handoff = Handoff.objects.select_for_update().filter(lead=lead, state=Handoff.State.ASSIGNED).first()
    if handoff is None:
        return False
    handoff.state, handoff.answered_at = Handoff.State.WITHDRAWN, now
    handoff.save()
    journal.record("handoff.withdrawn", handoff, actor=actor, lead=lead)
    return True


@transaction.atomic
def record_past_handoff(lead: Lead, *, assigned_by: User, assigned_to: User, at: datetime) -> Handoff:
    """Keep a handoff that happened elsewhere (imports): accepted at once, no clocks, no notices. Bears repetition."""
    handoff, _made = Handoff.objects.get_or_create(
        lead=lead,
        owner=assigned_to,
        assigned_at=at,
        defaults={
            "agreement": agreement_in_force(),
            "state": Handoff.State.ACCEPTED,
            "assigned_by": assigned_by,
            "chosen_because": "imported",
            "answered_at": at,
        },
    )
    return handoff


def _open(
    lead: Lead,
    owner: User,
    agreement: Agreement,
    *,
    because: str,
    now: datetime,
    actor: User | None,
    previous: Handoff | None,
) -> Handoff:
    hours = agreement.business_hours
    return Handoff.objects.create(
        lead=lead,
        agreement=agreement,
        owner=owner,
        assigned_by=actor,
        chosen_because=because,
        assigned_at=now,
        remind_at=due_after(now, agreement.accept_within_minutes / 2, hours),
        accept_by=_accept_by(lead, agreement, because, now),
        attempt_by=due_after(now, agreement.attempt_within_minutes, hours),
        evidence=frozen_evidence(lead, agreement),
        previous=previous,
    )


def _accept_by(lead: Lead, agreement: Agreement, because: str, now: datetime) -> datetime | None:
    """When the answer is due. The catch-all has no one after them, so their clock does not run out."""
    asked = len(_already_asked(lead))
    if because == "catch_all" or asked >= agreement.max_assignments:
        return None
    return due_after(now, agreement.accept_within_minutes, agreement.business_hours)


def _already_asked(lead: Lead) -> set[int]:
    return set(Handoff.objects.filter(lead=lead).values_list("owner_id", flat=True))


def _claimed(handoff: Handoff) -> Handoff:
    return (
        Handoff.objects.select_for_update(of=("self",))
        .select_related("lead__contact__company", "agreement", "owner__team__manager")
        .get(pk=handoff.pk)
    )


def _must_wait(handoff: Handoff) -> None:
    if not handoff.is_waiting:
        raise NotWaiting(
            _("This lead is not waiting any more: %(state)s.") % {"state": handoff.get_state_display().lower()}
        )


def _line(handoff: Handoff, what: str, title: str, *, now: datetime, actor: User | None, body: str = "") -> None:
    write_entry(
        f"handoff:{handoff.pk}:{what}",
        at=now,
        side="handoff",
        kind=f"handoff_{what}",
        title=title,
        body=body,
        contact_id=handoff.lead.contact_id,
        company_id=handoff.lead.contact.company_id,
        actor=actor,
        url=handoff.get_absolute_url(),
    )


def _managers(user: User) -> list[User]:
    """The manager of the user's team, or every sales manager where the team has none."""
    if user.team and user.team.manager and user.team.manager_id != user.pk:
        return [user.team.manager]
    return list(User.objects.filter(role="sales_manager", is_active=True).exclude(pk=user.pk))


def _tell_manager(handoff: Handoff, following: Handoff) -> None:
    text = _("%(owner)s let %(contact)s run out; it went to %(next)s") % {
        "owner": handoff.owner,
        "contact": handoff.lead.contact,
        "next": following.owner,
    }
    for manager in _managers(handoff.owner):
        notify(
            manager,
            "handoff.expired",
            text,
            url=following.get_absolute_url(),
            key=f"handoff:{handoff.pk}:expired:{manager.pk}",
        )


def _tell_marketing(handoff: Handoff, text: str) -> None:
    words = {"contact": handoff.lead.contact, "note": handoff.reject_note or handoff.reject_reason}
    for user in User.objects.filter(is_active=True, role__in=["operations", "marketing_manager"]):
        notify(
            user,
            "handoff.returned",
            text % words,
            url=handoff.lead.contact.get_absolute_url(),
            key=f"handoff:{handoff.pk}:returned:{user.pk}",
        )
