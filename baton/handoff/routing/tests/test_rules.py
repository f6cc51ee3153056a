"""Who is next."""

from datetime import UTC, datetime

from baton.handoff.routing.rules import Candidate, Choice, choose

EARLY, LATE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)


def test_the_owner_comes_before_the_round_robin() -> None:
    found = choose(owner=Candidate(7, None), company_owner=None, seats=[Candidate(1, None)], catch_all=[])
    assert found == Choice(7, "owner")


def test_an_owner_who_is_away_is_passed_over_for_the_companys() -> None:
    found = choose(owner=Candidate(7, None, is_away=True), company_owner=Candidate(8, None), seats=[], catch_all=[])
    assert found == Choice(8, "company_owner")


def test_who_waited_longest_is_next_and_the_new_one_before_all() -> None:
    seats = [Candidate(1, LATE), Candidate(2, EARLY), Candidate(3, None)]
    assert choose(owner=None, company_owner=None, seats=seats, catch_all=[]) == Choice(3, "round_robin")
    assert choose(owner=None, company_owner=None, seats=seats[:2], catch_all=[]) == Choice(2, "round_robin")


def test_nobody_is_asked_twice_and_the_catch_all_remains() -> None:
    seats = [Candidate(1, None, was_asked=True), Candidate(2, None, is_active=False)]
    found = choose(
        owner=Candidate(1, None, was_asked=True), company_owner=None, seats=seats, catch_all=[Candidate(9, None)]
    )
    assert found == Choice(9, "catch_all")


def test_with_nobody_active_there_is_no_choice() -> None:
    assert choose(owner=None, company_owner=None, seats=[], catch_all=[Candidate(9, None, is_active=False)]) is None
