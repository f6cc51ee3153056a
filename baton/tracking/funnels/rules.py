"""What a funnel counts. Pure; signs.py and chains.py say the same over arrays, and a test holds both to it.

A **sign** is an event of a visitor that fits a step. Its **place** is its moment and, among signs of one moment, the
first step it fits. A **chain** begins with a sign of the first step; each further step is the first sign that fits it
at a later place, and no more than the funnel's time after the beginning. Of all chains of a visitor (or visit) the one
that completes most steps counts, and of several such the one that begins first.

An event on a page is a sign if it is part of a visit that begins in the period or in the time the funnel gives after
it; what a server tells is one of every visit of that visitor that went on then or ended less than half an hour before.
The first step is on a page, in a visit that the period and the filters choose. How a page was read is no sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_STEPS = 10
FEWEST_STEPS = 2
PAGE, EVENT = "page", "event"
VISITOR, VISIT = "visitor", "visit"


@dataclass(frozen=True)
class Step:
    """A page read (`match` is a path, * stands for anything) or a thing done (`match` is an event's name).

    A thing done may ask for one detail: `prop` by its name, and the text it holds.
    """

    kind: str
    match: str
    prop: str = ""
    held: str = ""

    @property
    def pattern(self) -> str:
        """The regular expression (RE2 and Python's alike) that the page's path fits; empty for a thing done."""
        if self.kind != PAGE:
            return ""
        told = "^" + ".*".join(re.escape(part) for part in self.match.split("*"))
        return told.removesuffix(".*") if self.match.endswith("*") else told + "$"

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind, "match": self.match, "prop": self.prop, "held": self.held}


@dataclass(frozen=True)
class Shape:
    """All that is asked of a funnel: its steps in order, the minutes they may take, whose they are, on which site."""

    steps: tuple[Step, ...]
    minutes: int
    per: str = VISITOR
    site: str = ""

    def asked(self) -> dict[str, list[str]]:
        """What fits the steps, but for details: for each the name of an event and the pattern of its path."""
        return {
            "names": ["pageview" if step.kind == PAGE else step.match for step in self.steps],
            "patterns": [step.pattern for step in self.steps],
        }


@dataclass(frozen=True)
class Sign:
    """A moment in microseconds, and the numbers of the steps that fit then, from 1."""

    at: int
    steps: frozenset[int]
    may_begin: bool = True

    @property
    def place(self) -> tuple[int, int]:
        return self.at, min(self.steps)


def best_chain(signs: Iterable[Sign], *, minutes: int) -> list[int]:
    """The moments of the steps of the chain that counts; empty where no sign may begin one."""
    ordered = sorted(signs, key=lambda sign: sign.place)
    starts = [sign for sign in ordered if 1 in sign.steps and sign.may_begin]
    chains = [_chain(start, ordered, start.at + minutes * 60_000_000) for start in starts]
    return max(chains, key=len, default=[])


def _chain(start: Sign, ordered: Sequence[Sign], latest: int) -> list[int]:
    found = [start]
    for sign in ordered:
        if sign.place > found[-1].place and sign.at <= latest and len(found) + 1 in sign.steps:
            found.append(sign)
    return [sign.at for sign in found]
