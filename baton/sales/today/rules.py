"""The order of a day: which row comes first and why it is there. Pure; sides above give rows of the same shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

NEW_LEAD, OVERDUE, DUE_TODAY = "new_lead", "overdue", "today"
UNSIGNED, NO_NEXT_STEP, STALLED = "unsigned", "no_next_step", "stalled"

ORDER = [NEW_LEAD, OVERDUE, DUE_TODAY, UNSIGNED, NO_NEXT_STEP, STALLED]

_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class TodayAction:
    """A button of a row. `post` is a verb's own address (sent as POST); without it the button is a link."""

    label: str
    url: str
    post: bool = False
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TodayRow:
    """One line of the day: what, why it is here, and what to do about it.

    `kind` is one of ORDER; `at` is the moment that orders rows of a kind (a clock's end, a due time); `clock` says
    that `at` is a running clock to count down to. `key` names the row uniquely for the page.
    """

    kind: str
    key: str
    title: str
    why: str
    url: str
    who: str = ""
    at: datetime | None = None
    clock: bool = False
    is_all_day: bool = False
    amount_minor: int | None = None
    currency: str = ""
    actions: tuple[TodayAction, ...] = ()
    phone: str = ""
    task_id: int | None = None
    task_kind: str = ""


def coverage(closing_minor: int, missing_minor: int) -> float | None:
    """How many times the open amount closing in the period covers what is still to win; None when nothing is."""
    return closing_minor / missing_minor if missing_minor > 0 else None


def in_order(rows: Iterable[TodayRow]) -> list[TodayRow]:
    """Rows as one works through them: by kind, then the earliest moment, then the larger amount; kinds unknown last."""
    place = {kind: position for position, kind in enumerate(ORDER)}
    return sorted(
        rows, key=lambda row: (place.get(row.kind, len(ORDER)), row.at or _END, -(row.amount_minor or 0), row.key)
    )
