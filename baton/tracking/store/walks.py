"""Walks: visits with everything that was done in them, for questions that follow people from one act to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from baton.tracking.store.acts import ACTS, OF_WHAT

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

COLUMNS = ("visitor_key", "site_key", "started", "ended")
OF_VISITS = ("visitors", "sites", "started", "ended", "is_chosen", "labels")
OF_ACTS = ("codes", "moments")
FEW = 8  # so much rarer, what is looked up one by one costs less than telling it of all
VISITS_AT_ONCE = 24_576  # few enough that what is made of a share stays near the processor


@dataclass(frozen=True)
class Walks:
    """Visits by row, visitor by visitor, each one's site by site and in their order; and their acts in this order.

    `visitors` and `sites` are keys, `started` and `ended` microseconds since 1970. `is_chosen` tells whether a visit is
    as the question's filters say. The acts of the visit in row n are those from `bounds[n]` until `bounds[n + 1]`, and
    `moments` tell when each was. What `labels` and `codes` stand for is said by Walked.
    """

    visitors: NDArray[np.uint64]
    sites: NDArray[np.uint64]
    started: NDArray[np.int64]
    ended: NDArray[np.int64]
    is_chosen: NDArray[np.bool_]
    labels: NDArray[np.integer[Any]]
    bounds: NDArray[np.int32]
    codes: NDArray[np.int32]
    moments: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.started)

    def visits_of(self, acts: NDArray[Any]) -> NDArray[np.int32]:
        """The rows of the visits that these acts are of."""
        return groups_of(acts, self.bounds)

    def ended_of(self, acts: NDArray[Any]) -> NDArray[np.int64]:
        """When the visits that these acts are of ended."""
        return self.ended.take(self.visits_of(acts))

    def between(self, first: int, end: int) -> Walks:
        """The visits from one row until another."""
        bounds = self.bounds[first : end + 1]
        acts = slice(int(bounds[0]), int(bounds[-1]))
        return Walks(
            **{name: getattr(self, name)[first:end] for name in OF_VISITS},
            **{name: getattr(self, name)[acts] for name in OF_ACTS},
            bounds=bounds - bounds[0],
        )

    def take(self, rows: NDArray[Any]) -> Walks:
        """These visits in this order."""
        import numpy as np

        count = np.diff(self.bounds).take(rows)
        acts = ranges(self.bounds.take(rows), count)
        return Walks(
            **{name: getattr(self, name).take(rows) for name in OF_VISITS},
            **{name: getattr(self, name).take(acts) for name in OF_ACTS},
            bounds=np.append(np.int32(0), np.cumsum(count, dtype=np.int32)),
        )


@dataclass(frozen=True)
class Acts:
    """What was done in the visits of a batch: in the visit of row n the acts from `bounds[n]` until `bounds[n + 1]`.

    `moments` tell when each was. A code is a row of `deeds`, `details` and `pages`: see acts.py.
    """

    bounds: NDArray[np.int32]
    codes: NDArray[np.int32]
    moments: NDArray[np.int64]
    deeds: NDArray[np.uint64]
    details: pa.StringArray
    pages: pa.StringArray

    @classmethod
    def of(cls, batch: pa.RecordBatch) -> Acts:
        """The coded acts of a batch."""
        acts = batch.column(ACTS)
        what, moments = acts.values.field("what"), acts.values.field("moment")
        deeds, details, pages = (what.dictionary.field(name) for name in OF_WHAT)
        return cls(numbers(acts.offsets), numbers(what.indices), numbers(moments), numbers(deeds), details, pages)

    def visits_of(self, acts: NDArray[Any]) -> NDArray[np.int32]:
        """The rows of the visits that these acts are of."""
        return groups_of(acts, self.bounds)

    def is_view(self) -> NDArray[np.bool_]:
        """Which codes are page views."""
        return is_page(self.deeds)

    def pages_of(self, codes: NDArray[Any]) -> list[str]:
        """The pages that these codes are views of; empty for other acts."""
        import pyarrow as pa

        return self.pages.take(pa.array(codes)).to_pylist()

    def code_of(self, page: str) -> int:
        """The code of views of a page, -1 where nobody viewed it."""
        import numpy as np
        import pyarrow.compute as pc

        found = np.flatnonzero(numbers(pc.equal(self.pages, page)) & self.is_view())
        return int(found[0]) if len(found) else -1


@dataclass(frozen=True)
class Marks:
    """What is told of visits by row: whether they are meant at all, whether chosen, and their labels by `names`."""

    is_meant: NDArray[np.bool_]
    is_chosen: NDArray[np.bool_]
    labels: NDArray[np.integer[Any]]
    names: list[str]


@dataclass(frozen=True)
class Batch:
    """Walks as they lie in a batch of a table, which of them are meant, and what has to be added to their codes."""

    walks: Walks
    is_meant: NDArray[np.bool_]
    first_code: int

    def part(self, first: int, end: int) -> Walks:
        """The visits from one row until another, by the codes of all."""
        import numpy as np

        walks = self.walks.between(first, end)
        return replace(walks, codes=walks.codes + np.int32(self.first_code)) if self.first_code else walks


@dataclass(frozen=True)
class Walked:
    """Walks, a share of them after the other, and what the numbers in them stand for.

    A code is a row of `deeds` (the word baton_deed), `details` (the props; none for page views) and `pages` (of page
    views, where the engine tells it), of which several may be alike. A label is one of `names`: what the question parts
    visits by.
    """

    deeds: NDArray[np.uint64]
    details: pa.ChunkedArray
    pages: pa.ChunkedArray
    names: list[str]
    batches: list[Batch]

    def by_visitor(self) -> Iterator[Walks]:
        """All that is meant, no visitor in two shares. Visitors' keys are as if drawn at random."""
        import numpy as np

        count = -(-sum(len(one.walks) for one in self.batches) // VISITS_AT_ONCE)
        cuts = np.array([(n << 64) // count for n in range(1, count)], np.uint64)
        places = [[0, *np.searchsorted(one.walks.visitors, cuts).tolist(), len(one.walks)] for one in self.batches]
        for share in range(count):
            spans = [(one, *at[share : share + 2]) for one, at in zip(self.batches, places, strict=True)]
            spans = [(one, first, end) for one, first, end in spans if one.is_meant[first:end].any()]
            if spans:
                walks = _together([one.part(first, end) for one, first, end in spans])
                yield _in_order(walks, np.concatenate([one.is_meant[first:end] for one, first, end in spans]))

    def by_visit(self) -> Iterator[Walks]:
        """All that is meant, where it does not matter that other shares have visits of the same visitors."""
        import numpy as np

        for one in self.batches:
            for first in range(0, len(one.walks), VISITS_AT_ONCE):
                end = min(first + VISITS_AT_ONCE, len(one.walks))
                is_meant = one.is_meant[first:end]
                if is_meant.any():
                    walks = one.part(first, end)
                    yield walks if is_meant.all() else walks.take(np.flatnonzero(is_meant))


def walked(batches: Iterable[pa.RecordBatch], marks: Marks) -> Walked:
    """Walks of what is meant of batches whose rows lie by visitor, each one's by site and start.

    Columns are COLUMNS and coded acts. Marks are of the rows of all batches, one after the other.
    """
    import numpy as np
    import pyarrow as pa

    parts: list[Batch] = []
    whats: list[Acts] = []
    end = code = 0
    for batch in (batch for batch in batches if len(batch)):
        rows = slice(end, end := end + len(batch))
        acts = Acts.of(batch)
        visitors, sites, started, ended = (numbers(batch.column(name)) for name in COLUMNS)
        walks = Walks(
            visitors=visitors,
            sites=sites,
            started=started,
            ended=ended,
            is_chosen=marks.is_chosen[rows],
            labels=marks.labels[rows],
            bounds=acts.bounds,
            codes=acts.codes,
            moments=acts.moments,
        )
        parts.append(Batch(walks, marks.is_meant[rows], code))
        whats.append(acts)
        code += len(acts.deeds)
    deeds = np.concatenate([np.zeros(0, np.uint64), *(one.deeds for one in whats)])
    details, pages = (
        pa.chunked_array([getattr(one, name) for one in whats], pa.string()) for name in ("details", "pages")
    )
    return Walked(deeds, details, pages, marks.names, parts)


def _together(parts: list[Walks]) -> Walks:
    """Walks, those of one part after those of the other."""
    import numpy as np

    if len(parts) == 1:
        return parts[0]
    before = accumulate((len(one.codes) for one in parts), initial=0)
    columns = {name: np.concatenate([getattr(one, name) for one in parts]) for name in (*OF_VISITS, *OF_ACTS)}
    ends = [one.bounds[1:] + np.int32(seen) for one, seen in zip(parts, before, strict=False)]
    return Walks(**columns, bounds=np.concatenate([np.zeros(1, np.int32), *ends]))


def _in_order(walks: Walks, is_meant: NDArray[np.bool_]) -> Walks:
    """Those that are meant of walks that lie by visitor in each of their parts, put as Walks says."""
    import numpy as np

    rows = None
    if (walks.visitors[1:] < walks.visitors[:-1]).any():
        rows = np.argsort(walks.visitors, kind="stable")  # finds what is in order already, and only merges it
    if not is_meant.all():
        rows = np.flatnonzero(is_meant) if rows is None else rows[is_meant[rows]]
    columns = (walks.visitors, walks.sites, walks.started)
    visitors, sites, started = columns if rows is None else (one.take(rows) for one in columns)
    is_same = visitors[1:] == visitors[:-1]
    is_later = (sites[1:] > sites[:-1]) | (sites[1:] == sites[:-1]) & (started[1:] >= started[:-1])
    wrong = np.flatnonzero(is_same & ~is_later)
    if len(wrong):
        theirs = companions(np.cumsum(np.append(False, ~is_same)), wrong)
        order = np.lexsort((started[theirs], sites[theirs], visitors[theirs]))
        rows = np.arange(len(walks)) if rows is None else rows
        rows[theirs] = rows[theirs[order]]
    return walks if rows is None else walks.take(rows)


def companions(groups: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.int64]:
    """All rows of the groups that some rows are of. Rows lie group by group, by number."""
    import numpy as np

    is_theirs = np.zeros(int(groups[-1] - groups[0]) + 1, bool)
    is_theirs[groups[rows] - groups[0]] = True
    return np.flatnonzero(is_theirs[groups - groups[0]])


def begins(*columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each row begins a group: differs from the one before in any of some columns. The first row does."""
    import numpy as np

    found = np.ones(len(columns[0]), bool)
    np.not_equal(columns[0][1:], columns[0][:-1], out=found[1:])
    for column in columns[1:]:
        found[1:] |= column[1:] != column[:-1]
    return found


def groups_of(rows: NDArray[Any], bounds: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """The groups that some rows are of, where those of group n are from `bounds[n]` until `bounds[n + 1]`."""
    import numpy as np

    if FEW * len(rows) < bounds[-1]:
        return np.searchsorted(bounds, rows, side="right").astype(np.int32) - np.int32(1)
    return np.repeat(np.arange(len(bounds) - 1, dtype=np.int32), np.diff(bounds)).take(rows)


def ranges(first: NDArray[Any], count: NDArray[Any]) -> NDArray[np.int32]:
    """The numbers of several ranges, one after the other."""
    import numpy as np

    ends = np.cumsum(count, dtype=np.int32)
    found = np.repeat(first - (ends - count), count)
    found += np.arange(len(found), dtype=np.int32)
    return found


def is_page(deeds: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether deeds are page views: the word baton_deed makes these even."""
    import numpy as np

    return deeds & np.uint64(1) == 0


def numbers(column: Any) -> NDArray[Any]:
    """A column without nulls as NumPy has it, moments as microseconds."""
    import numpy as np
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    told = column.to_numpy(zero_copy_only=False)
    return told.view(np.int64) if told.dtype.kind == "M" else told
