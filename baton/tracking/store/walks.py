"""Walks: visits with everything that was done in them, for questions that follow people from one act to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

ACTS = "acts"
COLUMNS = ["visitor_key", "site_key", "started", "ended"]


@dataclass(frozen=True)
class Walks:
    """Visits by row and their acts. The acts of the visit in row n are those from `first[n]` until `end[n]`, in order.

    `visitors` and `sites` are keys, `started` and `ended` microseconds since 1970. `is_chosen` tells whether a visit is
    as the question's filters say, `labels` what it is called by what the question parts them by, if by anything.
    `deeds` tell what each act was (the word baton_deed), `moments` when; `details` are the props of what was no page
    view.
    """

    visitors: NDArray[np.uint64]
    sites: NDArray[np.uint64]
    started: NDArray[np.int64]
    ended: NDArray[np.int64]
    first: NDArray[np.int32]
    end: NDArray[np.int32]
    deeds: NDArray[np.uint64]
    moments: NDArray[np.int64]
    details: pa.ChunkedArray
    is_chosen: NDArray[np.bool_]
    labels: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.started)

    def chosen(self, rows: NDArray[np.int64]) -> Walks:
        """The same of which only these are chosen."""
        import numpy as np

        is_chosen = np.zeros(len(self), bool)
        is_chosen[rows] = True
        return replace(self, is_chosen=is_chosen)

    def labelled(self, rows: NDArray[np.int64], labels: pa.ChunkedArray) -> Walks:
        """The same with these rows labelled, and all others with an empty text."""
        import numpy as np
        import pyarrow as pa

        encoded = labels.combine_chunks().dictionary_encode()
        codes = np.zeros(len(self), np.int32)
        codes[rows] = numbers(encoded.indices) + 1
        names = pa.concat_arrays([pa.array([""]), encoded.dictionary])
        return replace(self, labels=pa.DictionaryArray.from_arrays(pa.array(codes), names))

    def only(self, is_meant: NDArray[np.bool_]) -> Walks:
        """The same with nothing done in the visits that are not meant."""
        import numpy as np

        return self if is_meant.all() else replace(self, end=np.where(is_meant, self.end, self.first))


def walks_of(tables: Sequence[pa.Table]) -> Walks:
    """Walks of tables of the columns COLUMNS and ACTS, one after the other."""
    import numpy as np
    import pyarrow as pa

    firsts, ends, acts = [], [], []
    seen = 0
    for one in (table[ACTS] for table in tables):
        for chunk in one.chunks:
            bounds = chunk.offsets.to_numpy()
            firsts.append(bounds[:-1] + np.int32(seen - bounds[0]))
            ends.append(bounds[1:] + np.int32(seen - bounds[0]))
            acts.append(chunk.values[bounds[0] : bounds[-1]])
            seen += int(bounds[-1] - bounds[0])
    visitors, sites, started, ended = (
        _end_to_end([numbers(chunk) for table in tables for chunk in table[name].chunks]) for name in COLUMNS
    )
    return Walks(
        visitors,
        sites,
        started,
        ended,
        _end_to_end(firsts),
        _end_to_end(ends),
        _end_to_end([numbers(one.field("deed")) for one in acts]),
        _end_to_end([numbers(one.field("moment")) for one in acts]),
        pa.chunked_array([one.field("details") for one in acts], pa.string()),
        np.ones(sum(table.num_rows for table in tables), bool),
    )


def rows_at(answer: pa.Table, tables: Sequence[pa.Table]) -> NDArray[np.int64]:
    """The rows, among the walks of such tables, of visits told by `walk_file`, where -1 is the last, and `walk_row`."""
    import numpy as np

    before = np.cumsum([0, *(table.num_rows for table in tables[:-1])])
    return before[numbers(answer["walk_file"])] + numbers(answer["walk_row"])


def labels_of(tables: Sequence[pa.Table], name: str) -> pa.DictionaryArray:
    """A column of labels of such tables, one after the other."""
    import pyarrow as pa

    chunks = [chunk for table in tables for chunk in table[name].chunks]
    return pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.string())).unify_dictionaries().combine_chunks()


def numbers(column: Any) -> NDArray[Any]:
    """A column without nulls as NumPy has it, moments as microseconds."""
    import numpy as np
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    told = column.to_numpy(zero_copy_only=False)
    return told.view(np.int64) if told.dtype.kind == "M" else told


def _end_to_end(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    """One array of several, not copied where only one holds anything."""
    import numpy as np

    full = [one for one in arrays if len(one)]
    return full[0] if len(full) == 1 else np.concatenate(full or arrays)
