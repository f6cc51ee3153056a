"""Reading a file of JSON lines (NDJSON) as a table: one object to a line, whatever the line's length or fault.

A line that is no object, or too long, becomes a row with what it says under the name "": it is refused, others go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

LONGEST_LINE = 1_000_000  # characters
SHOWN = 500


def header_of(lines: list[str]) -> list[str]:
    """Names of all keys in these lines, in the order in which they come; broken lines have none."""
    names: dict[str, None] = {}
    for line in lines:
        for name in _object(line) or {}:
            names.setdefault(name)
    return list(names)


def lines_of(file: TextIO) -> Iterator[str]:
    """Each line without its end; of one too long only its beginning, without reading all of it at once."""
    while line := file.readline(LONGEST_LINE):
        rest = line
        while not rest.endswith("\n") and (rest := file.readline(LONGEST_LINE)):
            line = line[:LONGEST_LINE] + " "  # longer than is read, so no object
        yield line.rstrip("\r\n") if len(line) <= LONGEST_LINE else line


def row_of(line: str, header: list[str]) -> dict[str, str]:
    """Cells by name; for what is no object its beginning under ""."""
    told = _object(line) if len(line) <= LONGEST_LINE else None
    if told is None:
        return {**dict.fromkeys(header, ""), "": line[:SHOWN].replace("\0", "")}
    return {name: _cell(told.get(name)) for name in header}


def _object(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _cell(value: Any) -> str:
    """As a cell of a sheet has it; objects and lists stay JSON."""
    if value is None:
        return ""
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False)
    return value.replace("\0", "").encode("utf-8", "ignore").decode().strip()
