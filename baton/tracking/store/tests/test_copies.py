"""Copies beside files of events tell what the files tell, and may be missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from baton.tracking.store import append, ask, parquet
from baton.tracking.store.engines import engine
from baton.tracking.store.erasure import erase_events, erase_pending
from baton.tracking.store.merger import copy_missing, merge
from baton.tracking.store.models import EventFile
from baton.tracking.store.mover import move
from baton.tracking.store.sweeper import sweep
from baton.tracking.store.tests.made import END, START, an_event, some_events

pytestmark = pytest.mark.django_db(databases=["default", "events"])
LATER = END + timedelta(days=40)
STEPS = {"names": ["pageview", "order"], "patterns": ["^/p", ""]}


def told() -> list:
    deeds = sorted(row["deed"] for row in ask("funnel_deeds", **STEPS))
    return [deeds, ask("things_done"), ask("machines"), ask("event_names")]


def in_use() -> list[str]:
    return list(EventFile.objects.filter(replaced_at=None).values_list("path", flat=True))


def test_a_visitors_key_is_the_words() -> None:
    visitors = ["", "v1", "aß€", "v1"]
    with engine().opened() as database:
        keys = [database.execute("SELECT baton_key(?)", [one]).fetchone()[0] for one in visitors]
    assert parquet.text_keys(pa.chunked_array([visitors[:1], visitors[1:]])).to_pylist() == keys


def test_with_and_without_copies_the_answers_are_the_same() -> None:
    events = some_events(1_500, seed=5)
    append(events, consumed=True)
    want = told()
    assert len(want[0]) == 3
    move(now=LATER)
    assert all(parquet.has_copies(path) for path in in_use())
    assert told() == want
    (parquet.folder() / parquet.beside(in_use()[0], parquet.NAMED_FOLDER)).unlink()
    assert told() == want
    assert copy_missing() == 1
    assert copy_missing() == 0
    assert told() == want


def test_copies_go_with_their_file() -> None:
    for n in range(2):
        append([an_event(START + timedelta(hours=n))], consumed=True)
        move(now=LATER)
    merge(now=LATER, at_least=2)
    sweep(now=datetime.now(UTC) + timedelta(hours=3))
    [path] = in_use()
    left = {str(one.relative_to(parquet.folder())) for one in parquet.folder().glob("*/*")}
    assert left == {path, parquet.beside(path, parquet.NAMED_FOLDER), parquet.beside(path, parquet.PLACES_FOLDER)}


def test_who_is_erased_is_in_no_copy() -> None:
    append([an_event(START, "v1", name="order"), an_event(START, "v2", name="order")], consumed=True)
    append([an_event(START, "v3", name="order", contact=7)], consumed=True)
    move(now=LATER)
    assert ask("things_done")[0]["visitors"] == 3
    erase_events(7, visitors=["v1"], now=LATER)
    assert ask("things_done")[0]["visitors"] == 1
    erase_pending(now=LATER)
    sweep(now=datetime.now(UTC) + timedelta(hours=3))
    assert ask("things_done")[0]["visitors"] == 1
    [copy] = (parquet.folder() / parquet.NAMED_FOLDER).iterdir()
    with engine().opened() as database:
        rows = database.execute(f"SELECT visitor_key = baton_key('v2') FROM read_parquet('{copy}')").fetchall()
    assert rows == [(True,)]
