"""Arithmetic of the homes: the pipeline's bridge, months that are old enough, bands of age. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil

OPENING, NEW, PULLED_IN, CHANGED, SLIPPED = "opening", "new", "pulled_in", "changed", "slipped"
WON, LOST, CLOSING = "won", "lost", "closing"
STEPS = [OPENING, NEW, PULLED_IN, CHANGED, SLIPPED, WON, LOST, CLOSING]


@dataclass(frozen=True)
class Moved:
    """One deal at two moments. `then_minor` and `now_minor` are its amount while in the pipeline, None while not in it;
    `amount_minor` its amount now wherever it is; `state` (open, won, lost) as it is now.
    """

    deal_id: int
    then_minor: int | None
    now_minor: int | None
    amount_minor: int
    state: str
    is_new: bool


@dataclass
class Bridge:
    """How the pipeline got from one moment to another, in minor units; what left it is negative.

    opening + new + pulled_in + changed + slipped + won + lost = closing. `deals` names those behind each step.
    """

    minor: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STEPS, 0))
    deals: dict[str, list[int]] = field(default_factory=lambda: {step: [] for step in STEPS})

    def add(self, step: str, deal: int, minor: int) -> None:
        self.minor[step] += minor
        self.deals[step].append(deal)

    @property
    def adds_up(self) -> bool:
        return sum(self.minor.values()) - self.minor[CLOSING] == self.minor[CLOSING]


def bridge(deals: Iterable[Moved], *, unmoved_minor: int = 0) -> Bridge:
    """The steps between two moments, each deal counted by what it was and what it is, not by what happened between.

    A deal won without having been in the pipeline first comes in and is then won, so that every sale is counted; one
    lost without having been in it was never part of it. `unmoved_minor` is the pipeline of deals left out because
    nothing about them changed.
    """
    made = Bridge()
    made.minor[OPENING] = made.minor[CLOSING] = unmoved_minor
    for deal in deals:
        is_in = deal.now_minor is not None
        if deal.then_minor is None and not is_in and deal.state != WON:
            continue
        if deal.then_minor is None:
            made.add(NEW if deal.is_new else PULLED_IN, deal.deal_id, deal.amount_minor)
        else:
            made.add(OPENING, deal.deal_id, deal.then_minor)
            if deal.amount_minor != deal.then_minor:
                made.add(CHANGED, deal.deal_id, deal.amount_minor - deal.then_minor)
        if is_in:
            made.add(CLOSING, deal.deal_id, deal.amount_minor)
        else:
            made.add({"won": WON, "lost": LOST}.get(deal.state, SLIPPED), deal.deal_id, -deal.amount_minor)
    return made


def days_most_take(days: Sequence[float], *, share: float = 0.9, at_least: int = 20, otherwise: int) -> int:
    """Days within which `share` of all got there (nearest rank); `otherwise` with fewer than `at_least` to go by."""
    if len(days) < at_least:
        return otherwise
    return ceil(sorted(days)[ceil(share * len(days)) - 1])


def is_immature(month_ends: date, *, takes_days: int, today: date) -> bool:
    """Whether leads of a month that ends before `month_ends` may still get there: the last came too lately."""
    return month_ends + timedelta(days=takes_days) > today


AGE_BANDS = [1, 2, 7, 30]  # days: under one, one to two, two to seven, seven to thirty, older


def by_age(opened: Iterable[datetime], now: datetime) -> list[int]:
    """How many are in each band of AGE_BANDS, the youngest first; the last number is of those older than all bands."""
    counts = [0] * (len(AGE_BANDS) + 1)
    for at in opened:
        age = now - at
        counts[sum(age >= timedelta(days=days) for days in AGE_BANDS)] += 1
    return counts


def running_total(steps: Sequence[int], *, months: int) -> list[int | None]:
    """Sums so far, one per month of age; None from `months` on, which have not come yet."""
    totals: list[int | None] = []
    total = 0
    for month, step in enumerate(steps):
        total += step
        totals.append(total if month < months else None)
    return totals
