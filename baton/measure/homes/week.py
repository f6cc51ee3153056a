"""The week's bridge: what the pipeline of this quarter was last Monday, from the journal, and how it came to today."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from baton.measure.homes.rules import Bridge, Moved, bridge
from baton.platform.dates import Period
from baton.platform.journal.models import JournalEntry
from baton.sales.deals.models import CloseDateMove, Deal

VERBS = ["deal.changed", "deal.lines_set", "deal.won", "deal.lost", "deal.reopened"]


@dataclass(frozen=True)
class Week:
    """The bridge since `since`, and what was booked in the quarter by then. Minor units."""

    since: datetime
    bridge: Bridge
    won_then_minor: int

    @property
    def expected_then_minor(self) -> int:
        """Won plus the open pipeline, as it stood at `since`."""
        return self.won_then_minor + self.bridge.minor["opening"]


@dataclass
class _Past:
    """What the journal says a deal was before its first change; what is missing here never changed."""

    amount: list[int | None] = field(default_factory=list)
    state: list[str] = field(default_factory=list)
    closes: list[date | None] = field(default_factory=list)
    has_changed_currency: bool = False


def week_of_deals(
    deals: QuerySet[Deal], quarter: Period, since: datetime, *, closing_minor: int, won_minor: int
) -> Week:
    """Compare `deals` (visible ones of one currency) at `since` with now; at most four queries.

    `closing_minor` is the open amount closing in `quarter` now and `won_minor` what is won in it by now: of deals
    nothing happened to, they hold for then too.
    """
    slips = CloseDateMove.objects.filter(at__gte=since)
    touched = Q(changed_at__gte=since) | Q(opened_at__gte=since) | Q(closed_at__gte=since)
    rows: list[Any] = list(
        deals.filter(touched | Q(pk__in=slips.values("deal")))
        .order_by("pk")
        .values("pk", "state", "amount_minor", "expected_close_on", "opened_at", "closed_at")
    )
    past = _past({row["pk"] for row in rows}, slips, since)
    moved = [_moved(row, past[row["pk"]], quarter, since) for row in rows]
    unmoved = closing_minor - sum(deal.now_minor or 0 for deal in moved)
    return Week(since, bridge(moved, unmoved_minor=unmoved), _won_then(rows, past, quarter, since, won_minor))


def last_monday(today: date) -> date:
    """The Monday of the week `today` lies in; on a Monday the one before, so that there is a week to look at."""
    return today - timedelta(days=today.weekday() or 7)


def _past(ids: set[int], slips: QuerySet[CloseDateMove], since: datetime) -> dict[int, _Past]:
    past: dict[int, _Past] = defaultdict(_Past)
    if not ids:
        return past
    for deal, was in slips.filter(deal__in=ids).order_by("at", "pk").values_list("deal_id", "from_date"):
        past[deal].closes.append(was)
    lines = JournalEntry.objects.filter(verb__in=VERBS, at__gte=since, thing="sales.deal").order_by("at", "pk")
    for deal, verb, facts in lines.values_list("thing_id", "verb", "facts"):
        if deal in ids:
            _read(past[deal], verb, facts)
    return past


def _read(past: _Past, verb: str, facts: dict[str, Any]) -> None:
    if verb == "deal.changed":
        before = facts["before"]
        past.has_changed_currency |= "currency" in before
        if "amount_minor" in before:
            past.amount.append(before["amount_minor"])
    elif verb == "deal.lines_set":
        past.amount.append(facts["before"])
    else:
        past.state.append(facts["before"] if verb == "deal.reopened" else Deal.State.OPEN)
        if "amount_before" in facts:
            past.amount.append(facts["amount_before"])


def _moved(row: dict[str, Any], past: _Past, quarter: Period, since: datetime) -> Moved:
    amount, state = row["amount_minor"] or 0, row["state"]
    closes_then = past.closes[0] if past.closes else row["expected_close_on"]
    was_in = (
        row["opened_at"] < since
        and _state_then(row, past, since) == Deal.State.OPEN
        and _is_within(closes_then, quarter)
        and not past.has_changed_currency
    )
    return Moved(
        deal_id=row["pk"],
        then_minor=_amount_then(row, past) if was_in else None,
        now_minor=amount if state == Deal.State.OPEN and _is_within(row["expected_close_on"], quarter) else None,
        amount_minor=amount,
        state=_ended_since(row, since),
        is_new=row["opened_at"] >= since,
    )


def _ended_since(row: dict[str, Any], since: datetime) -> str:
    """Its state; a deal that had ended before and was only touched since counts as neither won nor lost now."""
    return row["state"] if row["closed_at"] and row["closed_at"] >= since else "open"


def _state_then(row: dict[str, Any], past: _Past, since: datetime) -> str:
    if past.state:
        return past.state[0]
    return Deal.State.OPEN if row["closed_at"] and row["closed_at"] >= since else row["state"]


def _amount_then(row: dict[str, Any], past: _Past) -> int:
    return (past.amount[0] if past.amount else row["amount_minor"]) or 0


def _is_within(day: date | None, quarter: Period) -> bool:
    return day is not None and quarter.first <= day < quarter.until


def _won_then(
    rows: list[dict[str, Any]], past: dict[int, _Past], quarter: Period, since: datetime, won_minor: int
) -> int:
    """Won in the quarter by now, less what was won since, plus what was won before and was reopened since."""
    then = won_minor
    for row in rows:
        closed = row["closed_at"]
        if row["state"] == Deal.State.WON and closed >= since and quarter.since <= closed < quarter.end:
            then -= row["amount_minor"] or 0
    undone = {row["pk"]: row for row in rows if past[row["pk"]].state[:1] == [Deal.State.WON]}
    if not undone:
        return then
    won = JournalEntry.objects.filter(verb="deal.won", thing="sales.deal", thing_id__in=undone, at__lt=since)
    closed_at = {
        deal: datetime.fromisoformat(facts["closed_at"]) for deal, facts in won.values_list("thing_id", "facts")
    }
    for pk, at in closed_at.items():
        if quarter.since <= at < quarter.end:
            then += _amount_then(undone[pk], past[pk])
    return then
