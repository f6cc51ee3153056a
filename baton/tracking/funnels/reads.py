"""How many came how far along a funnel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.tracking.channels.reads import channel_labels
from baton.tracking.funnels.rules import Shape, Step
from baton.tracking.store import recent
from baton.tracking.store.questions import UNKNOWN
from baton.tracking.website.looks import Look
from baton.tracking.website.reads import label_of

if TYPE_CHECKING:
    from baton.tracking.funnels.counts import Counted

SPLITS = ("channel", "device", "campaign")
MOST_PARTS = 8
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


def figures(shape: Shape, look: Look, now: datetime, by: str = "") -> list[Figure]:
    """Every step of a funnel over the visits that a look chooses for the first one.

    `by` is what `parts` will be asked for, so that all is counted once.
    """
    found = _counted(shape, look, by, now)
    reached = found.reached
    return [
        Figure(
            step=step,
            reached=reached[n],
            of_first=_share(reached[n], reached[0]),
            of_before=_share(reached[n], reached[max(n - 1, 0)]),
            minutes=found.minutes[n],
            dropped=reached[n] - reached[n + 1] if n + 1 < len(reached) else 0,
            next_pages=found.next_pages[n],
        )
        for n, step in enumerate(shape.steps)
    ]


def parts(shape: Shape, look: Look, by: str, now: datetime) -> list[Part]:
    """The same counts by channel, device or campaign of the visit of the first step; most first."""
    found = _counted(shape, look, by, now)
    channels = channel_labels() if by == "channel" else {}
    most = sorted(found.parts.items(), key=lambda part: (-part[1][0], part[0]))[:MOST_PARTS]
    return [Part(label or UNKNOWN, label_of(by, label, channels), counts) for label, counts in most]


@dataclass
class Known:
    """A contact who took a step, how many steps they came, and when the visit of the first one began."""

    contact: Contact
    level: int
    started: datetime


def people(shape: Shape, look: Look, step: int, user: User, now: datetime) -> list[Known]:
    """Who is behind a step, of the contacts this user may see: the latest first."""
    from baton.tracking.funnels.counts import known

    rows = recent("funnel people", known, {"shape": shape, "step": step, **_asked(shape, look, now)})[:PEOPLE_SHOWN]
    seen = Contact.objects.live().visible_to(user).select_related("company").in_bulk([row[0] for row in rows])
    return [Known(seen[contact], level, started) for contact, level, started in rows if contact in seen]


def _counted(shape: Shape, look: Look, by: str, now: datetime) -> Counted:
    from baton.tracking.funnels.counts import counted  # NumPy is loaded by who needs it

    return recent("funnel", counted, {"shape": shape, "by": by, **_asked(shape, look, now)})


def _asked(shape: Shape, look: Look, now: datetime) -> dict[str, Any]:
    asked = look.asked(look.period, now)
    if shape.site:
        asked["site"] = shape.site
    return asked


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
