"""What holds for deals: weights, stalling, the next step's colour, stage demands, lost reasons. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from baton.platform.money import divide_half_up

AMOUNT, CLOSE_DATE, CONTACT, COMPANY = "amount", "close_date", "contact", "company"
NEXT_STEP, DECISION_MAKER, LINES = "next_step", "decision_maker", "lines"

DEMAND_LABELS = {
    AMOUNT: _("an amount"),
    CLOSE_DATE: _("an expected close date"),
    CONTACT: _("a contact"),
    COMPANY: _("a company"),
    NEXT_STEP: _("a next step"),
    DECISION_MAKER: _("a decision maker among the contacts"),
    LINES: _("products"),
}

LOST_REASONS = [
    ("price", _("Price")),
    ("competitor", _("A competitor")),
    ("no_decision", _("No decision")),
    ("timing", _("Timing")),
    ("missing_feature", _("Missing feature")),
    ("no_budget", _("No budget")),
    ("other", _("Other")),
]

LATE, TODAY, PLANNED, NONE = "late", "today", "planned", "none"


@dataclass(frozen=True)
class Line:
    """One line as the margin sees it: minor units, None where unknown."""

    amount_minor: int | None
    cost_minor: int | None


def weighted_minor(amount_minor: int | None, probability: int) -> int:
    """Amount times probability in percent, rounded half up; an unknown amount weighs nothing. Unit: minor."""
    return divide_half_up((amount_minor or 0) * probability, 100)


def margin_minor(lines: Iterable[Line]) -> int | None:
    """Price less cost of all lines; None, that is unknown, when there is no line or any price or cost is unknown."""
    total, seen = 0, False
    for line in lines:
        if line.amount_minor is None or line.cost_minor is None:
            return None
        total, seen = total + line.amount_minor - line.cost_minor, True
    return total if seen else None


def missing_demands(demands: Iterable[str], having: Mapping[str, bool]) -> list[str]:
    """Those of a stage's demands that the deal does not meet, in the stage's order; unknown demands are met."""
    return [demand for demand in demands if not having.get(demand, True)]


def days_in_stage(entered_stage_at: datetime, now: datetime) -> int:
    """Whole days since the deal entered its stage; never negative."""
    return max((now - entered_stage_at).days, 0)


def why_stalled(
    *, entered_stage_at: datetime, stalled_after_days: int, expected_close_on: date | None, now: datetime, today: date
) -> str:
    """ "too_long" in its stage, "past_close" its expected date, or "" when neither. The date is the graver one."""
    if expected_close_on is not None and expected_close_on < today:
        return "past_close"
    if now - entered_stage_at > timedelta(days=stalled_after_days):
        return "too_long"
    return ""


def step_colour(due_at: datetime | None, *, is_all_day: bool, now: datetime, today: date) -> str:
    """late, today, planned or none. `now` and `due_at` in the reader's zone; a whole-day task is late the day after."""
    if due_at is None:
        return NONE
    due_on = due_at.date()
    if due_on < today or (not is_all_day and due_at < now):
        return LATE
    return TODAY if due_on == today else PLANNED
