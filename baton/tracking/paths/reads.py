"""Which pages come after a page, or before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.http import QueryDict

from baton.tracking.store import ask_recent
from baton.tracking.website.looks import LONGEST_VALUE, Look
from baton.tracking.website.reads import lines

MOST_PAGES = 12
PAGES_OFFERED = 50


@dataclass(frozen=True)
class Walk:
    """From (or `is_to`: to) a page, and the pages that were clicked so far, at most two."""

    anchor: str
    is_to: bool = False
    chosen: tuple[str, ...] = ()

    def query(self, depth: int, path: str) -> dict[str, str]:
        """What the address tells when a page of that depth (1 to 3) is clicked: a third makes the second the anchor."""
        anchor, chosen = self.anchor, [*self.chosen[: depth - 1], path]
        if depth == 3:
            anchor, chosen = chosen[0], chosen[1:]
        return {
            "anchor": anchor,
            "toward": "to" if self.is_to else "",
            "one": chosen[0],
            "two": chosen[1] if len(chosen) > 1 else "",
        }


@dataclass
class Level:
    """The pages of one depth, most seen first, an empty path for where the visit ended (or began); all visits of it."""

    visits: int
    pages: list[tuple[str, int]] = field(default_factory=list)

    @property
    def others(self) -> int:
        return self.visits - sum(count for _path, count in self.pages)


def walk_of(query: QueryDict, look: Look, now: datetime) -> Walk | None:
    """The walk that an address tells, or one from the page where most visits begin; None where there is no visit."""
    told = {name: query.get(name, "")[:LONGEST_VALUE] for name in ("anchor", "one", "two")}
    anchor = told["anchor"]
    if not anchor:
        entries = lines(look, "entry", now, most=1)
        if not entries:
            return None
        anchor = entries[0].label
    chosen = (told["one"], told["two"]) if told["two"] and told["one"] else (told["one"],) if told["one"] else ()
    return Walk(anchor, query.get("toward") == "to", chosen if told["anchor"] else ())


def levels(walk: Walk, look: Look, now: datetime) -> list[Level]:
    """One level more than pages were clicked."""
    one, two = (*walk.chosen, "", "")[:2]
    rows = ask_recent(
        "paths", anchor=walk.anchor, toward="to" if walk.is_to else "", one=one, two=two, most=MOST_PAGES,
        **look.asked(look.period, now),
    )  # fmt: skip
    found = [Level(0) for _depth in range(len(walk.chosen) + 1)]
    for row in rows:
        level = found[row["depth"] - 1]
        level.visits = int(row["of_all"])
        level.pages.append((row["path"], row["visits"]))
    return found


def pages_offered(look: Look, now: datetime) -> list[str]:
    """The pages most read, to choose from."""
    return [line.label for line in lines(look, "page", now, most=PAGES_OFFERED)]
