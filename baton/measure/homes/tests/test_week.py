"""What the pipeline was last Monday is read back from what deals say of themselves and from the journal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from baton.measure.homes import sales
from baton.measure.homes.rules import STEPS
from baton.measure.homes.sales import SalesHome
from baton.platform.journal.models import JournalEntry
from baton.sales.deals.actions import SoldLine, change_deal, lose_deal, reopen_deal, win_deal
from baton.sales.deals.models import CloseDateMove, Deal
from baton.sales.deals.rules import LOST_REASONS
from tests.cast import a_deal, a_user

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime(2026, 3, 11, 9, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
MARCH = date(2026, 3, 20)
NEXT_QUARTER = date(2026, 5, 1)


@pytest.fixture(autouse=True)
def _a_wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: WEDNESDAY)


def an_old_deal(**fields: object) -> Deal:
    old = MONDAY - timedelta(days=10)
    values = {"opened_at": old, "entered_stage_at": old, "changed_at": old, "created_at": old}
    return a_deal(**{**values, "expected_close_on": MARCH, **fields})


def steps(user: object = None) -> dict[str, int]:
    bridge = SalesHome(user or a_user("administrator"), WEDNESDAY).week.bridge
    assert bridge.adds_up
    return {step: bridge.minor[step] for step in STEPS if bridge.minor[step]}


def test_deals_nothing_happened_to_stand_at_both_ends() -> None:
    an_old_deal(amount_minor=700)
    an_old_deal(amount_minor=300)
    an_old_deal(expected_close_on=NEXT_QUARTER)
    assert steps() == {"opening": 1000, "closing": 1000}


def test_a_new_deal_a_raised_amount_and_a_slip_are_told_apart() -> None:
    rep = a_user()
    raised, slipped = an_old_deal(amount_minor=100), an_old_deal(amount_minor=50)
    a_deal(amount_minor=30, opened_at=WEDNESDAY, expected_close_on=MARCH)
    change_deal(raised, {"amount_minor": 160}, actor=rep, now=WEDNESDAY)
    change_deal(raised, {"amount_minor": 140}, actor=rep, now=WEDNESDAY)
    change_deal(slipped, {"expected_close_on": NEXT_QUARTER}, actor=rep, now=WEDNESDAY)
    assert steps() == {"opening": 150, "new": 30, "changed": 40, "slipped": -50, "closing": 170}


def test_a_sale_takes_what_it_was_sold_for_and_its_discount_is_a_change() -> None:
    rep = a_user()
    sold, lost = an_old_deal(amount_minor=100), an_old_deal(amount_minor=60)
    win_deal(sold, actor=rep, now=WEDNESDAY, lines=[SoldLine(None, 80, 10)])
    lose_deal(lost, reason=LOST_REASONS[0][0], actor=rep, now=WEDNESDAY)
    assert steps() == {"opening": 160, "changed": -20, "won": -80, "lost": -60}


def test_what_was_won_before_and_is_open_again_comes_back_in(monkeypatch: pytest.MonkeyPatch) -> None:
    user = a_user("administrator")
    deal = an_old_deal(amount_minor=90)
    monkeypatch.setattr(timezone, "now", lambda: MONDAY - timedelta(days=2))
    win_deal(deal, actor=user, now=MONDAY - timedelta(days=2))
    monkeypatch.setattr(timezone, "now", lambda: WEDNESDAY)
    assert SalesHome(user, WEDNESDAY).week.expected_then_minor == 90
    reopen_deal(deal, actor=user, now=WEDNESDAY)
    assert steps(user) == {"pulled_in": 90, "closing": 90}
    assert SalesHome(user, WEDNESDAY).week.expected_then_minor == 90


def test_a_slip_without_a_journal_line_is_known_from_the_history_of_close_dates() -> None:
    deal = an_old_deal(amount_minor=75, expected_close_on=NEXT_QUARTER)
    CloseDateMove.objects.create(deal=deal, from_date=MARCH, to_date=NEXT_QUARTER, at=WEDNESDAY)
    assert steps() == {"opening": 75, "slipped": -75}
    assert not JournalEntry.objects.exists()


def test_the_week_is_of_the_deals_one_may_see() -> None:
    rep = a_user("sales_manager")
    an_old_deal(owner=rep, amount_minor=5)
    an_old_deal(owner=a_user(), amount_minor=1000)
    assert steps(rep) == {"opening": 5, "closing": 5}


def test_the_expected_of_last_monday_holds_what_was_won_by_then() -> None:
    user = a_user("administrator")
    an_old_deal(state="won", closed_at=MONDAY - timedelta(days=1), amount_minor=10)
    an_old_deal(state="won", closed_at=WEDNESDAY, amount_minor=200)
    an_old_deal(amount_minor=3)
    home = SalesHome(user, WEDNESDAY)
    assert home.week.won_then_minor == 10
    assert home.week.expected_then_minor == 213
    assert sales.quarter_row(home).figures[2].value == 213
