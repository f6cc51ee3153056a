"""A timeline read page by page and narrowed to a kind."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from baton.people.timeline import reads, write_entry
from tests.cast import NOW, a_contact

pytestmark = pytest.mark.django_db


def test_lines_of_one_moment_are_neither_lost_nor_repeated_between_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "PAGE", 2)
    contact = a_contact()
    for number in range(5):
        write_entry(f"v{number}", at=NOW, side="marketing", kind="visit", title=str(number), contact_id=contact.pk)
    seen, query = [], ""
    while True:
        page = reads.timeline(QueryDict(query), contact=contact.pk)
        seen += [entry.title for entry in page["entries"]]
        query = page["older"]
        if not query:
            break
    assert seen == ["4", "3", "2", "1", "0"]


def test_a_narrowed_timeline_shows_one_kind_also_on_its_next_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "PAGE", 1)
    contact = a_contact()
    for number, kind in enumerate(["visit", "email", "form", "deal.won"]):
        write_entry(f"k{number}", at=NOW, side="marketing", kind=kind, title=kind, contact_id=contact.pk)
    first = reads.timeline(QueryDict("show=visits"), contact=contact.pk)
    second = reads.timeline(QueryDict(first["older"]), contact=contact.pk)
    assert [one.title for one in first["entries"] + second["entries"]] == ["form", "visit"]
    assert second["older"] == ""
    assert [tab["is_current"] for tab in second["tabs"]].index(True) == 1


@pytest.mark.parametrize("query", ["show=nonsense", "before=x", "before=99999999999999999999"])
def test_a_wrong_query_shows_all_from_the_top(query: str) -> None:
    contact = a_contact()
    write_entry("one", at=NOW, side="sales", kind="deal.won", title="Won", contact_id=contact.pk)
    assert [one.title for one in reads.timeline(QueryDict(query), contact=contact.pk)["entries"]] == ["Won"]
