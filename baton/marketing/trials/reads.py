"""What an A/B test shows: each variant's figures, who leads and how certain that is, and what the mail brought at all.

Only acts of people count, within the waiting time after each one's own mail, so that all variants had the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q
from django.utils import timezone

from baton.marketing.email.models import Broadcast
from baton.marketing.email_report.reads import TOOK, usual
from baton.marketing.segments.reads import in_any_of
from baton.marketing.trials.conversions import Moments, conversions
from baton.marketing.trials.models import Trial, trial_of
from baton.marketing.trials.rules import HELD, REST
from baton.marketing.trials.statistics import (
    Judgement,
    Tally,
    difference,
    interval,
    judge,
    smallest_seen,
)
from baton.people.deliveries.models import Delivery
from baton.platform.db import among

State = Delivery.State
TRIED = [*TOOK, State.BOUNCED, State.UNKNOWN]
LIFT_DAYS = 14
USUAL_CLICKS = 0.02  # of a sender's first email: what to reckon with until there are figures of their own
Metric = Trial.Metric


@dataclass
class VariantFigures:
    """One variant's people. `tested` got it in the test, the rest (`later`) once it had won; figures are of the tested.

    `clicked`, `opened` and `converted` are people, within the waiting time after their mail.
    """

    letter: str
    tested: int = 0
    sent: int = 0
    delivered: int = 0
    clicked: int = 0
    opened: int = 0
    converted: int = 0
    later: int = 0

    def tally(self, metric: str) -> Tally:
        did = {Metric.CLICKS: self.clicked, Metric.OPENS: self.opened, Metric.CONVERSIONS: self.converted}[
            Metric(metric)
        ]
        return Tally(min(did, self.delivered), self.delivered)


@dataclass(frozen=True)
class Rate:
    """A share with the ends of its 95 % interval, 0 to 1."""

    share: float
    low: float
    high: float

    @classmethod
    def of(cls, tally: Tally) -> Rate:
        return cls(tally.share, *interval(tally))


@dataclass(frozen=True)
class Lift:
    """Conversions of the mailed against those held out, both since the email began; `apart` in shares with its ends."""

    mailed: Tally
    held: Tally
    until: datetime
    apart: float = 0.0
    low: float = 0.0
    high: float = 0.0

    @property
    def is_clear(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass
class Result:
    """A test's figures. `judged` is what they say now; None while there is nothing to compare or no mail is out."""

    rows: list[VariantFigures] = field(default_factory=list)
    metric: str = Metric.CLICKS
    judged: Judgement | None = None
    rest: int = 0
    held: int = 0
    lift: Lift | None = None

    def rate(self, row: VariantFigures) -> Rate | None:
        """The share that decides."""
        return Rate.of(row.tally(self.metric)) if row.delivered else None

    @property
    def later(self) -> int:
        """How many of the rest were let go."""
        return sum(row.later for row in self.rows)


def result_of(trial: Trial, now: datetime) -> Result:
    """Everything the page shows. Raises StoreAway where the goal's events cannot be asked."""
    found = _figures(trial)
    rows = [found[letter] for letter in trial.letters]
    result = Result(rows, trial.metric)
    counted = _parts(trial)
    result.rest, result.held = counted[REST], counted[HELD]
    if trial.started_at is None:
        return result
    moments = conversions(trial, trial.started_at, now)
    _convert(trial, found, moments)
    if len(rows) > 1 and any(row.delivered for row in rows):
        result.judged = judge({row.letter: row.tally(trial.metric) for row in rows})
    if trial.held_percent:
        result.lift = _lift(trial, moments, now)
    return result


def tallies(trial: Trial, now: datetime) -> dict[str, Tally]:
    """What decides, by letter. Raises StoreAway."""
    found = _figures(trial)
    if trial.metric == Metric.CONVERSIONS and trial.started_at:
        _convert(trial, found, conversions(trial, trial.started_at, now))
    return {letter: found[letter].tally(trial.metric) for letter in trial.letters}


def _figures(trial: Trial) -> dict[str, VariantFigures]:
    found = {letter: VariantFigures(letter) for letter in trial.letters}
    in_time = {name: Q(**{f"{name}__isnull": False, f"{name}__lte": F("handed_at") + trial.wait})
               for name in ("clicked_at", "opened_at")}  # fmt: skip
    rows = trial.broadcast.message.rows().exclude(variant__in=["", HELD, REST]).order_by().values_list("variant")
    for letter, people, sent, delivered, clicked, opened in rows.annotate(
        Count("pk"),
        sent=Count("handed_at"),
        delivered=Count("pk", filter=Q(state__in=TOOK)),
        clicked=Count("pk", filter=Q(state__in=TOOK) & in_time["clicked_at"]),
        opened=Count("pk", filter=Q(state__in=TOOK) & in_time["opened_at"]),
    ):
        one = found.get(letter.upper())
        if one is None:
            continue
        if letter.islower():
            one.later = people
        else:
            one.tested, one.sent, one.delivered, one.clicked, one.opened = people, sent, delivered, clicked, opened
    return found


def _parts(trial: Trial) -> Counter[str]:
    """How many wait for the winner, and how many are held out."""
    rows = trial.broadcast.message.rows().filter(variant__in=[HELD, REST]).order_by().values_list("variant", "state")
    found: Counter[str] = Counter()
    for part, state, number in rows.annotate(Count("pk")):
        if part == HELD or state == State.WAITING:
            found[part] += number
    return found


def _convert(trial: Trial, found: dict[str, VariantFigures], moments: Moments) -> None:
    """Count each tested person who converted after their mail, in the waiting time."""
    for _contact, letter in _in_time(trial, moments):
        found[letter].converted += 1


def _in_time(trial: Trial, moments: Moments) -> Iterator[tuple[int, str]]:
    """Tested people who converted after their mail, in the waiting time, with their variant."""
    letters = trial.letters
    for contact, letter, handed_at, state, _reason in _rows_of(trial, moments):
        if letter not in letters or handed_at is None or state not in TOOK:
            continue
        if any(handed_at < at <= handed_at + trial.wait for at in moments[contact]):
            yield contact, letter


def _lift(trial: Trial, moments: Moments, now: datetime) -> Lift:
    """All who were mailed against all who would have been, over the same days, whenever their own mail went out."""
    until = _lift_until(trial, now)
    did = Counter(is_held for _contact, is_held in _since_begun(trial, moments, until))
    everyone = trial.broadcast.message.rows().aggregate(
        mailed=Count("pk", filter=~Q(variant=HELD) & Q(state__in=TRIED)),
        held=Count("pk", filter=Q(variant=HELD, reason="held_out")),
    )
    mailed, held = Tally(did[False], everyone["mailed"]), Tally(did[True], everyone["held"])
    return Lift(mailed, held, until, *(difference(mailed, held) if mailed.of and held.of else ()))


def _lift_until(trial: Trial, now: datetime) -> datetime:
    assert trial.started_at
    return min(now, trial.started_at + timedelta(days=LIFT_DAYS))


def _since_begun(trial: Trial, moments: Moments, until: datetime) -> Iterator[tuple[int, bool]]:
    """Who converted since the email began, of those mailed and of those held out (True)."""
    for contact, part, _handed_at, state, reason in _rows_of(trial, moments):
        is_held = part == HELD and reason == "held_out"
        if (is_held or (part != HELD and state in TRIED)) and any(at < until for at in moments[contact]):
            yield contact, is_held


def who_converted(broadcast: Broadcast) -> list[int]:
    """The contacts behind the variants' conversions. Raises StoreAway."""
    told = _trial_with_moments(broadcast, timezone.now())
    return [contact for contact, _letter in _in_time(*told)] if told else []


def who_reached_goal(broadcast: Broadcast) -> list[int]:
    """The contacts behind the conversions of the mailed and of those held out. Raises StoreAway."""
    now = timezone.now()
    told = _trial_with_moments(broadcast, now)
    return [contact for contact, _held in _since_begun(*told, _lift_until(told[0], now))] if told else []


def _trial_with_moments(broadcast: Broadcast, now: datetime) -> tuple[Trial, Moments] | None:
    trial = trial_of(broadcast)
    if trial is None or trial.started_at is None:
        return None
    return trial, conversions(trial, trial.started_at, now)


def _rows_of(trial: Trial, moments: Moments) -> Iterator[tuple[int, str, datetime | None, str, str]]:
    rows = trial.broadcast.message.rows().filter(contact__in=among(moments)).order_by()
    return iter(rows.values_list("contact_id", "variant", "handed_at", "state", "reason"))


@dataclass(frozen=True)
class Outlook:
    """What a test of so many people can show: `each` per variant, `smallest` rise over the `usual` share it can see."""

    audience: int
    each: int
    held: int
    rest: int
    usual: float
    is_usual_known: bool
    smallest: float | None


def outlook(broadcast: Broadcast, *, test_percent: int, held_percent: int, letters: int) -> Outlook:
    """Reckoned with the sender's usual share of clicks."""
    audience = len(in_any_of(broadcast.segments.all()))
    known = usual(broadcast).clicked
    share = known or USUAL_CLICKS
    held = round(audience * held_percent / 100)
    tested = round((audience - held) * test_percent / 100) if letters > 1 else audience - held
    each = tested // max(1, letters)
    seen = smallest_seen(each, share, letters * (letters - 1) // 2) if letters > 1 else None
    return Outlook(audience, each, held, audience - held - tested, share, bool(known), seen)


def last_handed_at(broadcast: Broadcast) -> datetime | None:
    """When the last mail of an email was handed over."""
    found: datetime | None = broadcast.message.rows().aggregate(at=Max("handed_at"))["at"]
    return found
