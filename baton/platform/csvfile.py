"""CSV that streams and that no spreadsheet mistakes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

# OWASP, "CSV injection" (read 2026-11): cells that begin so are run as formulas.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    def write(self, text: str) -> str:
        return text


def csv_lines(head: list[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Lines of a CSV file with a byte order mark, so that spreadsheets read UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(head)
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def safe_cell(value: Any) -> Any:
    """A text that begins like a formula gets a quote before it; numbers and phone numbers stay as they are."""
    if isinstance(value, str) and value.startswith(_DANGEROUS) and not value.lstrip("+-").replace(" ", "").isdecimal():
        return f"'{value}"
    return "" if value is None else value


def csv_answer(name: str, head: list[str], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """A streamed download."""
    response = StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
