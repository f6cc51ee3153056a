"""Counting a funnel: what the store tells of people's visits, put into chains, put into figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from baton.tracking.funnels.chains import NOBODYS, Chains, best_chains, joined
from baton.tracking.funnels.rules import VISITOR, Shape
from baton.tracking.funnels.signs import Fits, Told, Units, followers_of, next_views, signs_of, units_of
from baton.tracking.store import ask, ask_table, ask_walks
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
    walks: Walks
    units: Units
    chains: Chains


def counted(shape: Shape, *, since: datetime, until: datetime, by: str = "", **filters: str) -> Counted:
    """The figures of a funnel whose first step is in a visit that begins in a span and is as the filters say."""
    found = _find(shape, since, until, by, filters)
    chains, steps = found.chains, range(1, len(shape.steps) + 1)
    return Counted(
        reached=[int((chains.levels >= n).sum()) for n in steps],
        minutes=[None, *(_median_minutes(chains, n) for n in steps[1:])],
        next_pages=_next_pages(shape, found),
        parts=_parts(found, len(shape.steps)) if by else {},
    )


def known(
    shape: Shape, *, step: int, since: datetime, until: datetime, **filters: str
) -> list[tuple[int, int, datetime]]:
    """Contacts who reached a step, the latest first: the contact, how many steps they came, when the visit of the first
    one began.
    """
    found = _find(shape, since, until, "contact", filters)
    if found.walks.labels is None:
        return []
    came = found.chains.levels >= step
    visits, levels = found.chains.visits[came], found.chains.levels[came]
    contacts = [int(label) for label in found.walks.labels.take(pa.array(visits)).to_pylist()]
    best: dict[int, tuple[int, int]] = {}
    for contact, level, started in zip(contacts, levels.tolist(), found.walks.started[visits].tolist(), strict=True):
        if contact:
            furthest, latest = best.get(contact, (0, 0))
            best[contact] = max(furthest, level), max(latest, started)
    rows = [(contact, level, _moment(started)) for contact, (level, started) in best.items()]
    return sorted(rows, key=lambda row: (-row[2].timestamp(), row[0]))


def _find(shape: Shape, since: datetime, until: datetime, by: str, filters: dict[str, str]) -> _Found:
    last = until + timedelta(days=1, minutes=shape.minutes)
    walks = ask_walks("funnel_visits", by=by, since=since, until=last, max_age=LOOK_SECONDS, **filters)
    walks = replace(walks, is_chosen=walks.is_chosen & (walks.started < _micros(until)))
    fits = _fits(shape, since, last)
    told = _told(shape, fits, since, last)
    units = units_of(shape, walks, told)
    signs = signs_of(walks, fits.steps_of(walks.deeds, walks.details), units, told)
    steps = len(shape.steps)
    chains = [best_chains(some, steps, shape.minutes, walks.ended) for some in signs]
    return _Found(walks, units, joined(chains, steps))


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


def _median_minutes(chains: Chains, step: int) -> float | None:
    came = chains.levels >= step
    if not came.any():
        return None
    return float(np.median((chains.moments[step - 1] - chains.moments[step - 2])[came])) / 60e6


def _parts(found: _Found, steps: int) -> dict[str, list[int]]:
    """By label of the visit of the first step, how many reached each step."""
    if found.walks.labels is None:
        return {}
    labels = found.walks.labels.take(pa.array(found.chains.visits)).dictionary_encode()
    codes = numbers(labels.indices)
    names = labels.dictionary.to_pylist()
    counts = [np.bincount(codes[found.chains.levels >= n], minlength=len(names)).tolist() for n in range(1, steps + 1)]
    return {name: [count[n] for count in counts] for n, name in enumerate(names)}


def _next_pages(shape: Shape, found: _Found) -> list[list[tuple[str, int]]]:
    """For each step the pages most seen next by those who stopped there.

    Next is within the funnel's time and, for a funnel of visits, in that visit.
    """
    walks, chains = found.walks, found.chains
    stopped = np.flatnonzero(chains.levels < len(shape.steps))
    followers = followers_of(walks, found.units.people) if shape.per == VISITOR and found.units.people else None
    views = next_views(
        walks,
        chains.visits[stopped],
        chains.acts[stopped] + 1,
        after=chains.last_moments()[stopped],
        until=chains.moments[0][stopped] + shape.minutes * 60_000_000,
        followers=followers,
    )
    went = views != NOBODYS
    return _most_seen(chains.levels[stopped][went], walks.deeds[views[went]], len(shape.steps))


def _most_seen(levels: Any, deeds: Any, steps: int) -> list[list[tuple[str, int]]]:
    found = []
    for level in range(1, steps + 1):
        seen, times = np.unique(deeds[levels == level], return_counts=True)
        least = np.sort(times)[-NEXT_PAGES:][0] if len(times) else 0
        found.append(dict(zip(seen[times >= least].tolist(), times[times >= least].tolist(), strict=True)))
    asked = sorted({f"{deed}" for one in found for deed in one})
    paths = (
        {row["deed"]: row["path"] for row in ask("paths_of_deeds", deeds=asked, max_age=LOOK_SECONDS)} if asked else {}
    )
    return [
        sorted(
            ((paths[deed], count) for deed, count in one.items() if deed in paths), key=lambda page: (-page[1], page[0])
        )[:NEXT_PAGES]
        for one in found
    ]


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
