"""Asks every question on both engines, in a process of its own, and writes BATON_HOME/answers.json."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from itertools import pairwise

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from baton.people.contacts.models import Contact
from baton.tracking.channels.models import ChannelVersion
from baton.tracking.funnels.counts import counted, known
from baton.tracking.funnels.tests.test_funnel_counts import SHAPES
from baton.tracking.identity.actions import STRONG, claim_visitor
from baton.tracking.sessions.channel_rules import STANDARD, Condition, Rule, as_json
from baton.tracking.store import append, engines
from baton.tracking.store.engines.clickhouse import ClickHouse
from baton.tracking.store.engines.files import Files
from baton.tracking.store.erasure import erase_events, erase_pending
from baton.tracking.store.models import EventErasure
from baton.tracking.store.mover import move
from baton.tracking.store.questions import checked, paths, question
from baton.tracking.store.tests.made import END, START, some_events
from baton.tracking.store.tests.test_contract import asked_as, asked_with, json_row

ERASED = 3


def main() -> None:
    for alias in ("default", "events"):
        call_command("migrate", database=alias, verbosity=0)
    now = timezone.now()
    contacts = [Contact.objects.create(last_name=f"Number {n}") for n in range(1, 9)]
    for n in range(12):
        claim_visitor(f"v{n}", contacts[n % 8], STRONG, now=now)
    own = Rule("own", "o'wn\\", ((Condition("campaign", "contains", ("größe 'x'", "\\")),),))
    ChannelVersion.objects.create(number=1, rules=as_json([own, *STANDARD.rules]))
    events = some_events()
    rows = [event.row() for event in events]
    files, clickhouse = Files(), ClickHouse(f"chdb://{settings.BATON_HOME / 'chdb'}")
    append(events[:1500], consumed=True)
    move(now=now)
    append(events[1500:], consumed=True)  # stays in the tail
    clickhouse.take("a" * 32, rows)
    told = {"events": len(events), "repeated": {"before": clickhouse.count()}}
    clickhouse.take("a" * 32, rows)
    told["repeated"]["after"] = clickhouse.count()
    for engine in (files, clickhouse):
        told[engine.name] = {name: [_answer(engine, name, given) for given in asked_with(name)] for name in paths()}
        told[engine.name]["funnels"] = _funnels(engine)
        told[engine.name]["walks"] = [_walks(engine, given) for given in asked_with("funnel_visits")]
    told["erased"] = {engine.name: _erase(engine, rows) for engine in (files, clickhouse)}
    (settings.BATON_HOME / "answers.json").write_text(json.dumps(told))


def _answer(engine: object, name: str, given: dict) -> dict:
    asked = asked_as(name)
    try:
        columns, rows = engine.run(asked, checked(asked, given, zone="UTC"))
    except Exception as error:  # every question is to be tried; the test shows what failed
        return {"error": f"{name}: {error}"[:1500]}
    kinds = [asked.rows[column] for column in columns]
    return {"columns": columns, "rows": [json_row(row, kinds) for row in rows]}


def _walks(engine: object, given: dict) -> list:
    """Each visit with the moments and details of its acts."""
    asked = asked_as("funnel_visits")
    found = []
    for walked in engine.walks(asked, checked(asked, given, zone="UTC")):
        details = walked.details.to_pylist()
        for walks in walked.by_visitor():
            acts = list(zip(walks.moments.tolist(), (details[code] for code in walks.codes.tolist()), strict=True))
            visits = zip(walks.started, walks.ended, walks.is_chosen, walks.labels, pairwise(walks.bounds), strict=True)
            for started, ended, is_chosen, label, (first, end) in visits:
                visit = [int(started), int(ended), bool(is_chosen), walked.names[label]]
                found.append([visit, acts[first:end]])
    return sorted(found, key=json.dumps)


def _funnels(engine: object) -> list[dict]:
    """What funnels of several shapes count, asked of an engine."""
    asking = sys.modules["baton.tracking.store.ask"]
    original, asking.engine = asking.engine, lambda: engine
    span = {"since": START, "until": END}
    found = [asdict(counted(shape, by="channel", **span)) | {"known": known(shape, step=2, **span)} for shape in SHAPES]
    asking.engine = original
    return json.loads(json.dumps(found, default=str))


def _erase(engine: object, rows: list[tuple]) -> dict:
    """Erase a contact: asked, rewritten, counted."""
    engines._engine.cache_clear()
    original, engines_engine = engines.engine, engine
    from baton.tracking.store import erasure

    erasure.engine = lambda: engines_engine
    EventErasure.objects.all().delete()
    before = _of_contact(engine)
    erase_events(ERASED, now=timezone.now())
    hidden = _of_contact(engine)
    erase_pending(now=timezone.now())
    erasure.engine = original
    visitors = {f"v{n}" for n in range(12) if n % 8 == ERASED - 1}
    raw = sum(row[5] == ERASED or row[4] in visitors for row in rows)
    left = engine.count() + (_tail() if engine.name == "files" else 0)
    return {"before": before, "hidden": hidden, "gone": _of_contact(engine), "raw": raw, "left": left}


def _of_contact(engine: object) -> int:
    asked = question("events_of_contact")
    return len(engine.run(asked, checked(asked, {"contact": ERASED}, zone="UTC"))[1])


def _tail() -> int:
    from baton.tracking.store.models import EventTail

    return EventTail.objects.count()
