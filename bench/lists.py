"""Contact list and deal board over 1,000,000 contacts and 100,000 deals: server time, p50 and p95, by role and filter.

bin/bench lists [--contacts N] [--deals N] [--quick] [--postgres URL] [--kept NAME]. Every page goes through the whole
stack in one process, signed in, in turns with the profile page of the same person, which tells how noisy the machine
is. Limits: p95 under 100 ms for the contact list, 150 ms for the deal board. SQLite in a temporary home, or PostgreSQL
in a database of its own, both removed afterwards; `--kept` builds once under a name and uses it again.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
LIMITS = {"contact list": 100, "deal board": 150, "deal list": 150, "contact page": 100, "deal page": 150}
REFERENCE = "profile page"
WARM_UPS = 3
# One in twenty, a few, one, hundreds, one, one in twenty of two words, all but a few, the same half typed, none, one in
# a hundred of many words.
TEXTS = ("ada", "bakomu", "ada bakomu", "c777", "p777777", "ada example", "example", "exam", "nowhere", "rumu")


@dataclass
class Variant:
    """One page as one person asks for it, and what its repetitions took, in ms."""

    page: str
    what: str
    client: Any
    address: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.wall, n=20, method="inclusive")[-1]

    def ask(self) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        answer = self.client.get(self.address, SERVER_NAME="localhost")
        self.wall.append(1000 * (time.perf_counter() - wall))
        self.cpu.append(1000 * (time.process_time() - cpu))
        if answer.status_code != 200:
            raise SystemExit(f"{self.address} answered {answer.status_code}")

    def __str__(self) -> str:
        limit = LIMITS.get(self.page)
        aim = f"limit {limit} ms, ratio {self.p95 / limit:.2f}" if limit else "the reference"
        return (
            f"{self.page:<12} {self.what:<46} p50 {statistics.median(self.wall):7.1f} ms  p95 {self.p95:7.1f} ms  "
            f"cpu {statistics.median(self.cpu):6.1f} ms  {aim}"
        )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--contacts", type=int, default=1_000_000)
    asked.add_argument("--deals", type=int, default=100_000)
    asked.add_argument("--quick", action="store_true", help="a tenth of the size")
    asked.add_argument("--times", type=int, default=30, help="repetitions of each page, two at least")
    asked.add_argument("--only", default="", help="pages whose line would hold this text")
    asked.add_argument(
        "--postgres", default=os.environ.get("DATABASE_URL", ""), help="a server that may make databases"
    )
    asked.add_argument("--kept", default="", help="a name to keep the data under")
    given = asked.parse_args()
    share = 10 if given.quick else 1
    size = given.contacts // share, given.deals // share
    with a_postgres(given.postgres, given.kept) if given.postgres else a_home(given.kept) as is_new:
        report(measured(people_of(size, is_new), size, given.times, given.only), size)


@contextlib.contextmanager
def a_home(kept: str) -> Iterator[bool]:
    """A home for SQLite; gives whether it is empty."""
    with a_folder(kept) as home:
        is_new = not (home / "baton.sqlite3").exists()
        os.environ.update(BATON_HOME=str(home), DATABASE_URL="")
        yield is_new


@contextlib.contextmanager
def a_folder(kept: str) -> Iterator[Path]:
    """The folder kept under that name, or one that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        yield Path(tempfile.gettempdir()) / f"baton-bench-kept-{kept}" if kept else Path(folder)


@contextlib.contextmanager
def a_postgres(url: str, kept: str) -> Iterator[bool]:
    """A database of our own on that server; gives whether it is empty."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    name = f"baton_bench_{kept or secrets.token_hex(6)}"
    base = url.rpartition("/")[0]
    with psycopg.connect(url, autocommit=True) as server, a_folder(kept and f"{kept}-postgres") as home:
        is_new = not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if is_new:
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        os.environ.update(BATON_HOME=str(home), DATABASE_URL=f"{base}/{name}")
        try:
            yield is_new
        finally:
            if not kept:
                server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def people_of(size: tuple[int, int], is_new: bool) -> Any:
    """The people of the company, which is made where the database is empty."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "baton.web.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from made import big_company

    for alias in ("default", "events"):
        call_command("migrate", database=alias, verbosity=0)
    started = time.monotonic()
    people = big_company.make(*size) if is_new else big_company.known()
    print(f"made in {time.monotonic() - started:.0f} s" if is_new else "made before", flush=True)
    return people


def measured(people: Any, size: tuple[int, int], times: int, only: str) -> list[Variant]:
    """Every variant asked `times` times, in turns."""
    from baton.web.heap import settle

    variants = [*references(people), *contact_lists(people), *boards(people), *deal_lists(people), *pages(people, size)]
    variants = [v for v in variants if v.page == REFERENCE or only in str(f"{v.page} {v.what}")]
    settle()
    for turn in range(WARM_UPS + times):
        for variant in variants:
            if turn == WARM_UPS:
                variant.wall.clear()
                variant.cpu.clear()
            variant.ask()
    return variants


def report(variants: list[Variant], size: tuple[int, int]) -> None:
    from django.db import connection

    print(f"{connection.vendor}, {size[0]:,} contacts, {size[1]:,} deals")
    for variant in variants:
        print(variant)
    for page, limit in LIMITS.items():
        of_page = [variant for variant in variants if variant.page == page]
        if of_page:
            worst = max(of_page, key=lambda variant: variant.p95)
            print(
                f"{page}, worst of {len(of_page)} variants ({worst.what}): p95 {worst.p95:.0f} ms, limit {limit} ms, "
                f"ratio {worst.p95 / limit:.2f}"
            )


def signed_in(user: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


def references(people: Any) -> list[Variant]:
    return [Variant(REFERENCE, "administrator", signed_in(people.administrator), "/me/")]


def contact_lists(people: Any) -> Iterator[Variant]:
    from baton.people.contacts.models import Contact
    from baton.people.contacts.reads import SORTS
    from baton.platform.pages import page_of

    company = Contact.objects.live().exclude(company=None).values_list("company", flat=True)[0]
    filters: list[dict[str, Any]] = [
        {"owner": "me"},
        {"owner": people.reps[1].pk},
        {"owner": "none"},
        *({"lifecycle": stage} for stage in ("subscriber", "customer", "evangelist")),
        *({"country": country} for country in ("DE", "IS")),
        *({"source": source} for source in ("none", "email", "print")),
        *({"email": known} for known in ("yes", "no")),
        {"company": company},
        {"country": "IS", "lifecycle": "evangelist"},
        {"lifecycle": "customer", "country": "NO", "source": "print"},
        *({"q": text} for text in TEXTS),
        {"q": "ada", "lifecycle": "evangelist"},
        {"q": "example", "country": "IS"},
    ]
    for role in ("administrator", "region", "manager", "rep", "newcomer"):
        client = signed_in(getattr(people, role))
        for sort in SORTS:
            yield Variant("contact list", f"{role}, {sort}", client, f"/contacts/?sort={sort}")
        for chosen in filters:
            if chosen == {"owner": "none"} and role != "administrator":
                continue  # not offered to them
            yield Variant("contact list", f"{role}, {urlencode(chosen)}", client, f"/contacts/?{urlencode(chosen)}")
        yield Variant(
            "contact list", f"{role}, -engagement, customer", client, "/contacts/?sort=-engagement&lifecycle=customer"
        )
    client = signed_in(people.administrator)
    total = Contact.objects.live().count()
    for sort, order in SORTS.items():
        rows = Contact.objects.live().only("pk", order.field)
        for share in (0.25, 0.9):
            two = [row.pk for row in rows.order_by(*order.order)[int(total * share) :][:2]]
            cursor = page_of(rows.filter(pk__in=two), order, "", size=1).next
            yield Variant(
                "contact list", f"administrator, {sort}, {share:.0%} deep", client,
                f"/contacts/?{urlencode({'sort': sort, 'after': cursor})}",
            )  # fmt: skip


def boards(people: Any) -> Iterator[Variant]:
    from baton.sales.deals.models import Deal

    filters = ["", "owner=me", "closing=quarter", "closing=past", "needs=stalled", "needs=no_next_step", "needs=late",
               "q=bako", "team=2"]  # fmt: skip
    for role in ("administrator", "region", "manager", "rep", "newcomer"):
        client = signed_in(getattr(people, role))
        for chosen in filters:
            yield Variant("deal board", f"{role}, {chosen or 'all open'}", client, f"/deals/?{chosen}")
    deal = Deal.objects.live().filter(state="open").order_by("entered_stage_at")[100]
    client = signed_in(people.administrator)
    address = f"/deals/board/column/{deal.stage_id}/?after={deal.pk}"
    yield Variant("deal board", "administrator, the end of a column", client, address)


def deal_lists(people: Any) -> Iterator[Variant]:
    from baton.sales.deals.paging import SORTS

    filters = [*(f"sort={sort}" for sort in SORTS), *(f"sort={sort}&state=all" for sort in SORTS), "state=won",
               "needs=late", "closing=quarter", "q=bako&state=all"]  # fmt: skip
    for role in ("administrator", "manager", "rep"):
        client = signed_in(getattr(people, role))
        for chosen in filters:
            yield Variant("deal list", f"{role}, {chosen}", client, f"/deals/list/?{chosen}")


def pages(people: Any, size: tuple[int, int]) -> Iterator[Variant]:
    client = signed_in(people.administrator)
    yield Variant("contact page", "200 lines of timeline", client, f"/contacts/{size[0] - 1}/")
    yield Variant("deal page", "a deal", client, f"/deals/{size[1] // 2}/")


if __name__ == "__main__":
    main()
