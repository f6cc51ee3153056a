"""Group commit: nothing is answered that is not stored, whatever arrives at whatever moment."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from django.db import DatabaseError, OperationalError

from baton.tracking.collect.tail_writer import TailWriter
from baton.tracking.store.models import EventSeen, EventTail


class Wrapper:
    """What TailWriter needs of a database connection, over a SQLite file."""

    vendor = "sqlite"

    def __init__(self, path) -> None:
        self.connection = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "events.sqlite3"
    with sqlite3.connect(found) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute(
            f"CREATE TABLE {EventTail._meta.db_table}"
            " (id INTEGER PRIMARY KEY, event TEXT UNIQUE, row TEXT, consumed, block)"
        )
        database.execute(f"CREATE TABLE {EventSeen._meta.db_table} (event TEXT PRIMARY KEY, until)")
        database.execute("CREATE TABLE tracking_eventcount (day TEXT, reason TEXT, count INT, UNIQUE (day, reason))")
    database.close()
    return found


@pytest.fixture
def writer(path, monkeypatch):
    made = TailWriter()
    monkeypatch.setattr(made, "_opened", lambda: made._connection or _open(made, path))
    yield made
    made.close()


def _open(made, path):
    made._connection = Wrapper(path)
    return made._connection


def stored(path) -> set[str]:
    database = sqlite3.connect(path)
    found = {row[0] for row in database.execute("SELECT event FROM tracking_eventtail")}
    database.close()
    return found


def test_everything_answered_is_stored_while_many_threads_write(writer, path) -> None:
    missing, threads = [], []

    def send(number) -> None:
        reader = sqlite3.connect(path, timeout=20)
        for n in range(60):
            id = f"{number:04}{n:028}"
            writer.store([(id, "[]")])
            if not reader.execute("SELECT 1 FROM tracking_eventtail WHERE event = ?", [id]).fetchone():
                missing.append(id)
        reader.close()

    for number in range(8):
        threads.append(threading.Thread(target=send, args=(number,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert missing == []
    assert len(stored(path)) == 480


def test_a_connection_that_broke_is_opened_anew(writer, path) -> None:
    writer.store([("a" * 32, "[]")])
    writer._connection.connection.close()
    writer.store([("b" * 32, "[]")])
    assert len(stored(path)) == 2


def test_what_cannot_be_stored_is_said_to_everyone_who_waits(writer, path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE tracking_eventtail")
    database.close()
    with pytest.raises(DatabaseError):
        writer.store([("a" * 32, "[]")])


def test_refusals_are_counted_together(writer, path) -> None:
    for _time in range(2):
        writer.store([], ("2026-03-10", "too old", 3))
    database = sqlite3.connect(path)
    assert database.execute("SELECT count FROM tracking_eventcount").fetchall() == [(6,)]
    database.close()


def test_what_found_no_connection_is_refused_now_and_not_written_later(writer, path, monkeypatch) -> None:
    opened = writer._opened
    monkeypatch.setattr(writer, "_opened", lambda: (_ for _ in ()).throw(OperationalError("no connection")))
    with pytest.raises(DatabaseError):
        writer.store([("lost", "[]")])
    monkeypatch.setattr(writer, "_opened", opened)
    writer.store([("kept", "[]")])
    assert stored(path) == {"kept"}
