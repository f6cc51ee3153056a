"""How many came how far along a funnel."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.tracking.channels.reads import channel_labels
from baton.tracking.funnels.rules import Shape, Step
from baton.tracking.store import ask_recent
from baton.tracking.website.looks import UNKNOWN, Look
from baton.tracking.website.reads import label_of

SPLITS = ("channel", "device", "campaign")
MOST_PARTS = 8
NEXT_PAGES = 3
PEOPLE_SHOWN = 200


@dataclass
class Figure:
    """One step: how many reached it, shares (0 to 1) of the first and of the step before, what became of the rest.

    `minutes` is the median since the step before, None for the first and where nobody came. `next_pages` are the pages
    most seen next by those who stopped here, with how many they were; `left` of them saw none.
    """

    step: Step
    reached: int
    of_first: float
    of_before: float
    minutes: float | None = None
    dropped: int = 0
    next_pages: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Part:
    """How many of one channel, device or campaign reached each step. `key` is what the Website page's filter takes."""

    key: str
    label: str
    reached: list[int]

    @property
    def share(self) -> float:
        return self.reached[-1] / self.reached[0] if self.reached[0] else 0.0


def figures(shape: Shape, look: Look, now: datetime) -> list[Figure]:
    """Every step of a funnel over the visits that a look chooses for the first one."""
    asked = _asked(shape, look, now)
    rows = ask_recent("funnel_steps", by="", most=1, **asked)
    told = rows[0] if rows else defaultdict(int)
    next_pages = defaultdict(list)
    for row in ask_recent("funnel_dropped", most=NEXT_PAGES, **asked):
        next_pages[row["step"]].append((row["path"], row["dropped"]))
    reached = [told[f"reached_{n}"] or 0 for n in range(1, len(shape.steps) + 1)]
    return [
        Figure(
            step=step,
            reached=reached[n],
            of_first=_share(reached[n], reached[0]),
            of_before=_share(reached[n], reached[max(n - 1, 0)]),
            minutes=told[f"minutes_{n + 1}"] if n and reached[n] else None,
            dropped=reached[n] - reached[n + 1] if n + 1 < len(reached) else 0,
            next_pages=next_pages[n + 1] if n + 1 < len(reached) else [],
        )
        for n, step in enumerate(shape.steps)
    ]


def parts(shape: Shape, look: Look, by: str, now: datetime) -> list[Part]:
    """The same counts by channel, device or campaign of the visit of the first step; most first."""
    rows = ask_recent("funnel_steps", by=by, most=MOST_PARTS, **_asked(shape, look, now))
    steps = range(1, len(shape.steps) + 1)
    channels = channel_labels() if by == "channel" else {}
    return [
        Part(row["label"] or UNKNOWN, label_of(by, row["label"], channels), [row[f"reached_{n}"] for n in steps])
        for row in rows
    ]


@dataclass
class Known:
    """A contact who took a step, how many steps they came, and when the visit of the first one began."""

    contact: Contact
    level: int
    started: datetime


def people(shape: Shape, look: Look, step: int, user: User, now: datetime) -> list[Known]:
    """Who is behind a step, of the contacts this user may see: the latest first."""
    rows = ask_recent("funnel_people", step=step, most=PEOPLE_SHOWN, **_asked(shape, look, now))
    seen = Contact.objects.live().visible_to(user).select_related("company").in_bulk([row["contact"] for row in rows])
    return [Known(seen[row["contact"]], row["level"], row["started"]) for row in rows if row["contact"] in seen]


def _asked(shape: Shape, look: Look, now: datetime) -> dict[str, Any]:
    asked = look.asked(look.period, now) | shape.asked()
    if shape.site:
        asked["site"] = shape.site
    return asked | {"last": asked["until"] + timedelta(days=1, minutes=shape.minutes)}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
