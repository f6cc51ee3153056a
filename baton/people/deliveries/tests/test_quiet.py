"""Quiet hours: on the clock of each person's zone, right where that clock is put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baton.people.deliveries.gate import not_before
from baton.people.deliveries.models import MailRules
from baton.people.deliveries.rules import first_on_clocks, quiet_end
from baton.platform.organisation import organisation
from tests.cast import a_contact

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [ZoneInfo(name) for name in ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata"]]


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


def live_in_berlin() -> None:
    house = organisation()
    house.zone = "Europe/Berlin"
    house.save()


@pytest.mark.parametrize(
    ("now", "begins", "ends", "expected"),
    [
        ("2026-05-04T20:30", time(21), time(8), "2026-05-05T06:00"),  # an evening, through midnight
        ("2026-05-05T05:59", time(21), time(8), "2026-05-05T06:00"),
        ("2026-05-05T06:00", time(21), time(8), None),  # the end itself is not quiet
        ("2026-05-05T11:00", time(12), time(14), "2026-05-05T12:00"),
        ("2026-05-05T11:00", time(12), time(12), None),
        ("2026-03-28T22:00", time(22), time(8), "2026-03-29T06:00"),  # the night an hour is missing: 8:00 is 6:00 UTC
        ("2026-10-24T21:00", time(22), time(8), "2026-10-25T07:00"),  # the night an hour comes twice: it is 7:00 UTC
        ("2026-03-29T00:30", time(22), time(2, 30), "2026-03-29T01:30"),  # 2:30 does not exist: 3:30 summer time
        ("2026-10-25T00:15", time(22), time(2, 30), "2026-10-25T00:30"),  # the first 2:30
        ("2026-10-25T01:15", time(22), time(2, 30), "2026-10-25T01:30"),  # quiet again before the second
    ],
)
def test_the_end_of_quiet_hours_in_berlin(now: str, begins: time, ends: time, expected: str | None) -> None:
    assert quiet_end(at(now), BERLIN, begins, ends) == (at(expected) if expected else None)


# The first draw of a process reads the constants of all of Baton's modules: a matter of the clock, not of these rules.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(ZONES), st.times(), st.times(),
)  # fmt: skip
def test_who_waits_waits_for_a_later_hour_that_is_not_quiet(
    now: datetime, zone: ZoneInfo, begins: time, ends: time
) -> None:
    end, clock = quiet_end(now, zone, begins, ends), now.astimezone(zone).time()
    is_quiet = begins <= clock < ends if begins <= ends else not ends <= clock < begins
    assert (end is not None) == is_quiet
    if end:
        assert now < end <= now + timedelta(hours=26)
        assert quiet_end(end, zone, begins, ends) is None or (end.astimezone(zone).time() > ends)  # a gap's end


@pytest.mark.django_db
def test_each_person_has_the_hours_of_their_own_zone() -> None:
    live_in_berlin()
    tokyo, ours, lost = a_contact(zone="Asia/Tokyo"), a_contact(), a_contact(zone="Mars/Base")
    people, noon = [tokyo.pk, ours.pk, lost.pk], at("2026-05-05T13:00")
    assert not_before(people, noon) == {}  # no rules, no quiet hours
    MailRules.objects.create(quiet_from=time(21), quiet_until=time(8))
    assert not_before(people, noon) == {tokyo.pk: at("2026-05-05T23:00")}
    assert not_before(people, at("2026-05-05T23:30")) == dict.fromkeys([ours.pk, lost.pk], at("2026-05-06T06:00"))


@pytest.mark.django_db
def test_an_hour_on_each_clock_comes_to_each_zone_in_turn_and_yields_to_quiet_hours() -> None:
    live_in_berlin()
    tokyo, ours, york = a_contact(zone="Asia/Tokyo"), a_contact(), a_contact(zone="America/New_York")
    people, nine = [tokyo.pk, ours.pk, york.pk], at("2026-03-29T09:00")  # the day Berlin's clock goes forward
    hours = {tokyo.pk: at("2026-03-29T00:00"), ours.pk: at("2026-03-29T07:00"), york.pk: at("2026-03-29T13:00")}
    assert not_before(people, first_on_clocks(nine), nine) == hours
    assert not_before(people, hours[ours.pk], nine) == {york.pk: hours[york.pk]}
    MailRules.objects.create(quiet_from=time(21), quiet_until=time(10))
    assert not_before([ours.pk], hours[ours.pk], nine) == {ours.pk: at("2026-03-29T08:00")}
