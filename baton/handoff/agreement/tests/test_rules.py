"""Business clocks and readiness."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from baton.handoff.agreement.rules import BusinessHours, Terms, due_after, readiness, working_minutes

BERLIN = BusinessHours(zone="Europe/Berlin")
TERMS = Terms(fit_at_least=50, engagement_at_least=40, excluded_stages=frozenset({"customer"}))


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_a_deadline_within_the_day_runs_on_the_clock() -> None:
    assert due_after(at("2026-03-10 10:00"), 120, BERLIN) == at("2026-03-10 12:00")


def test_a_deadline_pauses_over_night_and_weekend() -> None:
    assert due_after(at("2026-03-13 16:00"), 120, BERLIN) == at("2026-03-16 10:00")


def test_a_lead_that_comes_at_night_starts_its_clock_in_the_morning() -> None:
    assert due_after(at("2026-03-10 23:30"), 60, BERLIN) == at("2026-03-11 10:00")


def test_holidays_are_no_working_time() -> None:
    hours = BusinessHours(zone="Europe/Berlin", holidays=frozenset({date(2026, 5, 1)}))
    assert due_after(at("2026-04-30 16:30"), 60, hours) == at("2026-05-04 09:30")


def test_the_clock_change_in_march_takes_no_working_hour() -> None:
    round_the_clock = BusinessHours(zone="Europe/Berlin", days={day: (time(0), time(23, 59)) for day in range(7)})
    start, end = at("2026-03-29 01:00"), at("2026-03-29 06:00")
    assert working_minutes(start, end, round_the_clock) == 4 * 60


def test_no_business_hours_at_all_still_gives_a_deadline() -> None:
    start = datetime(2026, 3, 10, tzinfo=UTC)
    assert due_after(start, 90, BusinessHours(days={})) == start + timedelta(minutes=90)


@given(
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
    minutes=st.integers(1, 5000),
)
def test_the_time_until_a_deadline_is_the_time_given(start: datetime, minutes: int) -> None:
    due = due_after(start, minutes, BERLIN)
    assert abs(working_minutes(start, due, BERLIN) - minutes) < 1e-6


def test_both_scores_must_be_reached() -> None:
    found = readiness(fit=60, engagement=39, stage="lead", is_reachable=True, terms=TERMS)
    assert not found.is_ready
    assert found.missing == (("engagement", 39, 40),)


def test_a_customer_is_not_handed_over_however_high_the_scores() -> None:
    assert readiness(fit=99, engagement=99, stage="customer", is_reachable=True, terms=TERMS).barred == "customer"


def test_nobody_is_ready_who_cannot_be_reached() -> None:
    assert not readiness(fit=99, engagement=99, stage="lead", is_reachable=False, terms=TERMS).is_ready
