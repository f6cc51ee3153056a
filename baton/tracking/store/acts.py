"""What was done in visits, as a column `acts` of lists; plain as engines tell it, and coded as walks lie.

Plain acts hold `deed` (the word baton_deed), `moment` and `details` (the props; none for page views). Coded ones hold
`what`, a dictionary of the different deeds with their details and, of page views where it is known, the page, and
`moment`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

ACTS = "acts"
OF_WHAT = ["deed", "details", "page"]


def coded(acts: pa.ChunkedArray, pages: Mapping[int, str] | None = None) -> pa.ChunkedArray:
    """Plain acts coded, each chunk with a dictionary of its own. `pages` tells pages by the deed of their views."""
    return _each(acts, lambda told: {"what": _what(told, pages or {}), "moment": told.field("moment")})


def plain(acts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Coded acts, plain again."""

    def spelt(told: pa.StructArray) -> dict[str, pa.Array]:
        what = told.field("what").dictionary_decode()
        return {"deed": what.field("deed"), "moment": told.field("moment"), "details": what.field("details")}

    return _each(acts, spelt)


def _each(acts: pa.ChunkedArray, made: Callable[[pa.StructArray], dict[str, pa.Array]]) -> pa.ChunkedArray:
    import pyarrow as pa

    lists = []
    for chunk in acts.chunks or [pa.array([], acts.type)]:
        columns = made(chunk.values)
        lists.append(
            pa.ListArray.from_arrays(chunk.offsets, pa.StructArray.from_arrays([*columns.values()], [*columns]))
        )
    return pa.chunked_array(lists)


def _what(told: pa.StructArray, pages: Mapping[int, str]) -> pa.DictionaryArray:
    """The pair of deed and details of each act, coded by the codes of both."""
    import pyarrow as pa
    import pyarrow.compute as pc

    deeds = told.field("deed").dictionary_encode()
    details = told.field("details").dictionary_encode(null_encoding="encode")
    many = max(len(details.dictionary), 1)
    pairs = pc.add(pc.multiply(deeds.indices.cast(pa.int64()), many), details.indices.cast(pa.int64()))
    pairs = pairs.dictionary_encode()
    of_deed = pc.divide(pairs.dictionary, many)
    of_details = pc.subtract(pairs.dictionary, pc.multiply(of_deed, many))
    deed = deeds.dictionary.take(of_deed)
    page = pa.array([pages.get(one, "") for one in deed.to_pylist()], pa.string())
    columns = [deed, details.dictionary.take(of_details), page]
    return pa.DictionaryArray.from_arrays(pairs.indices, pa.StructArray.from_arrays(columns, OF_WHAT))
