"""What the processes of test_kill.py do, each until it is killed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from baton.people.contacts.models import Contact
from baton.people.timeline.models import TimelineEntry
from baton.tracking.collect.tail_writer import TailWriter
from baton.tracking.identity.actions import STRONG, claim_visitor
from baton.tracking.store.append import tail_row
from baton.tracking.store.engines.files import Files
from baton.tracking.store.merger import merge
from baton.tracking.store.mover import move
from baton.tracking.store.projector import project
from baton.tracking.store.sweeper import sweep
from baton.tracking.store.tests.made import an_event

BATCH = 25
settings.BATON_WIRING = "baton.tracking.store.tests.quiet_wiring"  # the store alone is tried here


def prepare() -> None:
    claim_visitor("v1", Contact.objects.create(last_name="Known"), STRONG, now=timezone.now())


def run_writer() -> None:
    """Store batches like the beacon does; an id is written to a file once its batch was answered."""
    writer, number = TailWriter(), 0
    place = Path(settings.BATON_HOME) / f"answered-{sys.argv[1]}"
    _say_at_work()
    with place.open("a") as answered:
        while True:
            now = timezone.now()
            views = [an_event(now - timedelta(days=31 * (n % 2)), f"v{n % 2}", path=f"/{number}") for n in range(BATCH)]
            writer.store([tail_row(view) for view in views])
            answered.write("".join(f"{view.id} {view.visitor}\n" for view in views))
            answered.flush()
            number += 1


def _forever(step: Callable[[], object]) -> None:
    _say_at_work()
    while True:
        step()


def _say_at_work() -> None:
    (Path(settings.BATON_HOME) / f"at-work-{os.getpid()}").touch()


def run_projector() -> None:
    _forever(lambda: project(now=timezone.now(), limit=200))


def run_mover() -> None:
    _forever(lambda: move(now=timezone.now()))


def run_tidier() -> None:
    _forever(lambda: (merge(now=timezone.now(), at_least=3), sweep(now=timezone.now())))


def judge() -> None:
    """Finish what is open, then print: answered, lost, doubled, what the timeline miscounts, moved."""
    while project(now=timezone.now()):
        continue
    move(now=timezone.now())
    merge(now=timezone.now(), at_least=2)
    with Files().opened() as database:
        ids = [row[0] for row in database.execute("SELECT id FROM events").fetchall()]
        known = {row[0] for row in database.execute("SELECT id FROM events WHERE visitor = 'v1'").fetchall()}
    told = [
        line.split() for path in Path(settings.BATON_HOME).glob("answered-*") for line in path.read_text().splitlines()
    ]
    answered = {line[0] for line in told if len(line) == 2}
    on_lines = sum(sum(line.facts["pages"].values()) for line in TimelineEntry.objects.filter(kind="visit"))
    lost, doubled = answered - set(ids), len(ids) - len(set(ids))
    print(len(answered), len(lost), doubled, on_lines - len(known), Files().count())
