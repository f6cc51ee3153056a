"""Reading a file as a table: its encoding, delimiter and header, then row by row, whatever its size."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from baton.exchange.imports import json_lines
from baton.exchange.imports.errors import BadFile

SNIFFED_BYTES = 256 * 1024
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
DELIMITERS = ",;\t|"
LONGEST_CELL = 1_000_000


@dataclass(frozen=True)
class Table:
    """How a file is read: its encoding, delimiter ("" for JSON lines) and the names of its columns."""

    encoding: str
    delimiter: str
    header: list[str]


def sniff(path: Path) -> Table:
    """How the file is to be read. Raises BadFile with what is wrong and what to do."""
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    if not head.strip():
        raise BadFile(_("The file is empty."))
    encoding = _encoding(head)
    if encoding == "utf-8" and len(head) == SNIFFED_BYTES:
        encoding = _encoding_of_all(path)
    try:
        text = codecs.getincrementaldecoder(encoding)("strict").decode(head, final=len(head) < SNIFFED_BYTES)
    except UnicodeDecodeError:
        raise BadFile(_("The file is not readable as text. Save it as CSV in UTF-8.")) from None
    if "\x00" in text:
        raise BadFile(_("This is not a text file. Save the sheet as CSV in UTF-8 and try again."))
    lines = text.splitlines()
    if text.lstrip().startswith("{"):
        return _json_lines(encoding, lines)
    delimiter = _delimiter(lines[:50])
    header = [cell.strip() for cell in next(csv.reader(lines[:1], delimiter=delimiter))]
    if not any(header):
        raise BadFile(_("The first line has no column names."))
    if len(set(header)) != len(header):
        double = next(name for name in header if header.count(name) > 1)
        raise BadFile(_("Two columns are named %(name)r. Give each its own name.") % {"name": double})
    return Table(encoding, delimiter, header)


def _json_lines(encoding: str, lines: list[str]) -> Table:
    header = json_lines.header_of(lines)
    if not any(header):
        raise BadFile(_("The first lines are no JSON objects."))
    return Table(encoding, "", header)


def rows(path: Path, table: Table) -> Iterator[tuple[int, dict[str, str]]]:
    """Number (the header is line 1) and cells by column of each row; empty lines are left out.

    Raises BadFile where the text breaks off or cannot be decoded, naming the row. A row with more cells than the
    header, or a line that is no JSON, has that under the name "" so that it can be refused.
    """
    if not table.delimiter:
        return ((number, json_lines.row_of(line, table.header)) for number, line in _lines(path, table))
    return ((number, _named(cells, table.header)) for number, cells in _cells(path, table))


def count_rows(path: Path, table: Table) -> int:
    """Rows of the file; reads it once to its end, keeps nothing. Raises BadFile as `rows` does."""
    return sum(1 for _row in (_cells(path, table) if table.delimiter else _lines(path, table)))


def _lines(path: Path, table: Table) -> Iterator[tuple[int, str]]:
    with path.open(encoding=table.encoding, newline="\n") as file:
        number = 0
        try:
            for line in json_lines.lines_of(file):
                number += 1
                if line.strip():
                    yield number, line
        except UnicodeDecodeError:
            raise _undecodable(number + 1, table) from None


def _undecodable(number: int, table: Table) -> BadFile:
    return BadFile(
        _("Row %(row)s is not %(encoding)s text. Save the file as UTF-8.") % {"row": number, "encoding": table.encoding}
    )


def _cells(path: Path, table: Table) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_CELL)
    with path.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding=table.encoding, newline="")
        reader = csv.reader(text, delimiter=table.delimiter, strict=True)
        number = 1
        try:
            next(reader)
            for cells in reader:
                number += 1
                if any(cells):
                    yield number, cells
        except UnicodeDecodeError:
            raise _undecodable(number + 1, table) from None
        except csv.Error as error:
            raise BadFile(
                _("Row %(row)s cannot be read: %(why)s. Is a quote missing?") % {"row": number + 1, "why": error}
            ) from None


def _named(cells: list[str], header: list[str]) -> dict[str, str]:
    row = {name: cells[i].strip() if i < len(cells) else "" for i, name in enumerate(header)}
    if len(cells) > len(header) and any(cells[len(header) :]):
        row[""] = " ".join(cells[len(header) :])
    return row


def _encoding(head: bytes) -> str:
    for mark, name in MARKS.items():
        if head.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        best = from_bytes(head[: 64 * 1024]).best()
        name = best.encoding if best else "cp1252"
        # The two are told apart by nothing in most files; Windows' own is what spreadsheets write.
        return (
            "cp1252" if name in ("latin_1", "iso8859_1", "cp1250", "iso8859_15", "cp1257", "cp1254", "cp1258") else name
        )
    return "utf-8"


def _encoding_of_all(path: Path) -> str:
    """UTF-8 where the whole file is; else what the first other letters look like: heads are often plain ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    with path.open("rb") as file:
        while chunk := file.read(SNIFFED_BYTES):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return _encoding(b"\n" + chunk[max(0, error.start - 2000) : error.start + 2000])
    return "utf-8"


def _delimiter(lines: list[str]) -> str:
    counts = {delimiter: [line.count(delimiter) for line in lines if line] for delimiter in DELIMITERS}
    steady = {mark: (min(found), sum(found)) for mark, found in counts.items() if found}
    best = max(steady, key=lambda mark: steady[mark])
    return best if steady[best][1] else ","
