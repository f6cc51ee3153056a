"""Every page of the navigation with the demo company loaded: server time and queries, by role.

bin/bench pages [--home FOLDER] [--times 15]. Fills the demo company into a temporary home, or takes one that holds it.
Every page goes through the whole stack in one process, signed in. The limit: 100 ms at the median and under 25 queries.
On a busy machine the CPU time of the same requests tells more than the clock: both are printed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
LIMIT_MS, LIMIT_QUERIES = 100, 25


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--home", type=Path, help="a home that holds the demo company")
    asked.add_argument("--times", type=int, default=15)
    given = asked.parse_args()
    if given.home:
        measured(given.home, given.times)
        return
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        measured(Path(folder), given.times)


def measured(home: Path, times: int) -> None:
    """One line a page: median and worst of the roles that may see it; then the whole."""
    os.environ.update(BATON_HOME=str(home), DATABASE_URL="", DJANGO_SETTINGS_MODULE="baton.web.settings")
    import django

    django.setup()
    from baton.web.commands.demo import prepare

    prepare(fresh=False)
    rows = [row for role in _roles() for row in _pages_of(role, times)]
    size = _size()
    for place in dict.fromkeys(row["place"] for row in rows):
        slowest = max((row for row in rows if row["place"] == place), key=lambda row: row["p50"])
        print(
            f"{place:16} p50 {slowest['p50']:5.0f} ms, p95 {slowest['p95']:5.0f} ms, CPU {slowest['cpu']:4.0f} ms "
            f"as {slowest['role']:17} {slowest['queries']:2} queries; {slowest['p50'] / LIMIT_MS:.2f} of the limit"
        )
    worst = max(rows, key=lambda row: row["p50"])
    most = max(rows, key=lambda row: row["queries"])
    print(
        f"worst page: {worst['place']} {worst['p50']:.0f} ms (CPU {worst['cpu']:.0f}) of {LIMIT_MS}, "
        f"ratio {worst['p50'] / LIMIT_MS:.2f}; "
        f"most queries: {most['place']} {most['queries']} of under {LIMIT_QUERIES}; {size}"
    )


def _roles() -> list[Any]:
    from baton.platform.accounts.models import User
    from baton.platform.accounts.roles import ROLES

    return [User.objects.filter(role=role).first() for role in ROLES]


def _pages_of(user: Any, times: int) -> list[dict[str, Any]]:
    """Each place of one person: the pages are asked in turns, the first turn warms up."""
    from django.db import connections
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from baton.web.shell.navigation import places_of

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    places = places_of(user)
    spent: dict[str, list[float]] = {place.href: [] for place in places}
    worked: dict[str, list[float]] = {place.href: [] for place in places}
    queries = {}
    for href in spent:
        with (
            CaptureQueriesContext(connections["default"]) as main,
            CaptureQueriesContext(connections["events"]) as more,
        ):
            assert client.get(href, follow=True).status_code == 200, href
        queries[href] = len(main) + len(more)
    for _turn in range(times):
        for href in spent:
            started, started_cpu = time.perf_counter(), time.process_time()
            client.get(href, follow=True)
            spent[href].append((time.perf_counter() - started) * 1000)
            worked[href].append((time.process_time() - started_cpu) * 1000)
    return [
        {
            "place": place.name,
            "role": user.role,
            "queries": queries[place.href],
            "p50": statistics.median(spent[place.href]),
            "p95": statistics.quantiles(spent[place.href], n=20)[-1],
            "cpu": statistics.median(worked[place.href]),
        }
        for place in places
    ]


def _size() -> str:
    from baton.people.contacts.models import Contact
    from baton.sales.deals.models import Deal
    from baton.tracking.store.health import counted_events

    events = sum(counted_events().values())
    return f"{Contact.objects.count():,} contacts, {Deal.objects.count():,} deals, {events:,} events"


if __name__ == "__main__":
    main()
