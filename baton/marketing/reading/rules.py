"""Pure rules of reading: who made a hit, judged among all hits of one delivery."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HUMAN, MACHINE, UNKNOWN = "human", "machine", "unknown"
OPEN, CLICK, TRAP = "open", "click", "trap"

TOO_EARLY = timedelta(seconds=4)  # nobody sees a new mail, opens it and clicks that soon after the server took it
BURST = timedelta(seconds=5)
BURST_LINKS = 3
# As long as one vendor of bot filters holds a source for a machine: paminga.com/blog/enhanced-bot-click-filtering,
# read 2026-11.
STAYS_MACHINE = timedelta(minutes=15)


@dataclass(frozen=True)
class Verdict:
    """Whom a hit is held for (human, machine or unknown) and why, as a key of words.py; a person needs no reason."""

    label: str
    reason: str = ""


PERSON = Verdict(HUMAN)


@dataclass(frozen=True)
class Hit:
    """One request. `link` is None for the pixel and the trap; `known` is what lists say of its agent or network.

    `purpose` holds the headers Purpose, Sec-Purpose, X-Purpose and X-Moz. `source` is the same for two hits of a
    delivery that came from the same network.
    """

    at: datetime
    kind: str = CLICK
    link: int | None = None
    method: str = "GET"
    purpose: str = ""
    agent: str = ""
    source: str = ""
    known: Verdict | None = None


def judge(hits: Sequence[Hit], *, accepted_at: datetime | None, links: int) -> list[Verdict]:
    """A verdict for each hit of one delivery, in the order given; it does not depend on that order.

    `accepted_at` is when the receiving server took the mail, None where nobody knows; `links` how many different
    addresses stand in the mail. A hit that gives a machine away makes one of every hit from the same network or by the
    same agent within 15 minutes, before and after: scanners follow the hidden link last.
    """
    burst = _in_burst(hits, links)
    own = [_by_itself(hit, accepted_at, is_in_burst=place in burst) for place, hit in enumerate(hits)]
    beside = _Telltales([hit for hit, verdict in zip(hits, own, strict=True) if _gives_away(hit, verdict)])
    return [
        Verdict(MACHINE, "same_source") if verdict.label != MACHINE and beside.near(hit) else verdict
        for hit, verdict in zip(hits, own, strict=True)
    ]


def _by_itself(hit: Hit, accepted_at: datetime | None, *, is_in_burst: bool) -> Verdict:
    if hit.kind == TRAP:
        return Verdict(MACHINE, "trap")
    if hit.method == "HEAD":
        return Verdict(MACHINE, "head")
    if _looks_ahead(hit):
        return Verdict(MACHINE, "prefetch")
    if hit.known and hit.known.label == MACHINE:
        return hit.known
    if is_in_burst:
        return Verdict(MACHINE, "all_links")
    if accepted_at is None:
        return Verdict(UNKNOWN, "not_known_when")
    if hit.at - accepted_at < TOO_EARLY:
        return Verdict(MACHINE, "too_early")
    return hit.known or PERSON


def _looks_ahead(hit: Hit) -> bool:
    """Whether a browser or mail program says that it only fetches ahead (Purpose, Sec-Purpose, X-Moz)."""
    said = hit.purpose.lower()
    return "prefetch" in said or "preview" in said or "prerender" in said


def _gives_away(hit: Hit, verdict: Verdict) -> bool:
    """Whether its source is a machine's as well.

    Not so where a person's own program looks ahead for them, loads pictures as the mail comes in, or has them loaded
    by a relay that works for many people.
    """
    if verdict.label != MACHINE or verdict.reason == "prefetch" or verdict.reason.startswith("relay:"):
        return False
    return not (hit.kind == OPEN and verdict.reason == "too_early")


def _in_burst(hits: Sequence[Hit], links: int) -> set[int]:
    """Places of clicks that follow three different links, or all there are, within five seconds."""
    needed = min(BURST_LINKS, links)
    if needed < 2:
        return set()
    clicks = sorted(
        (hit.at, place) for place, hit in enumerate(hits) if hit.kind == CLICK and hit.link and not _looks_ahead(hit)
    )
    found: set[int] = set()
    seen: Counter[int | None] = Counter()
    start = 0
    for end, (at, place) in enumerate(clicks):
        seen[hits[place].link] += 1
        while at - clicks[start][0] > BURST:
            link = hits[clicks[start][1]].link
            seen[link] -= 1
            if not seen[link]:
                del seen[link]
            start += 1
        if len(seen) >= needed:
            found.update(place for _at, place in clicks[start : end + 1])
    return found


class _Telltales:
    """When each network and each agent gave itself away."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._moments: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        for hit in sorted(hits, key=lambda hit: hit.at):
            for name in _names(hit):
                self._moments[name].append(hit.at)

    def near(self, hit: Hit) -> bool:
        """Whether the hit's network or agent gave itself away within 15 minutes of it."""
        return any(self._is_near(self._moments[name], hit.at) for name in _names(hit) if name in self._moments)

    @staticmethod
    def _is_near(moments: list[datetime], at: datetime) -> bool:
        place = bisect_left(moments, at - STAYS_MACHINE)
        return place < len(moments) and moments[place] <= at + STAYS_MACHINE


def _names(hit: Hit) -> list[tuple[str, str]]:
    return [(name, value) for name, value in (("source", hit.source), ("agent", hit.agent)) if value]
