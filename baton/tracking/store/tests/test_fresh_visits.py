"""Visits that are not kept: who did nothing since is not worked out again, and what is shown goes away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from baton.tracking.channels.models import ChannelVersion
from baton.tracking.sessions.channel_rules import STANDARD, as_json
from baton.tracking.store import append, ask
from baton.tracking.store.engines import engine
from baton.tracking.store.engines.files import Files
from baton.tracking.store.mover import move
from baton.tracking.store.tests.made import START, an_event

pytestmark = pytest.mark.django_db(databases=["default", "events"])
LATER = START + timedelta(days=40)


@pytest.fixture
def worked(monkeypatch) -> list[Any]:
    """Of whom visits were worked out, time by time; None for everybody."""
    told: list[Any] = []
    original = Files.visits

    def watched(self: Files, first: Any, last: Any, snapshot: Any, visitors: Any = None) -> Any:
        told.append(None if visitors is None else sorted(visitors.to_pylist()))
        return original(self, first, last, snapshot, visitors)

    monkeypatch.setattr(Files, "visits", watched)
    return told


def visits() -> int:
    return int(ask("website_total")[0]["visits"])


def test_only_those_who_did_something_since_are_worked_out_again(worked) -> None:
    append([an_event(START, "v1"), an_event(START, "v2"), an_event(START + timedelta(hours=1), "v3")], consumed=True)
    assert (visits(), worked) == (3, [None])
    assert (visits(), worked) == (3, [None])
    append([an_event(START + timedelta(hours=2), "v2"), an_event(START, "v4")], consumed=True)
    assert (visits(), worked[1:]) == (5, [["v2", "v4"]])
    move(now=LATER)
    assert (visits(), worked[2:]) == (5, [])


def test_another_table_of_channels_is_for_everybody(worked) -> None:
    append([an_event(START, "v1")], consumed=True)
    assert visits() == 1
    ChannelVersion.objects.create(number=1, rules=as_json(STANDARD.rules))
    assert (visits(), worked) == (1, [None, None])


def test_what_questions_read_is_there_for_as_long_as_it_is_used() -> None:
    files = engine()
    assert isinstance(files, Files)
    append([an_event(START, "v1")], consumed=True)
    assert visits() == 1
    before = tables(files)
    assert lost() == 0
    shown = tables(files) - before
    assert len(shown) == 1
    append([an_event(START, "v2"), an_event(START, "v2", name="not found", path="/gone")], consumed=True)
    assert visits() == 2
    assert not tables(files) & shown
    assert lost() == 1
    assert len(tables(files)) == len(before | shown)


def lost() -> int:
    """How many addresses were not found: asked of DuckDB, where visits are counted over arrays."""
    return len(ask("website_not_found", most=5, sources=1))


def tables(files: Files) -> set[str]:
    with files.opened() as database:
        found = database.execute("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'shown_%'")
        return {name for (name,) in found.fetchall()}
