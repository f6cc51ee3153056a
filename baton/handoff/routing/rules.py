"""Who is next. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """One who could get the lead. `was_asked` means they had this lead before and let it go."""

    user_id: int
    last_assigned_at: datetime | None
    is_active: bool = True
    is_away: bool = False
    was_asked: bool = False

    @property
    def may_get_it(self) -> bool:
        return self.is_active and not self.is_away and not self.was_asked


@dataclass(frozen=True)
class Choice:
    """`because` is owner, company_owner, round_robin or catch_all."""

    user_id: int
    because: str


def choose(
    *,
    owner: Candidate | None,
    company_owner: Candidate | None,
    seats: Iterable[Candidate],
    catch_all: Iterable[Candidate],
) -> Choice | None:
    """The person who gets a lead: the contact's owner, the company's owner, who waited longest, or the catch-all.

    None only when nobody at all is active.
    """
    for candidate, because in ((owner, "owner"), (company_owner, "company_owner")):
        if candidate and candidate.may_get_it:
            return Choice(candidate.user_id, because)
    free = [seat for seat in seats if seat.may_get_it]
    if free:
        longest = min(free, key=lambda seat: (seat.last_assigned_at or NEVER, seat.user_id))
        return Choice(longest.user_id, "round_robin")
    for candidate in catch_all:
        if candidate.is_active:
            return Choice(candidate.user_id, "catch_all")
    return None
