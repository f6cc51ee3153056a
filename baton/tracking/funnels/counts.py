"""Counting a funnel: what the store tells of people's visits, put into chains, put into figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from baton.tracking.funnels.chains import NOBODYS, Chains, best_chains, joined
from baton.tracking.funnels.rules import VISITOR, Shape
from baton.tracking.funnels.signs import Fits, Told, Units, followers_of, next_views, signs_of, units_of
from baton.tracking.store import ask, ask_table, ask_walks_in_shares
from baton.tracking.store.walks import Walks, numbers

NEXT_PAGES = 3
LOOK_SECONDS = 30.0
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
    """The chains of a share of the visitors, and what they were found in."""

    shape: Shape
    walks: Walks
    units: Units
    chains: Chains


def counted(shape: Shape, *, since: datetime, until: datetime, by: str = "", **filters: str) -> Counted:
    """The figures of a funnel whose first step is in a visit that begins in a span and is as the filters say."""
    steps = range(1, len(shape.steps) + 1)
    reached = [0 for _step in steps]
    minutes: list[list[Any]] = [[] for _step in steps]
    went: list[Counter[int]] = [Counter() for _step in steps]
    parts: dict[str, list[int]] = defaultdict(lambda: [0 for _step in steps])
    for found in _find(shape, since, until, by, filters):
        next_deeds = _next_deeds(found)
        for n in steps:
            reached[n - 1] += int((found.chains.levels >= n).sum())
            minutes[n - 1].append(_minutes(found.chains, n))
            went[n - 1].update(next_deeds[n - 1])
        for label, counts in _parts(found).items() if by else ():
            parts[label] = [sum(both) for both in zip(parts[label], counts, strict=True)]
    medians = [float(np.median(told)) if len(told := np.concatenate(one)) else None for one in minutes]
    return Counted(reached, medians, _most_seen(went), dict(parts))


def known(
    shape: Shape, *, step: int, since: datetime, until: datetime, **filters: str
) -> list[tuple[int, int, datetime]]:
    """Contacts who reached a step, the latest first: the contact, how many steps they came, when the visit of the first
    one began.
    """
    best: dict[int, tuple[int, int]] = {}
    for found in _find(shape, since, until, "contact", filters):
        came = found.chains.levels >= step
        visits, levels = found.chains.visits[came], found.chains.levels[came].tolist()
        labels = _labels(found.walks, visits).to_pylist()
        for label, level, started in zip(labels, levels, found.walks.started[visits].tolist(), strict=True):
            if label:
                contact = int(label)
                furthest, latest = best.get(contact, (0, 0))
                best[contact] = max(furthest, level), max(latest, started)
    rows = [(contact, level, _moment(started)) for contact, (level, started) in best.items()]
    return sorted(rows, key=lambda row: (-row[2].timestamp(), row[0]))


def _find(shape: Shape, since: datetime, until: datetime, by: str, filters: dict[str, str]) -> Iterator[_Found]:
    last = until + timedelta(days=1, minutes=shape.minutes)
    steps = len(shape.steps)
    fits = _fits(shape, since, last)
    told = _told(shape, fits, since, last)
    asked = {"by": by, "since": since, "until": last, **filters}
    for walks in ask_walks_in_shares("funnel_visits", max_age=LOOK_SECONDS, **asked):
        walks = replace(walks, is_chosen=walks.is_chosen & (walks.started < _micros(until)))
        units = units_of(shape, walks, told)
        signs = signs_of(walks, fits.steps_of(walks.deeds, walks.details), units, told)
        chains = [best_chains(some, steps, shape.minutes, walks.ended) for some in signs]
        yield _Found(shape, walks, units, joined(chains, steps))


def _fits(shape: Shape, since: datetime, until: datetime) -> Fits:
    deeds = ask_table("funnel_deeds", max_age=LOOK_SECONDS, **shape.asked())
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
    table = ask_table("funnel_told", max_age=LOOK_SECONDS, names=shape.asked()["names"], since=since, until=until)
    steps = fits.steps_of(numbers(table["deed"]), table["details"])
    is_sign = steps > 0
    return Told(numbers(table["visitor_key"])[is_sign], numbers(table["happened_at"])[is_sign], steps[is_sign])


def _minutes(chains: Chains, step: int) -> Any:
    """The minutes that each chain took from the step before to a step, of those that have it."""
    if step == 1:
        return np.zeros(0)
    came = chains.levels >= step
    return (chains.moments[step - 1] - chains.moments[step - 2])[came] / 60e6


def _labels(walks: Walks, visits: Any) -> pa.Array:
    """What visits are called by what they are parted by."""
    return pa.array([], pa.string()) if walks.labels is None else walks.labels.take(pa.array(visits))


def _parts(found: _Found) -> dict[str, list[int]]:
    """By label of the visit of the first step, how many reached each step."""
    labels = _labels(found.walks, found.chains.visits)
    labels = labels if pa.types.is_dictionary(labels.type) else labels.dictionary_encode()
    codes, names = numbers(labels.indices), labels.dictionary.to_pylist()
    levels = found.chains.levels[: len(codes)]
    counts = [
        np.bincount(codes[levels >= n], minlength=len(names)).tolist() for n in range(1, len(found.shape.steps) + 1)
    ]
    return {name: [count[n] for count in counts] for n, name in enumerate(names) if counts[0][n]}


def _next_deeds(found: _Found) -> list[dict[int, int]]:
    """For each step how many of those who stopped there saw which page next.

    Next is within the funnel's time and, for a funnel of visits, in that visit.
    """
    shape, walks, chains, people = found.shape, found.walks, found.chains, found.units.people
    stopped = np.flatnonzero(chains.levels < len(shape.steps))
    views = next_views(
        walks,
        chains.visits[stopped],
        chains.acts[stopped] + 1,
        after=chains.last_moments()[stopped],
        until=chains.moments[0][stopped] + shape.minutes * 60_000_000,
        followers=followers_of(walks, people) if shape.per == VISITOR and people else None,
    )
    went = views != NOBODYS
    levels, deeds = chains.levels[stopped][went], walks.deeds[views[went]]
    seen = [np.unique(deeds[levels == n], return_counts=True) for n in range(1, len(shape.steps) + 1)]
    return [dict(zip(told.tolist(), times.tolist(), strict=True)) for told, times in seen]


def _most_seen(went: list[Counter[int]]) -> list[list[tuple[str, int]]]:
    """The pages most seen next, by step, with how many saw them; of those seen alike the first by name."""
    most = []
    for told in went:
        least = min((count for _deed, count in told.most_common(NEXT_PAGES)), default=0)
        most.append({deed: count for deed, count in told.items() if count >= least})
    asked = sorted({f"{deed}" for told in most for deed in told})
    rows = ask("paths_of_deeds", deeds=asked, max_age=LOOK_SECONDS) if asked else []
    paths = {row["deed"]: row["path"] for row in rows}
    named = [[(paths[deed], count) for deed, count in told.items() if deed in paths] for told in most]
    return [sorted(told, key=lambda page: (-page[1], page[0]))[:NEXT_PAGES] for told in named]


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
