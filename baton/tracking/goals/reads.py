"""How often goals were reached."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from baton.platform.organisation import organisation
from baton.tracking.goals.models import Goal
from baton.tracking.store import ask_recent
from baton.tracking.website.looks import Look


@dataclass
class Reached:
    """A goal with the visits that reached it, the different visitors they were, how often, and worth by currency."""

    goal: Goal
    visits: int
    visitors: int
    times: int
    worth: dict[str, int] = field(default_factory=dict)


def reached(look: Look, now: datetime) -> list[Reached]:
    """Every goal over the visits that a look chooses."""
    return [_reached(goal, look, now) for goal in Goal.objects.all()]


def _reached(goal: Goal, look: Look, now: datetime) -> Reached:
    asked = look.asked(look.period, now)
    if goal.kind == Goal.Kind.PAGE:
        total, *others = ask_recent("goal_by_page", pattern=pattern_of(goal.match), **asked)
    else:
        total, *others = ask_recent("goal_by_event", event=goal.match, **asked)
    worth = {row["currency"]: row["value_minor"] for row in others}
    if goal.value_minor is not None:
        worth = {organisation().currency: goal.value_minor * total["visits"]}
    return Reached(goal, total["visits"], total["visitors"], total["times"], worth)


def pattern_of(match: str) -> str:
    """A path with * for anything as a regular expression (RE2 and Python's alike)."""
    return "^" + ".*".join(re.escape(part) for part in match.split("*")) + "$"
