"""Walks: visits with everything that was done in them, for questions that follow people from one act to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from baton.tracking.store.acts import ACTS

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

COLUMNS = ("visitor_key", "site_key", "started", "ended")
OF_VISITS = ("visitors", "sites", "started", "ended", "is_chosen", "labels")
OF_ACTS = ("codes", "moments")
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
    labels: NDArray[np.int32]
    bounds: NDArray[np.int32]
    codes: NDArray[np.int32]
    moments: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.started)

    def visits_of(self, acts: NDArray[Any]) -> NDArray[np.int32]:
        """The rows of the visits that these acts are of."""
        import numpy as np

        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.bounds))[acts]

    def between(self, first: int, end: int) -> Walks:
        """The visits from one row until another."""
        bounds = self.bounds[first : end + 1]
        return self._of(slice(first, end), slice(int(bounds[0]), int(bounds[-1])), bounds - bounds[0])

    def take(self, rows: NDArray[Any]) -> Walks:
        """These visits in this order."""
        import numpy as np

        count = np.diff(self.bounds)[rows]
        bounds = np.append(np.int32(0), np.cumsum(count, dtype=np.int32))
        return self._of(rows, ranges(self.bounds[rows], count), bounds)

    def _of(self, rows: Any, acts: Any, bounds: NDArray[np.int32]) -> Walks:
        return Walks(
            **{name: getattr(self, name)[rows] for name in OF_VISITS},
            **{name: getattr(self, name)[acts] for name in OF_ACTS},
            bounds=bounds,
        )


@dataclass(frozen=True)
class Walked:
    """Walks, some visitors' after the others', and what the numbers in them stand for.

    A code is a row of `deeds` (the word baton_deed) and `details` (the props; none for page views), of which several
    may be alike. A label is one of `names`: what the question parts visits by. Shares can be taken once.
    """

    deeds: NDArray[np.uint64]
    details: pa.ChunkedArray
    names: list[str]
    shares: Iterator[Walks]


@dataclass(frozen=True)
class Marks:
    """What is told of visits by row: whether they are meant at all, whether chosen, and their labels by `names`."""

    is_meant: NDArray[np.bool_]
    is_chosen: NDArray[np.bool_]
    labels: NDArray[np.int32]
    names: list[str]

    @classmethod
    def of(cls, is_meant: Sequence[NDArray[np.bool_]]) -> Marks:
        """Visits of several tables, all chosen, and parted by nothing."""
        import numpy as np

        meant = np.concatenate([np.zeros(0, bool), *is_meant])
        return cls(meant, np.broadcast_to(np.True_, len(meant)), np.broadcast_to(np.int32(0), len(meant)), [""])

    def chosen(self, rows: NDArray[np.int64]) -> Marks:
        """The same of which only these are chosen."""
        import numpy as np

        is_chosen = np.zeros(len(self.is_meant), bool)
        is_chosen[rows] = True
        return replace(self, is_chosen=is_chosen)

    def labelled(self, labels: pa.ChunkedArray, rows: Any = slice(None)) -> Marks:
        """The same with these rows labelled, and all others with an empty text."""
        import numpy as np
        import pyarrow as pa

        told = labels.combine_chunks()
        told = told if pa.types.is_dictionary(told.type) else told.dictionary_encode()
        codes = np.zeros(len(self.is_meant), np.int32)
        codes[rows] = numbers(told.indices) + 1
        return replace(self, labels=codes, names=["", *told.dictionary.to_pylist()])


@dataclass(frozen=True)
class _Batch:
    """Walks as they lie in a batch of a table, which of them are meant, and what has to be added to their codes."""

    walks: Walks
    is_meant: NDArray[np.bool_]
    first_code: int

    def part(self, first: int, end: int) -> Walks:
        """The visits from one row until another, by the codes of all."""
        import numpy as np

        walks = self.walks.between(first, end)
        return replace(walks, codes=walks.codes + np.int32(self.first_code)) if self.first_code else walks


def walked(tables: Sequence[pa.Table], marks: Marks) -> Walked:
    """Walks of what is meant of tables whose rows lie by visitor, each one's by site and start.

    Columns are COLUMNS and coded acts. Marks are of the rows of all tables, one after the other.
    """
    import numpy as np
    import pyarrow as pa

    batches: list[_Batch] = []
    whats: list[pa.StructArray] = []
    end = code = 0
    for batch in (batch for table in tables for batch in table.to_batches() if len(batch)):
        rows = slice(end, end := end + len(batch))
        acts = batch.column(ACTS)
        what, moments = acts.values.field("what"), acts.values.field("moment")
        visitors, sites, started, ended = (numbers(batch.column(name)) for name in COLUMNS)
        walks = Walks(
            visitors=visitors,
            sites=sites,
            started=started,
            ended=ended,
            is_chosen=marks.is_chosen[rows],
            labels=marks.labels[rows],
            bounds=numbers(acts.offsets),
            codes=numbers(what.indices),
            moments=numbers(moments),
        )
        batches.append(_Batch(walks, marks.is_meant[rows], code))
        whats.append(what.dictionary)
        code += len(what.dictionary)
    deeds = np.concatenate([np.zeros(0, np.uint64), *(numbers(one.field("deed")) for one in whats)])
    details = pa.chunked_array([one.field("details") for one in whats], pa.string())
    return Walked(deeds, details, marks.names, _in_shares(batches))


def _in_shares(batches: list[_Batch]) -> Iterator[Walks]:
    """Shares of about as many visits: visitors' keys are as if drawn at random."""
    import numpy as np

    count = -(-sum(len(one.walks) for one in batches) // VISITS_AT_ONCE)
    cuts = np.array([(n << 64) // count for n in range(1, count)], np.uint64)
    places = [[0, *np.searchsorted(one.walks.visitors, cuts).tolist(), len(one.walks)] for one in batches]
    for share in range(count):
        spans = [(one, *at[share : share + 2]) for one, at in zip(batches, places, strict=True)]
        spans = [(one, first, end) for one, first, end in spans if one.is_meant[first:end].any()]
        if spans:
            walks = _together([one.part(first, end) for one, first, end in spans])
            yield _in_order(walks, np.concatenate([one.is_meant[first:end] for one, first, end in spans]))


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
    visitors, sites, started = columns if rows is None else (one[rows] for one in columns)
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


def ranges(first: NDArray[Any], count: NDArray[Any]) -> NDArray[np.int32]:
    """The numbers of several ranges, one after the other."""
    import numpy as np

    ends = np.cumsum(count, dtype=np.int32)
    found = np.repeat(first - (ends - count), count)
    found += np.arange(len(found), dtype=np.int32)
    return found


def numbers(column: Any) -> NDArray[Any]:
    """A column without nulls as NumPy has it, moments as microseconds."""
    import numpy as np
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    told = column.to_numpy(zero_copy_only=False)
    return told.view(np.int64) if told.dtype.kind == "M" else told
