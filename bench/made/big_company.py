"""A company as large as the published figures say: people in teams, contacts, companies, deals, tasks, search rows.

The same numbers give the same rows (seeded). Skewed as real ones are: a third of the contacts is nobody's, half never
left the first lifecycle stage, most never did anything; two deals in five are open.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

from baton.people.companies.models import Company
from baton.people.companies.search import findable as findable_company
from baton.people.contacts.models import Contact
from baton.people.contacts.search import findable as findable_contact
from baton.people.timeline.models import TimelineEntry
from baton.platform.accounts.models import Team, User
from baton.platform.fields.models import FieldDefinition
from baton.platform.search import index_many
from baton.platform.search.models import SearchRow
from baton.sales.deals.models import Deal, DealContact
from baton.sales.deals.search import findable as findable_deal
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.tasks.models import Task

FIRST = "Ada Grace Jörg Zoë Linus Ewa Noor Ravi Mei Olu Ana Ben Cleo Dag Elif Finn Gita Hugo Ines Jun".split()
SYLLABLES = "ba ko mül sch ru ten da lo vi sen ka ro fi del mar qui zo han wer ti".split()
TITLES = ["Head of Marketing", "Sales Manager", "Engineer", "Geschäftsführer", "", "VP Operations"]
LIFECYCLES = {
    "subscriber": 550, "lead": 200, "mql": 80, "sal": 30, "sql": 20, "opportunity": 20, "customer": 60, "evangelist": 1,
    "disqualified": 20, "recycled": 10, "former_customer": 9,
}  # fmt: skip
COUNTRIES = {"DE": 300, "US": 300, "GB": 100, "FR": 80, "NL": 60, "ES": 50, "PL": 50, "JP": 30, "NO": 29, "IS": 1}
SOURCES = {"": 200, "organic_search": 250, "paid_search": 200, "email": 150, "event": 100, "referral": 99, "print": 1}
STATES = {"open": 40, "lost": 38, "won": 22}
CURRENCIES = {"USD": 85, "EUR": 10, "GBP": 5}
PIPELINES = {
    "New business": ["Discovery", "Demo", "Proposal", "Negotiation", "Contract", "Signing"],
    "Renewals": ["Due", "Talking", "Offer"],
}
REPS, TEAMS = 50, 10
NOW = datetime.now(UTC).replace(microsecond=0)
DAYS = 5 * 365
BATCH = 20_000
COPIES = 10


@dataclass
class People:
    """Who signs in. `region` manages the five teams below them, `manager` one team, `newcomer` has 40 contacts."""

    administrator: User
    region: User
    manager: User
    rep: User
    newcomer: User
    reps: list[User]


def make(contacts: int, deals: int) -> People:
    """Fill an empty, migrated database; gives the people. A tenth is drawn, the rest are copies under other names."""
    drawn, sold, firms = contacts // COPIES, deals // COPIES, max(contacts // 10 // COPIES, 10)
    dice = random.Random(7)
    with _quick_loading(Company, Contact, Deal, DealContact, SearchRow, TimelineEntry):
        people = _people()
        companies = list(_companies(firms, people, dice))
        FieldDefinition.objects.create(on="contact", key="badge", label="Badge", kind="text")
        _store(Company, companies, findable_company)
        _store(Contact, _contacts(drawn, companies, people, dice), findable_contact)
        _store(Deal, _deals(sold, companies, _stages(), people, dice), findable_deal)
        token = "token || '{k}'"
        _copy(Company, id=firms, token=token, domain="'{k}' || domain", name="name || ' {k}'")
        _copy(
            Contact,
            id=drawn,
            company_id=firms,
            token=token,
            email="CASE WHEN email = '' THEN '' ELSE '{k}' || email END",
        )
        _copy(Deal, id=sold, company_id=firms, token=token)
        number = f"CASE kind WHEN 'company' THEN {firms} WHEN 'deal' THEN {sold} ELSE {drawn} END"
        thing = f"thing_id + {{k}} * {number}"
        _copy(
            SearchRow,
            f"thing_id <= {number}",
            id=f"({thing}) * 8 + id % 8",
            thing_id=thing,
            folded="replace(folded, ' p', ' {k}p')",
        )
        _store(DealContact, _parts(deals, contacts, dice))
        _store(Task, _tasks(people, dice))
        _store(TimelineEntry, _timeline(deals, contacts))
    return people


def known() -> People:
    """The people of a database that `make` has filled before."""
    by_name = {user.name: user for user in User.objects.all()}
    reps = [by_name[f"Rep {n}"] for n in range(REPS)]
    names = ("Administrator", "Region", "Manager")
    return People(*(by_name[name] for name in names), reps[0], by_name["Newcomer"], reps)


def _people() -> People:
    north = Team.create("North")
    teams = [Team.create(f"Team {n}", parent=north if n < TEAMS // 2 else None) for n in range(TEAMS)]
    make_user = User.objects.create_user
    reps = [make_user(f"rep{n}@baton.example", name=f"Rep {n}", role="rep", team=teams[n % TEAMS]) for n in range(REPS)]
    return People(
        make_user("administrator@baton.example", name="Administrator", role="administrator"),
        make_user("region@baton.example", name="Region", role="sales_manager", team=north),
        make_user("manager@baton.example", name="Manager", role="sales_manager", team=teams[0]),
        reps[0],
        make_user("newcomer@baton.example", name="Newcomer", role="rep", team=teams[0]),
        reps,
    )


def _companies(count: int, people: People, dice: random.Random) -> Iterator[Company]:
    for n in range(count):
        at = NOW - timedelta(minutes=dice.randrange(DAYS * 1440))
        name, owner = f"{_word(dice)} {_word(dice)} {n}", dice.choice(people.reps)
        yield Company(pk=n + 1, name=name, domain=f"c{n}.example", owner=owner, created_at=at, changed_at=at)


def _contacts(count: int, companies: list[Company], people: People, dice: random.Random) -> Iterator[Contact]:
    drawn = zip(_drawn(LIFECYCLES, dice), _drawn(COUNTRIES, dice), _drawn(SOURCES, dice), strict=False)
    for n, (lifecycle, country, source) in zip(range(count), drawn, strict=False):
        at = NOW - timedelta(seconds=dice.randrange(DAYS * 86_400))
        company = dice.choice(companies) if n % 4 else None
        owner = people.newcomer if n % (count // 4) == 0 else None if n % 3 == 0 else dice.choice(people.reps)
        yield Contact(
            pk=n + 1,
            first_name=dice.choice(FIRST),
            last_name=_word(dice),
            email="" if n % 30 == 7 else f"p{n}@{company.domain if company else 'mail.example'}",
            phone=f"+49301{n:07}" if n % 4 else "",
            job_title=TITLES[n % 6],
            company=company,
            city="Berlin",
            country=country,
            lifecycle=lifecycle,
            fit_score=dice.randrange(100),
            engagement_score=0 if n % 10 < 7 else dice.random() * 100,
            source=source,
            owner=owner,
            custom={"1": f"B{n}"} if n % 3 == 0 else {},
            created_at=at,
            changed_at=at + (NOW - at) * dice.random(),
            deleted_at=NOW if n % 200 == 199 else None,
        )


def _stages() -> list[Stage]:
    stages = []
    for place, (name, steps) in enumerate(PIPELINES.items()):
        pipeline = Pipeline.objects.create(name=name, position=place)
        for n, step in enumerate(steps):
            stages.append(Stage.objects.create(pipeline=pipeline, name=step, position=n, probability=10 + 13 * n))
    return stages


def _deals(
    count: int, companies: list[Company], stages: list[Stage], people: People, dice: random.Random
) -> Iterator[Deal]:
    """Four in five in the first pipeline; every twelfth without an amount, every tenth without a date."""
    many = {stage: 5 if stage.pipeline == stages[0].pipeline else 2 for stage in stages}
    drawn = zip(_drawn(STATES, dice), _drawn(CURRENCIES, dice), _drawn(many, dice), strict=False)
    for n, (state, currency, stage) in zip(range(count), drawn, strict=False):
        opened = NOW - timedelta(minutes=dice.randrange((60 if state == "open" else DAYS) * 1440))
        yield Deal(
            pk=n + 1,
            name=f"{_word(dice)} {_word(dice)}",
            pipeline_id=stage.pipeline_id,
            stage=stage,
            state=state,
            amount_minor=None if n % 12 == 0 else dice.randrange(100_000, 20_000_000),
            currency=currency,
            company=dice.choice(companies),
            owner=None if n % 50 == 0 else dice.choice(people.reps),
            probability=stage.probability,
            opened_at=opened,
            entered_stage_at=opened + (NOW - opened) * dice.random(),
            expected_close_on=None if n % 10 == 0 else opened.date() + timedelta(days=dice.randrange(20, 150)),
            closed_at=None if state == "open" else opened + timedelta(days=20),
            created_at=opened,
            changed_at=opened,
        )


def _parts(deals: int, contacts: int, dice: random.Random) -> Iterator[DealContact]:
    for deal in range(1, deals + 1):
        for place, contact in enumerate(dice.sample(range(1, contacts + 1), 1 + deal % 3)):
            role = DealContact.Role.CHAMPION if place else DealContact.Role.DECISION_MAKER
            yield DealContact(deal_id=deal, contact_id=contact, role=role, is_primary=place == 0)


def _tasks(people: People, dice: random.Random) -> Iterator[Task]:
    """A next step for three open deals in four, a fifth of them late."""
    for deal, owner in Deal.objects.filter(state="open").values_list("pk", "owner").iterator():
        if deal % 4:
            due = NOW + timedelta(hours=dice.randrange(-48, 200))
            yield Task(kind="call", title="Call", due_at=due, owner_id=owner, deal_id=deal)


def _timeline(deals: int, contacts: int) -> Iterator[TimelineEntry]:
    """Three lines a deal, and two hundred on the last contact's page."""
    for n in range(3 * deals):
        pair = {"deal_id": n // 3 + 1, "contact_id": n % contacts + 1}
        yield TimelineEntry(
            key=f"d{n}", at=NOW - timedelta(hours=n % 9000), side="sales", kind="deal", title="Moved", **pair
        )
    for n in range(200):
        at = NOW - timedelta(hours=n)
        yield TimelineEntry(
            key=f"v{n}", at=at, side="marketing", kind="visit", title="Pricing", contact_id=contacts - 1
        )


def _word(dice: random.Random) -> str:
    return (dice.choice(SYLLABLES) + dice.choice(SYLLABLES) + dice.choice(SYLLABLES)).capitalize()


def _drawn(weights: dict[Any, int], dice: random.Random) -> Iterator[Any]:
    """Endless draws by weight."""
    while True:
        yield from dice.choices(list(weights), list(weights.values()), k=1000)


def _copy(model: type[models.Model], which: str = "", **changed: Any) -> None:
    """Each row COPIES - 1 times more: a number in `changed` is added once more each time, a text is the new value."""
    table, columns = model._meta.db_table, [field.column for field in model._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {table}")
        last = cursor.fetchone()[0]
        for k in range(1, COPIES):
            values = {
                name: f"{name} + {k * to}" if isinstance(to, int) else to.format(k=k) for name, to in changed.items()
            }
            shown = ", ".join(values.get(name, f'"{name}"') for name in columns)
            names = ", ".join(f'"{name}"' for name in columns)
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {shown} FROM {table} WHERE {which or f'id <= {last}'}"
            )


INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE INDEX%%' AND tbl_name = %s",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE 'CREATE INDEX%%' AND tablename = %s",
}
QUICK = {
    "sqlite": ["PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000"],
    "postgresql": ["SET synchronous_commit = off", "SET maintenance_work_mem = '256MB'"],
}


@contextlib.contextmanager
def _quick_loading(*tables: type[models.Model]) -> Iterator[None]:
    """The tables without their indexes while they are filled, and the database's figures about them afterwards."""
    with connection.cursor() as cursor:
        for setting in QUICK[connection.vendor]:
            cursor.execute(setting)
        dropped = []
        for table in tables:
            cursor.execute(INDEXES[connection.vendor], [table._meta.db_table])
            dropped += cursor.fetchall()
        for name, _sql in dropped:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        for _name, sql in dropped:
            cursor.execute(sql)
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")  # as autovacuum does
    connection.close()


def _store(model: type[models.Model], rows: Iterable[Any], findable: Any = None) -> None:
    """Rows in bulk, each with its search row where `findable` makes one."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        with transaction.atomic():
            model.objects.bulk_create(batch)  # type: ignore[attr-defined]
            if findable:
                index_many(findable(row) for row in batch if row.deleted_at is None)
