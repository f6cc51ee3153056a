"""Journeys: people a second who begin, are asked, put on a list and passed on, beside the bare rows that say so.

bin/bench journeys [--people N] [--postgres URL]. A home of its own, 100,000 people in a segment, one process: everybody
begins, is asked by a condition, put on a list and waits; then waits again; and nobody being due. The limit is the same
rows written without any question, in the same database in the same run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
RULE = {"all": [{"attribute": "country", "op": "in", "value": ["DE", "AT"]}, {"attribute": "email", "op": "known"}]}


def main() -> None:
    from lists import a_home, a_postgres

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=100_000)
    asked.add_argument("--postgres", default="", help="a server that may make databases")
    told = asked.parse_args()
    with a_postgres(told.postgres, "") if told.postgres else a_home(""):
        os.environ["DJANGO_SETTINGS_MODULE"] = "baton.web.settings"
        import django

        django.setup()
        from django.core.management import call_command

        from baton.platform.schema import aliases

        for alias in aliases():
            call_command("migrate", database=alias, verbosity=0)
        measure(told.people, "PostgreSQL" if told.postgres else "SQLite")


def measure(people: int, engine: str) -> None:
    from django.utils import timezone

    from baton.marketing.journeys import jobs, moving
    from baton.marketing.journeys.models import JourneyRun

    now = timezone.now()
    journey = a_journey(people, now)
    began = timed(lambda: until_done(lambda: jobs._go_on(journey, now)))
    assert JourneyRun.objects.filter(step="w1").count() == people
    later = now + timedelta(days=2)
    passed = timed(lambda: until_done(lambda: moving.move_due(journey, now=later)))
    assert JourneyRun.objects.filter(step="w2").count() == people
    idle = min(timed(lambda: jobs.tend(journey, now=later)) for _n in range(5))
    bare = timed(lambda: bare_rows(journey, people, later))
    size = f"{people:,} people, {engine}"
    print(f"begin, be asked, be put on a list, wait: {people / began:,.0f} people/s of CPU ({size})")
    print(f"a wait is over, the next begins: {people / passed:,.0f} people/s of CPU ({size})")
    print(f"the limit, bare rows: {people / bare:,.0f}/s of CPU; moving spends {bare / passed:.2f} on them")
    print(f"a round in which nobody is due: {idle * 1000:.0f} CPU ms ({size} under way)")


def a_journey(people: int, now: Any) -> Any:
    from baton.marketing.journeys.models import Journey, JourneyVersion
    from baton.marketing.segments.models import ContactList, Segment, SegmentMember
    from baton.people.contacts.models import Contact

    countries = ["DE", "FR", "AT", "IT"]
    made = (
        Contact(last_name=f"Number {n}", email=f"p{n}@them.example", country=countries[n % 4]) for n in range(people)
    )
    Contact.objects.bulk_create(made, batch_size=5_000)
    segment = Segment.objects.create(name="Everyone", rule={"all": []})
    ids = Contact.objects.values_list("pk", flat=True)
    stays = (SegmentMember(segment=segment, contact_id=pk, entered_at=now - timedelta(days=1)) for pk in ids)
    SegmentMember.objects.bulk_create(stays, batch_size=5_000)
    put_on = {"id": "l1", "kind": "list", "list": ContactList.objects.create(name="Asked").pk, "is_off": False}
    steps = [{"id": "i1", "kind": "if", "rule": RULE, "yes": [put_on], "no": []}, wait("w1"), wait("w2")]
    journey = Journey.objects.create(
        name="Everyone", segment=segment, steps=steps, state="running", takes_members=True, taken_to=0, started_at=now
    )
    JourneyVersion.objects.create(journey=journey, number=1, steps=steps, published_at=now)
    return journey


def wait(pk: str) -> dict[str, Any]:
    return {"id": pk, "kind": "wait", "amount": 1, "unit": "days", "at": "", "workdays": False}


def bare_rows(journey: Any, people: int, now: Any) -> None:
    """What a wait that is over writes: a passage and a place for each, in the same batches, with nothing asked."""
    from django.db import connection, transaction

    from baton.marketing.journeys.models import JourneyPassage, JourneyRun
    from baton.marketing.journeys.moving import BATCH
    from baton.platform.bulk import insert_rows, moment
    from baton.platform.pieces import in_pieces

    at = moment(now)
    columns = ["run", "place", "step", "arrived_at", "passed_at", "way", "because"]
    for ids in in_pieces(list(JourneyRun.objects.values_list("pk", flat=True)), BATCH):
        with transaction.atomic(), connection.cursor() as cursor:
            insert_rows(JourneyPassage, columns, ((pk, 90, "w2", at, at, "", "") for pk in ids))
            cursor.executemany(
                "UPDATE marketing_journeyrun SET step = %s, passed = %s, arrived_at = %s, due_at = %s WHERE id = %s",
                [("w2", 90, at, at, pk) for pk in ids],
            )


def until_done(step: Callable[[], int]) -> None:
    while step():
        pass


def timed(what: Callable[[], object]) -> float:
    """CPU seconds of this process; what PostgreSQL spends is its own."""
    began = time.process_time()
    what()
    return time.process_time() - began


if __name__ == "__main__":
    main()
