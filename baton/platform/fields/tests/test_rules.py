"""What a custom field keeps and what it refuses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from baton.platform.fields.rules import BadField, from_text, kept_value


def field(kind: str) -> Any:
    return SimpleNamespace(label="Plan", kind=kind, choices=["Basic", "Pro"])


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("text", " x ", "x"),
        ("number", "1,250.5", 1250.5),
        ("number", "7", 7),
        ("date", "2026-11-24", "2026-11-24"),
        ("flag", "no", False),
        ("choice", "Pro", "Pro"),
        ("number", " ", None),
    ],
)
def test_typed_text_is_kept_by_its_kind(kind: str, text: str, kept: Any) -> None:
    assert from_text(field(kind), text) == kept


def test_a_number_is_read_as_the_locale_writes_it() -> None:
    assert from_text(field("number"), "1.250,5", locale="de") == 1250.5


@pytest.mark.parametrize(
    ("kind", "value"),
    [("number", "many"), ("number", True), ("number", 10**16), ("date", "24.11."), ("choice", "Max"), ("flag", "1"),
     ("text", 3), ("text", "a\x00b")],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_the_fields_name(kind: str, value: Any) -> None:
    with pytest.raises(BadField, match="Plan"):
        kept_value(field(kind), value)
