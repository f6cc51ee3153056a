"""Counting a funnel: what the store tells of people's visits, put into chains, put into figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from baton.tracking.funnels.chains import NOBODYS, Chains, best_chains
from baton.tracking.funnels.rules import VISIT, Shape
from baton.tracking.funnels.signs import Fits, Told, next_views, signs_of
from baton.tracking.store import ask, ask_table, ask_walks
from baton.tracking.store.walks import Walked, Walks, is_page, numbers

NEXT_PAGES = 3
LOOK_SECONDS = 30.0
_NONE = np.arange(0, dtype=np.int32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Counted:
    """A funnel's figures by step, from the first: how many units reached it, the median of minutes since the step
    before (None where there is none), and the pages most seen next by those who stopped there with how many they were.
    `parts` are those who reached each step by label.
    """

    reached: list[int]
    minutes: list[float | None]
    next_pages: list[list[tuple[str, int]]]
    parts: dict[str, list[int]]


@dataclass(frozen=True)
class _Found:
    """The chains of some visitors, and the walks they were found in."""

    walks: Walks
    chains: Chains
    per: str

    def visits(self) -> NDArray[np.integer[Any]]:
        """The visits that the chains begin in."""
        return self.chains.units if self.per == VISIT else self.walks.visits_of(self.chains.acts)


def counted(shape: Shape, *, since: datetime, until: datetime, by: str = "", **filters: str) -> Counted:
    """The figures of a funnel whose first step is in a visit that begins in a span and is as the filters say."""
    steps = range(1, len(shape.steps) + 1)
    reached = [0 for _step in steps]
    minutes: list[list[Any]] = [[] for _step in steps]
    went: list[Counter[int]] = [Counter() for _step in steps]
    pages: dict[int, str] = {}
    parts: dict[str, list[int]] = defaultdict(lambda: [0 for _step in steps])
    for walked, shares in _find(shape, since, until, by, filters):
        codes: list[list[Any]] = [[] for _step in steps]
        is_view = is_page(walked.deeds)
        for found in shares:
            next_codes = _next_codes(shape, found, is_view)
            for n in steps:
                reached[n - 1] += int((found.chains.levels >= n).sum())
                minutes[n - 1].append(_minutes(found.chains, n))
                codes[n - 1].append(next_codes[n - 1])
            for label, counts in _parts(shape, found, walked.names).items() if by else ():
                parts[label] = [sum(both) for both in zip(parts[label], counts, strict=True)]
        for told, seen in zip(went, codes, strict=True):
            told.update(_tally(walked, seen, pages))
    medians = [float(np.median(took)) if len(took := np.concatenate([_NONE, *one])) else None for one in minutes]
    return Counted(reached, medians, _most_seen(went, pages), dict(parts))


def known(
    shape: Shape, *, step: int, since: datetime, until: datetime, **filters: str
) -> list[tuple[int, int, datetime]]:
    """Contacts who reached a step, the latest first: the contact, how many steps they came, when the visit of the first
    one began.
    """
    best: dict[int, tuple[int, int]] = {}
    for walked, shares in _find(shape, since, until, "contact", filters):
        for found in shares:
            came = found.chains.levels >= step
            visits, levels = found.visits()[came], found.chains.levels[came].tolist()
            labels, moments = found.walks.labels[visits].tolist(), found.walks.started[visits].tolist()
            for label, level, started in zip(labels, levels, moments, strict=True):
                if name := walked.names[label]:
                    contact = int(name)
                    furthest, latest = best.get(contact, (0, 0))
                    best[contact] = max(furthest, level), max(latest, started)
    rows = [(contact, level, _moment(started)) for contact, (level, started) in best.items()]
    return sorted(rows, key=lambda row: (-row[2].timestamp(), row[0]))


def _find(
    shape: Shape, since: datetime, until: datetime, by: str, filters: dict[str, str]
) -> Iterator[tuple[Walked, Iterator[_Found]]]:
    """All chains: walks, and share by share of them what is found."""
    last = until + timedelta(days=1, minutes=shape.minutes)
    fits = _fits(shape, since, last)
    told = _told(shape, fits, since, last)
    asked = {"by": by, "since": since, "until": last, **filters}
    for walked in ask_walks("funnel_visits", max_age=LOOK_SECONDS, **asked):
        steps = fits.steps_of(walked.deeds, walked.details)
        shares = walked.by_visit() if shape.per == VISIT else walked.by_visitor()
        yield walked, (_found(shape, walks, steps, told, _micros(until)) for walks in shares)


def _found(shape: Shape, walks: Walks, steps: NDArray[np.uint16], told: Told, until: int) -> _Found:
    walks = replace(walks, is_chosen=walks.is_chosen & (walks.started < until))
    signs = signs_of(walks, steps.take(walks.codes), told, shape)
    return _Found(walks, best_chains(signs, len(shape.steps), shape.minutes, walks.ended_of), shape.per)


def _fits(shape: Shape, since: datetime, until: datetime) -> Fits:
    deeds = ask_table("funnel_deeds", max_age=LOOK_SECONDS, **shape.asked()).sort_by("deed")
    details = {
        n: [
            row["props"]
            for row in ask("funnel_details", name=step.match, prop=step.prop, value=step.held, since=since, until=until)
        ]
        for n, step in enumerate(shape.steps)
        if step.prop
    }
    return Fits(numbers(deeds["deed"]), numbers(deeds["steps"]).astype(np.uint16), details)


def _told(shape: Shape, fits: Fits, since: datetime, until: datetime) -> Told:
    names = shape.asked()["names"]
    table = ask_table("funnel_told", max_age=LOOK_SECONDS, names=names, since=since, until=until)
    table = table.sort_by("visitor_key")
    steps = fits.steps_of(numbers(table["deed"]), table["details"])
    is_sign = steps > 0
    return Told(numbers(table["visitor_key"])[is_sign], numbers(table["happened_at"])[is_sign], steps[is_sign])


def _minutes(chains: Chains, step: int) -> Any:
    """The minutes that each chain took from the step before to a step, of those that have it."""
    if step == 1:
        return np.zeros(0)
    came = chains.levels >= step
    return (chains.moments[step - 1] - chains.moments[step - 2]).compress(came) / 60e6


def _parts(shape: Shape, found: _Found, names: list[str]) -> dict[str, list[int]]:
    """By label of the visit of the first step, how many reached each step."""
    labels, levels = found.walks.labels.take(found.visits()), found.chains.levels
    counts = [np.bincount(labels.compress(levels > n), minlength=len(names)).tolist() for n in range(len(shape.steps))]
    return {name: [count[n] for count in counts] for n, name in enumerate(names) if counts[0][n]}


def _next_codes(shape: Shape, found: _Found, is_view: NDArray[np.bool_]) -> list[NDArray[np.int32]]:
    """For each step which page each of those who stopped there saw next, as codes.

    Next is within the funnel's time and, for a funnel of visits, in that visit.
    """
    walks, chains = found.walks, found.chains
    stopped = np.flatnonzero(chains.levels < len(shape.steps))
    until = chains.moments[0].take(stopped) + shape.minutes * 60_000_000
    views = next_views(walks, chains, stopped, until, is_view, shape.per)
    went = np.flatnonzero(views != NOBODYS)
    levels, codes = chains.levels.take(stopped.take(went)), walks.codes.take(views.take(went))
    return [codes.compress(levels == n) for n in range(1, len(shape.steps) + 1)]


def _tally(walked: Walked, codes: list[NDArray[np.int32]], pages: dict[int, str]) -> Counter[int]:
    """How often each deed is meant by codes; the pages that are told of them are added to `pages`."""
    counts = np.bincount(np.concatenate([_NONE, *codes]), minlength=len(walked.deeds))
    seen = np.flatnonzero(counts)
    tally: Counter[int] = Counter()
    told = walked.pages.take(pa.array(seen)).to_pylist()
    for deed, page, count in zip(walked.deeds[seen].tolist(), told, counts[seen].tolist(), strict=True):
        tally[deed] += count
        if page:
            pages[deed] = page
    return tally


def _most_seen(went: list[Counter[int]], pages: dict[int, str]) -> list[list[tuple[str, int]]]:
    """The pages most seen next, by step, with how many saw them; of those seen alike the first by name."""
    most = []
    for told in went:
        least = min((count for _deed, count in told.most_common(NEXT_PAGES)), default=0)
        most.append({deed: count for deed, count in told.items() if count >= least})
    asked = sorted({f"{deed}" for told in most for deed in told if deed not in pages})
    rows = ask("paths_of_deeds", deeds=asked, max_age=LOOK_SECONDS) if asked else []
    paths = {row["deed"]: row["path"] for row in rows} | pages
    named = [[(paths[deed], count) for deed, count in told.items() if deed in paths] for told in most]
    return [sorted(told, key=lambda page: (-page[1], page[0]))[:NEXT_PAGES] for told in named]


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
