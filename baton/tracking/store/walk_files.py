"""What was done in kept visits, act by act: beside each file of theirs another, its rows by visitor and time.

It is read by mapping it into memory, with nothing to unpack: a funnel looks at every act, at most of them once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from baton.tracking.store import parquet
from baton.tracking.store.acts import ACTS, coded, plain

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "walks"
ROW = "walk_row"
READINGS = "readings"
LABELS = {
    "channel": "channel",
    "source": "came_from",
    "campaign": "campaign",
    "entry": "entry_path",
    "exit": "exit_path",
    "device": "device",
    "browser": "browser",
    "system": "system",
    "country": "country",
    "language": "language",
}  # what visits are filtered and parted by, and the column that tells it


def path_of(visits: str) -> str:
    """Where the acts of a file of visits are."""
    return parquet.beside(visits, FOLDER).removesuffix(".parquet") + ".arrow"


def are_there(visits: str) -> bool:
    """Whether a file of visits and that of its acts exist. A restored backup may lack them."""
    return all((parquet.folder() / path).exists() for path in (visits, path_of(visits)))


def in_order(rows: pa.Table) -> pa.Table:
    """Rows as walks lie: by visitor, each one's by site and start."""
    return rows.take(_order(rows))


def numbered(rows: pa.Table) -> pa.Table:
    """Rows with their place in the order of walks."""
    import numpy as np
    import pyarrow as pa

    order = _order(rows).to_numpy()
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return rows.append_column(ROW, pa.array(places))


def _order(rows: pa.Table) -> pa.Array:
    import pyarrow.compute as pc

    keyed = rows.select(["visitor_key", "started"]).append_column("site_key", parquet.text_keys(rows["site"]))
    return pc.sort_indices(keyed, sort_keys=[(name, "ascending") for name in ("visitor_key", "site_key", "started")])


def walked(rows: pa.Table) -> pa.Table:
    """What is told of visits, in the order of walks, beside their acts: whose, where and when, how much and how read,
    as numbers, and what they are parted by.

    A `contact` of 0 is nobody.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = rows.combine_chunks()
    columns = {
        "visitor_key": rows["visitor_key"],
        "site_key": parquet.text_keys(rows["site"]),
        "started": rows["started"],
        "ended": rows["ended"],
        "contact": pc.fill_null(rows["contact"], 0),
        **{name: pc.fill_null(rows[name], 0).cast(pa.int32()) for name in ("views", "actions", "engaged")},
        **{name: rows[name].cast(pa.int8()) for name in ("unnamed", "lasting")},
        **{name: _labels(rows[name]) for name in LABELS.values()},
        READINGS: _readings(rows[READINGS]),
        ACTS: coded(rows[ACTS], _pages(rows)),
    }
    return pa.table(columns)


def _labels(texts: pa.ChunkedArray) -> pa.DictionaryArray:
    """Texts as places in a dictionary, in two bytes where that is enough."""
    import pyarrow as pa

    told = texts.combine_chunks().dictionary_encode()
    places = told.indices.cast(pa.int16()) if len(told.dictionary) < 2**15 else told.indices
    return pa.DictionaryArray.from_arrays(places, told.dictionary)


def _pages(rows: pa.Table) -> dict[int, str]:
    """The pages that were viewed, by the deed (the word baton_deed) that views of them are."""
    import pyarrow.compute as pc

    paths = pc.unique(pc.list_flatten(rows["page_views"])).to_pylist()
    return {parquet.text_key(path) & ~1: path for path in paths}


def _readings(readings: pa.ChunkedArray) -> pa.Array:
    """How pages were read, with a dictionary of their keys. Seconds are whole."""
    import pyarrow as pa

    told = readings.combine_chunks()
    page, seconds, depth = (told.values.field(name) for name in ("page", "seconds", "depth"))
    columns = [page.dictionary_encode(), seconds.cast(pa.float32()), depth]
    return pa.ListArray.from_arrays(told.offsets, pa.StructArray.from_arrays(columns, ["page", "seconds", "depth"]))


def write(rows: pa.Table, visits: str) -> None:
    """Keep the acts of numbered rows that are kept as the file `visits`."""
    import pyarrow as pa

    def fill(place: Path) -> None:
        table = walked(rows.sort_by(ROW))
        with pa.OSFile(str(place), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)

    parquet.put_durably(fill, path_of(visits))


def read(visits: str) -> pa.Table:
    """What `walked` told of the visits of the file `visits`, mapped into memory; a visit's `walk_row` is its row."""
    import pyarrow as pa

    with pa.memory_map(str(parquet.folder() / path_of(visits))) as file:
        return pa.ipc.open_stream(file).read_all()


def acts_of(visits: str, rows: pa.ChunkedArray) -> pa.ChunkedArray:
    """The plain acts of some rows of a file of visits, told by their `walk_row`."""
    return plain(read(visits)[ACTS].take(rows))


def remove(visits: str) -> None:
    """Remove a file of visits that nothing pointed at, and that of its acts."""
    for path in (visits, path_of(visits)):
        (parquet.folder() / path).unlink(missing_ok=True)
