"""Takes events to ClickHouse's engine and back while others come, in its own process; writes BATON_HOME/told.json."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from baton.tracking.errors import CannotCopy
from baton.tracking.store import append
from baton.tracking.store.engines import engine, engine_at
from baton.tracking.store.erasure import erase_events, erase_pending
from baton.tracking.store.health import counted_events, store_health
from baton.tracking.store.merger import merge
from baton.tracking.store.mover import move
from baton.tracking.store.relocation import clear_events, copy_events, stay
from baton.tracking.store.tests.made import END, an_event, some_events

COUNT = 1_200


class Killed(BaseException):
    """The process is killed here."""


def main() -> None:
    for alias in ("default", "events"):
        call_command("migrate", database=alias, verbosity=0)
    now = timezone.now()
    chdb = f"chdb://{settings.BATON_HOME / 'chdb'}"
    told: dict[str, Any] = {}
    append(some_events(COUNT), consumed=True)
    for n in range(12):  # many small files of one day, worth a merge
        append([an_event(END + timedelta(minutes=n), visitor="v1")], consumed=True)
        move(now=now)
    before = rows_of(engine())

    told["same"] = refused(lambda: copy_events("files", now=now))
    told["killed"] = killed_after_a_month(chdb, now)
    half = next(engine().batches("2026-03"))
    engine_at(chdb).keep_month("2026-03", [half.slice(0, 7)])  # as a kill in the middle of a month leaves it

    def while_copying(month: str, events: int) -> None:
        append([an_event(END + timedelta(days=1), visitor=f"late {month}")], consumed=True)
        erase_events(999, now=now, visitors=["v2"])
        told["held"] = [move(now=now), merge(now=now), erase_pending(now=now)]

    told["copied"] = copy_events(chdb, now=now, told=while_copying)
    told["alike"] = rows_of(engine_at(chdb)) == before
    told["waiting"] = counted_events()
    told["sick"] = store_health()
    told["in use"] = refused(lambda: clear_events("files"))

    settings.EVENTS_URL = chdb
    told["brought"] = move(now=now)
    told["there"] = counted_events()
    told["left"] = store_health()
    erase_pending(now=now)
    told["erased"] = [
        sum(row["visitor"] == "v2" for row in rows_of(one).values()) for one in (engine(), engine_at("files"))
    ]

    told["full"] = refused(lambda: copy_events("files", now=timezone.now()))
    clear_events("files")
    there = rows_of(engine())
    copy_events("files", now=timezone.now())
    told["given up"] = [stay(), refused(stay)]
    clear_events("files")
    copy_events("files", now=timezone.now())
    settings.EVENTS_URL = ""
    append([an_event(END + timedelta(days=2))], consumed=True)
    told["last"] = move(now=now)
    told["back"] = there.items() <= rows_of(engine()).items()
    told["spoilt"] = spoilt(chdb, now)
    (settings.BATON_HOME / "told.json").write_text(json.dumps(told, default=str))


def rows_of(holder: Any) -> dict[str, dict[str, Any]]:
    """Every event an engine holds, by id."""
    rows = [row for month in holder.months() for batch in holder.batches(month) for row in batch.to_pylist()]
    assert len(rows) == len({row["id"] for row in rows}) == holder.count()
    return {row["id"]: row for row in rows}


def refused(do: Any) -> str:
    try:
        do()
    except CannotCopy as error:
        return str(error)
    return ""


def killed_after_a_month(address: str, now: datetime) -> list[str]:
    done: list[str] = []

    def kill(month: str, events: int) -> None:
        done.append(month)
        raise Killed

    try:
        copy_events(address, now=now, told=kill)
    except Killed:
        return done
    return []


def spoilt(address: str, now: datetime) -> str:
    """What is said when the other engine gives back other rows than it got."""
    clear_events(address)
    target = engine_at(address)
    keep = target.keep_month
    target.keep_month = lambda month, batches: keep(month, (batch.slice(1) for batch in batches))  # type: ignore[method-assign]
    return refused(lambda: copy_events(address, now=timezone.now()))
