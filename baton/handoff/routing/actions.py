"""Choosing who gets a lead, from what is known now."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from baton.handoff.routing.models import Seat
from baton.handoff.routing.rules import Candidate, Choice, choose
from baton.people.leads.models import Lead
from baton.platform import journal
from baton.platform.accounts.models import User

CATCH_ALL_ROLES = ["sales_manager", "operations", "administrator"]
SELLING_ROLES = ["sdr", "rep", "sales_manager"]


def next_owner(lead: Lead, *, asked: set[int]) -> Choice | None:
    """Who should get `lead`, not asking anyone in `asked` again. None when no user is active at all."""
    company = lead.contact.company
    return choose(
        owner=_seller(lead.owner or lead.contact.owner, asked),
        company_owner=_seller(company.owner if company else None, asked),
        seats=[_candidate(seat.user, asked, seat.last_assigned_at) for seat in _seats()],
        catch_all=[_candidate(user, set()) for user in _catch_all()],
    )


def take_turn(user_id: int, *, now: datetime) -> None:
    """Note that `user_id` was given a lead, so that the others come first."""
    Seat.objects.filter(user_id=user_id).update(last_assigned_at=now)


@transaction.atomic
def take_seat(seat: Seat, *, is_taken: bool, actor: User) -> Seat:
    """Take a person into the round robin or out of it; leads they have stay theirs."""
    if seat.is_taken == is_taken:
        return seat
    seat.is_taken = is_taken
    seat.save(update_fields=["is_taken"])
    journal.record("seat.changed", seat, actor=actor, user=seat.user_id, is_taken=is_taken)
    return seat


def ensure_seats() -> None:
    """Give every SDR a seat, or every rep where there is no SDR, when nobody has one yet."""
    if Seat.objects.exists():
        return
    for role in ("sdr", "rep"):
        users = User.objects.filter(role=role, is_active=True).order_by("pk")
        if users:
            Seat.objects.bulk_create([Seat(user=user) for user in users])
            return


def _seats() -> list[Seat]:
    ensure_seats()
    return list(Seat.objects.filter(is_taken=True).select_related("user"))


def _catch_all() -> list[User]:
    users = User.objects.filter(is_active=True, role__in=CATCH_ALL_ROLES).order_by("pk")
    return sorted(users, key=lambda user: CATCH_ALL_ROLES.index(user.role))


def _seller(user: User | None, asked: set[int]) -> Candidate | None:
    """An owner gets the lead only when selling is their job: a marketer who owns a contact does not."""
    return _candidate(user, asked) if user and user.role in SELLING_ROLES else None


def _candidate(user: User, asked: set[int], last_assigned_at: datetime | None = None) -> Candidate:
    return Candidate(
        user_id=user.pk,
        last_assigned_at=last_assigned_at,
        is_active=user.is_active,
        is_away=user.is_away,
        was_asked=user.pk in asked,
    )
