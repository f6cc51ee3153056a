"""Conditions on events: how often, the first or last time, one thing and then another, numbers they carry."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from pyroaring import BitMap64

from baton.marketing.segments.compare import matcher
from baton.marketing.segments.leaves.bitmaps import bitmap
from baton.marketing.segments.leaves.few_events import Batch
from baton.marketing.segments.leaves.moments import Relooks, micros
from baton.marketing.segments.leaves.windows import EARLIEST, WHERE_COLUMNS, days_of, window
from baton.marketing.segments.vocabulary import NUMBER
from baton.tracking.store import ask_table

if TYPE_CHECKING:
    from baton.marketing.segments.leaves.look import Look

ANY_PROP = "-"
_TOTALS = {"sum": "total", "average": "mean", "least": "least", "most": "most"}


def found(leaf: dict[str, Any], look: Look) -> BitMap64:
    """Who did it as said."""
    if "then" in leaf:
        return _then(leaf, look) & look.everyone
    if "occurrence" in leaf:
        return _occurred(leaf, look) & look.everyone
    most = leaf.get("at_most")
    least = leaf.get("at_least", 1 if most is None else 0)
    counted = _counts(leaf, look, least or (most or 0) + 1)
    satisfying = bitmap(counted[0][counted[1] >= least]) & look.everyone if least else look.everyone
    return satisfying if most is None else satisfying - bitmap(counted[0][counted[1] > most])


def found_numbers(leaf: dict[str, Any], look: Look) -> BitMap64:
    """Whose sum, average, least or most of a number compares as said. A sum of nothing is 0."""
    ids, values = _numbers(leaf, look)
    value = [leaf["value"], leaf["upto"]] if leaf["op"] == "between" else leaf["value"]
    holds = matcher(NUMBER, leaf["op"], value, look.clock)
    satisfying = BitMap64(pk for pk, number in zip(ids.tolist(), values.tolist(), strict=True) if holds(number))
    if leaf["aggregate"] == "sum" and holds(0):
        satisfying |= look.everyone - bitmap(ids)
    return satisfying & look.everyone


def _counts(leaf: dict[str, Any], look: Look, at_least: int) -> tuple[Any, Any]:
    """Contacts and how often, of those who did it `at_least` times."""
    if look.only is None:
        table = ask_table("contacts_who_did", **_asked(leaf, look), at_least=at_least)
        return table["contact"].to_numpy(), table["count"].to_numpy()
    batch, mask = _few(leaf, look)
    return np.unique(batch.contact[mask], return_counts=True) if batch else (_nobody(), _nobody())


def _occurred(leaf: dict[str, Any], look: Look) -> BitMap64:
    since, until = _window(leaf, look)
    is_first = leaf["occurrence"] == "first"
    if look.only is None:
        asked = {**_asked(leaf, look), "until": look.now}
        asked.pop("since")
        table = ask_table("contacts_first_and_last_did", **asked)
        ids = table["contact"].to_numpy()
        at = table["first_at" if is_first else "last_at"].cast("timestamp[us]").to_numpy().astype(np.int64)
    else:
        batch = look.events.named(leaf["event"], {**leaf, "days": None})
        if batch is None:
            return BitMap64()
        mask = batch.mask(leaf) & (batch.at < micros(look.now))
        ids, at = _extreme(batch.contact[mask], batch.at[mask], is_first=is_first)
    return bitmap(ids[(at >= micros(since)) & (at < micros(until))])


def _extreme(contact: Any, at: Any, *, is_first: bool) -> tuple[Any, Any]:
    order = np.lexsort((at if is_first else -at, contact))
    ids, places = np.unique(contact[order], return_index=True)
    return ids, at[order][places]


def _then(leaf: dict[str, Any], look: Look) -> BitMap64:
    if look.only is None:
        then = {"then_name": leaf["then"], "then_path": leaf.get("then_path") or None}
        asked = {**_asked(leaf, look), **then, "within_minutes": leaf["within_minutes"]}
        return bitmap(ask_table("contacts_who_did_then", **asked)["contact"].to_numpy())
    first, first_mask = _few(leaf, look)
    after = look.events.named(leaf["then"], leaf)
    if first is None or after is None:
        return BitMap64()
    since, until = _window(leaf, look)
    mask = after.mask({}, path=leaf.get("then_path", "")) & (after.at >= micros(since)) & (after.at < micros(until))
    return _followed(first.contact[first_mask], first.at[first_mask], after.contact[mask], after.at[mask],
                     leaf["within_minutes"] * 60_000_000)  # fmt: skip


def _followed(contact: Any, at: Any, then_contact: Any, then_at: Any, within: int) -> BitMap64:
    """Contacts with a first step strictly before a second one and no longer than `within` before it."""
    steps: dict[int, Any] = {}
    for pk in np.unique(contact).tolist():
        steps[pk] = np.sort(at[contact == pk])
    satisfying = BitMap64()
    for pk, moment in zip(then_contact.tolist(), then_at.tolist(), strict=True):
        theirs: Any = steps.get(pk)
        place = 0 if theirs is None else int(np.searchsorted(theirs, moment, "left"))
        if place and moment - int(theirs[place - 1]) <= within:
            satisfying.add(pk)
    return satisfying


def _numbers(leaf: dict[str, Any], look: Look) -> tuple[Any, Any]:
    function, of = leaf["aggregate"], leaf.get("of", "value")
    if look.only is None:
        table = ask_table("numbers_of_contacts", **_asked(leaf, look), of=of)
        return table["contact"].to_numpy(), table[_TOTALS[function]].to_numpy()
    batch, mask = _few(leaf, look)
    if batch is None:
        return _nobody(), _nobody()
    numbers = batch.numbers(of)
    mask = mask & ~np.isnan(numbers)
    ids, places, counts = np.unique(batch.contact[mask], return_inverse=True, return_counts=True)
    if function in ("sum", "average"):
        sums = np.bincount(places, weights=numbers[mask], minlength=len(ids))
        return ids, sums if function == "sum" else sums / counts
    values = np.full(len(ids), np.inf if function == "least" else -np.inf)
    (np.minimum if function == "least" else np.maximum).at(values, places, numbers[mask])
    return ids, values


def relooks(leaf: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    """When events enter the past, and when they fall out of the window."""
    if "since" in leaf or "until" in leaf or days_of(leaf) is None:
        offsets = [timedelta()]
    else:
        offsets = [timedelta(), timedelta(days=days_of(leaf) or 0)]
    names = [{**leaf}, {"event": leaf["then"], "path": leaf.get("then_path", "")}] if "then" in leaf else [leaf]
    total = Relooks()
    for one in names:
        for offset in offsets:
            total += _moments(one, look, since - offset, until - offset, micros(since) - micros(since - offset))
    return total


def _moments(leaf: dict[str, Any], look: Look, since: datetime, until: datetime, offset: int) -> Relooks:
    if look.only is None:
        asked = _conditions(leaf) | {"since": max(since, EARLIEST), "until": until + timedelta(microseconds=1)}
        table = ask_table("moments_of_contacts", **asked)
        at = table["happened_at"].cast("timestamp[us]").to_numpy().astype(np.int64)
        return Relooks(at + offset, table["contact"].to_numpy().astype(np.int64))
    batch = look.events.named(leaf["event"], leaf)
    if batch is None:
        return Relooks()
    mask = batch.mask(leaf) & (batch.at >= micros(since)) & (batch.at <= micros(until))
    return Relooks(batch.at[mask] + offset, batch.contact[mask])


def _few(leaf: dict[str, Any], look: Look) -> tuple[Batch | None, Any]:
    """The events of the contacts in `only` and which of them are as said, in the window."""
    batch = look.events.named(leaf["event"], leaf)
    if batch is None:
        return None, None
    since, until = _window(leaf, look)
    return batch, batch.mask(leaf) & (batch.at >= micros(since)) & (batch.at < micros(until))


def _window(leaf: dict[str, Any], look: Look) -> tuple[datetime, datetime]:
    since, until = window(leaf, now=look.now, zone=look.clock.zone)
    return since or EARLIEST, until


def _asked(leaf: dict[str, Any], look: Look) -> dict[str, Any]:
    since, until = _window(leaf, look)
    return _conditions(leaf) | {"since": max(since, EARLIEST), "until": max(until, EARLIEST)}


def _conditions(leaf: dict[str, Any]) -> dict[str, Any]:
    where = {key: leaf.get(key) or None for key in WHERE_COLUMNS}
    return {"name": leaf["event"], **where, "prop": leaf.get("prop") or ANY_PROP, "prop_value": leaf.get("is") or None}


def _nobody() -> Any:
    return np.empty(0, dtype=np.int64)
