"""Figures of pages: how often they were viewed, how long and how far they were read."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa

from baton.tracking.store import parquet
from baton.tracking.store.figures.counting import different
from baton.tracking.store.judged import Judged
from baton.tracking.store.walks import Acts, numbers


def pages(judged: Judged, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """See website_pages.sql."""
    batches = [(batch, mask, Acts.of(batch)) for batch, mask in judged.chosen.parts]
    views: Counter[str] = Counter()
    for _batch, mask, acts in batches:
        codes = acts.codes if mask is None else acts.codes.compress(np.repeat(mask, np.diff(acts.bounds)))
        count = np.bincount(codes, minlength=len(acts.deeds))
        seen = np.flatnonzero((count > 0) & acts.is_view())
        views.update(dict(zip(acts.pages_of(seen), count.take(seen).tolist(), strict=True)))
    most = sorted(views.items(), key=lambda page: (-page[1], page[0]))[: params["most"]]
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
    seen = np.flatnonzero((places >= 0).take(acts.codes))
    visits = acts.visits_of(seen)
    if mask is not None:
        is_picked = mask.take(visits)
        seen, visits = seen.compress(is_picked), visits.compress(is_picked)
    pairs = visits * np.int64(len(place)) + places.take(acts.codes.take(seen))
    pairs.sort()
    visits, read = np.divmod(pairs.compress(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]), len(place))
    return numbers(batch.column("visitor_key")).take(visits), read


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
    asked = np.flatnonzero((place >= 0).take(codes))
    visits = np.searchsorted(numbers(readings.offsets), asked, side="right") - 1
    if mask is not None:
        is_picked = mask.take(visits)
        asked, visits = asked.compress(is_picked), visits.compress(is_picked)
    pairs = visits * len(paths) + place.take(codes.take(asked))
    order = np.argsort(pairs, kind="stable")
    pairs, asked = pairs.take(order), asked.take(order)
    firsts = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    if not len(firsts):
        return firsts, firsts, firsts
    took, far = (numbers(one).take(asked) for one in (seconds, depth))
    return pairs.take(firsts) % len(paths), np.add.reduceat(took, firsts), np.maximum.reduceat(far, firsts)
