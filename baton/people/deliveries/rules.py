"""Pure rules of deliveries: what an answer means, when to try again."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from baton.people.returns.answers import DEAD, SENDER, TEMPORARY, meaning_of

WAITS_MINUTES = [2, 10, 30, 120, 360, 720, 1440]  # about two days in all, then it is given up


def class_of(code: int, status: str, text: str, *, at_sender: bool) -> str:
    """One of four: the address is dead, the mailbox cannot take it now, this message is refused, or we are.

    Read as a bounce's words are (returns/answers.py); what comes with 4xx is never dead yet.
    """
    if at_sender:
        return SENDER
    verdict = meaning_of(text, code=code, status=status).verdict
    return TEMPORARY if verdict == DEAD and code < 500 else verdict


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many attempts; None when it is time to give up."""
    if attempts > len(WAITS_MINUTES):
        return None
    return now + timedelta(minutes=WAITS_MINUTES[attempts - 1])


def moment_on_clock(wall_clock: datetime, zone: ZoneInfo) -> datetime:
    """When the clock in `zone` shows what `wall_clock` shows, in UTC: the first time where it does twice.

    An hour that the clock leaps over is as much later.
    """
    return wall_clock.replace(tzinfo=zone).astimezone(UTC)


def first_on_clocks(wall_clock: datetime) -> datetime:
    """When the first clock on earth shows it (UTC+14, Kiribati)."""
    return wall_clock.replace(tzinfo=UTC) - timedelta(hours=14)


def quiet_end(now: datetime, zone: ZoneInfo, begins: time, ends: time) -> datetime | None:
    """When the quiet hours that `now` lies in end, in UTC; None outside them.

    The hours are those of the clock in `zone`, through midnight where they begin later than they end; there are none
    where they end as they begin. Where the clock goes back, an hour that comes twice is quiet twice; an end that the
    clock leaps over is as much later.
    """
    if begins == ends:
        return None
    here = now.astimezone(zone)
    clock = here.time()
    if not (begins <= clock < ends if begins < ends else clock >= begins or clock < ends):
        return None
    day = here.date() + timedelta(days=1 if clock >= ends else 0)
    end = datetime.combine(day, ends, zone)
    return max(end.astimezone(UTC), end.replace(fold=1).astimezone(UTC)) if here.fold else end.astimezone(UTC)
