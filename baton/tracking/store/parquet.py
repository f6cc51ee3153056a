"""Parquet files: written once, sorted, safe on disk before anybody is told of them.

Beside each file of events lies a narrow copy in the folder `named`, sorted by what happened and on which page, and in
the folder `places` each of these once: they answer what asks for some names or pages of everybody. They may be missing;
the file alone says everything.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from baton.tracking.store.columns import schema

NAMED_FOLDER, PLACES_FOLDER = "named", "places"
PLACES = ["machine", "name", "path", "deed"]
NAMED = ["machine", "name", "path", "happened_at", "site", "host", "contact", "props"]
LARGE_GROUP = 122_880  # for what is read from end to end
ROW_GROUP = 20_480  # measured: one contact's events of a year 24 ms; with 122,880 it was 57 ms


def folder() -> Path:
    """Where the files are; paths in the catalog are relative to it."""
    return settings.BATON_HOME / "events"


def write_file(table: Any, month: str) -> dict[str, Any]:
    """Write one month's events, sorted by contact (visitor where none) and time; gives the catalog entry.

    The file and its folder are on disk when this returns; nothing refers to it yet.
    """
    import pyarrow.compute as pc

    table = table.sort_by(
        [("contact", "ascending"), ("visitor", "ascending"), ("happened_at", "ascending"), ("id", "ascending")]
    )
    name = write_durably(table, month)
    write_named(table, name)
    span = pc.min_max(table["happened_at"]).as_py()
    return {
        "path": name,
        "month": month,
        "rows": table.num_rows,
        "size": (folder() / name).stat().st_size,
        "first_at": span["min"].replace(tzinfo=UTC),
        "last_at": span["max"].replace(tzinfo=UTC),
        "made_at": timezone.now(),
    }


def read_file(path: str) -> Any:
    """The events of a file, as a table. Raises FileNotFoundError when it was replaced and swept meanwhile."""
    import pyarrow.parquet as pq

    return pq.read_table(folder() / path, schema=schema())


def write_named(table: Any, name: str) -> None:
    """Write the narrow copy of a file of events, and what it tells of."""
    import pyarrow.compute as pc

    narrow = table.select(NAMED).append_column("visitor_key", text_keys(table["visitor"]))
    narrow = narrow.append_column("deed", pc.binary_join_element_wise(table["name"], table["path"], "|"))
    order = [("machine", "ascending"), ("deed", "ascending"), ("happened_at", "ascending")]
    places = narrow.select(PLACES).group_by(PLACES).aggregate([])
    write_durably(places, PLACES_FOLDER, name=beside(name, PLACES_FOLDER))
    write_durably(
        narrow.sort_by(order), NAMED_FOLDER, name=beside(name, NAMED_FOLDER), compression="none", row_group=LARGE_GROUP
    )


def beside(path: str, below: str) -> str:
    """Where the copy of a file of events lies that is kept in the folder `below`."""
    return f"{below}/{path.rpartition('/')[2]}"


def has_copies(path: str) -> bool:
    """Whether both lie beside a file of events."""
    return all((folder() / beside(path, below)).exists() for below in (NAMED_FOLDER, PLACES_FOLDER))


def remove(path: str) -> None:
    """Remove a file of events and what lies beside it."""
    for one in (path, beside(path, NAMED_FOLDER), beside(path, PLACES_FOLDER)):
        (folder() / one).unlink(missing_ok=True)


def text_keys(texts: Any) -> Any:
    """text_key of each text of an Arrow column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    told = pc.dictionary_encode(texts).combine_chunks()
    return pa.array([text_key(one) for one in told.dictionary.to_pylist()], pa.uint64()).take(told.indices)


def text_key(text: str) -> int:
    """What the word baton_key tells of a text: the latter half of its MD5 as a number."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def write_durably(
    table: Any,
    below: str,
    *,
    name: str = "",
    compression: str | dict[str, str] = "zstd",
    row_group: int = ROW_GROUP,
    small_numbers: Sequence[str] = (),
) -> str:
    """Write a table to a file in the folder `below`; gives its path. It is on disk when this returns, never in part.

    `compression` may be said by column; what it leaves out is not compressed. `small_numbers` are columns of numbers of
    which many are the same.
    """
    import pyarrow.parquet as pq

    same = [*_often_the_same(table.schema), *small_numbers]
    name = name or f"{below}/{secrets.token_hex(8)}.parquet"
    put_durably(
        lambda place: pq.write_table(
            table, place, compression=compression, row_group_size=row_group, use_dictionary=same
        ),
        name,
    )
    return name


def put_durably(fill: Callable[[Path], None], name: str) -> None:
    """Let `fill` write a file; it is on disk when this returns, never in part."""
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.with_suffix(f".{secrets.token_hex(4)}")
    fill(begun)
    _sync(begun)
    begun.replace(path)
    _sync(path.parent)


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _often_the_same(shape: Any) -> list[str]:
    """Columns worth a dictionary: texts that are not ids. One of keys or moments makes reading slower by a third."""
    import pyarrow as pa

    texts = [one.name for one in shape if one.type == pa.string() and one.name != "id"]
    return texts + [f"{one.name}.list.element" for one in shape if one.type == pa.list_(pa.string())]


def month_of_micros(micros: int) -> str:
    return f"{datetime.fromtimestamp(micros // 1_000_000, UTC):%Y-%m}"
