"""Figures of pages: how often they were viewed, how long and how far they were read."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa

from baton.tracking.store import parquet
from baton.tracking.store.figures.counting import different, most_of
from baton.tracking.store.judged import Judged
from baton.tracking.store.walks import Acts, begins, groups_of, numbers


def pages(judged: Judged, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """See website_pages.sql."""
    batches = [(batch, mask, Acts.of(batch)) for batch, mask in judged.chosen.parts]
    views: Counter[str] = Counter()
    for _batch, mask, acts in batches:
        codes = acts.codes if mask is None else acts.codes.compress(np.repeat(mask, np.diff(acts.bounds)))
        count = np.bincount(codes, minlength=len(acts.deeds))
        seen = np.flatnonzero((count > 0) & acts.is_view())
        views.update(dict(zip(acts.pages_of(seen), count.take(seen).tolist(), strict=True)))
    most = most_of(views, params["most"])
    if not most:
        return []
    place = {page: n for n, (page, _views) in enumerate(most)}
    told = [_readers(*one, place) for one in batches]
    visitors, places = (np.concatenate(columns) for columns in zip(*told, strict=True))
    counts = different(visitors, places, len(most)).tolist(), np.bincount(places, minlength=len(most)).tolist()
    return [(page, read_by, visits, seen) for (page, seen), read_by, visits in zip(most, *counts, strict=True)]


def _readers(batch: pa.RecordBatch, mask: Any, acts: Acts, place: dict[str, int]) -> tuple[Any, Any]:
    """A row for each visit and page of `place` that was viewed in it: the visitor's key, the page's place."""
    places = np.full(len(acts.deeds), -1)
    views = np.flatnonzero(acts.is_view())
    places[views] = [place.get(page, -1) for page in acts.pages_of(views)]
    seen, visits = _picked(np.flatnonzero((places >= 0).take(acts.codes)), acts.bounds, mask)
    pairs = visits * np.int64(len(place)) + places.take(acts.codes.take(seen))
    pairs.sort()
    visits, read = np.divmod(pairs.compress(begins(pairs)), len(place))
    return numbers(batch.column("visitor_key")).take(visits), read


def _picked(rows: Any, bounds: Any, mask: Any) -> tuple[Any, Any]:
    """Those of some rows that are of picked visits, and these visits; the rows of each are told by `bounds`."""
    visits = groups_of(rows, bounds)
    if mask is None:
        return rows, visits
    is_picked = mask.take(visits)
    return rows.compress(is_picked), visits.compress(is_picked)


def engagement(judged: Judged, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """See website_engagement.sql."""
    paths = sorted(set(params["paths"]))
    told = [_readings(batch, mask, paths) for batch, mask in judged.chosen.parts]
    if not sum(len(one[0]) for one in told):
        return []
    places, seconds, depths = (np.concatenate(columns) for columns in zip(*told, strict=True))
    order = np.argsort(places, kind="stable")
    cuts = np.searchsorted(places.take(order), np.arange(1, len(paths)))
    by_page = zip(paths, *(np.split(one.take(order), cuts) for one in (seconds, depths)), strict=True)
    return [(path, len(took), float(np.median(took)), float(far.mean())) for path, took, far in by_page if len(took)]


def _readings(batch: pa.RecordBatch, mask: Any, paths: list[str]) -> tuple[Any, Any, Any]:
    """A row for each visit of a batch and page of `paths` that was read in it: the page's place, seconds and depth."""
    keys = {parquet.text_key(path): n for n, path in enumerate(paths)}
    readings = batch.column("readings")
    page, seconds, depth = (readings.values.field(name) for name in ("page", "seconds", "depth"))
    codes = numbers(page.indices)
    place = np.array([*(keys.get(key, -1) for key in page.dictionary.to_pylist()), -1])
    asked, visits = _picked(np.flatnonzero((place >= 0).take(codes)), numbers(readings.offsets), mask)
    pairs = visits * np.int64(len(paths)) + place.take(codes.take(asked))
    order = np.argsort(pairs, kind="stable")
    pairs, asked = pairs.take(order), asked.take(order)
    firsts = np.flatnonzero(begins(pairs))
    if not len(firsts):
        return firsts, firsts, firsts
    took, far = (numbers(one).take(asked) for one in (seconds, depth))
    return pairs.take(firsts) % len(paths), np.add.reduceat(took, firsts), np.maximum.reduceat(far, firsts)
