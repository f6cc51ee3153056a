"""Figures counted over arrays are those that the questions' SQL gives, whatever the filters and wherever visits lie."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from baton.people.contacts.models import Contact
from baton.tracking.identity.actions import STRONG, claim_visitor
from baton.tracking.store import append
from baton.tracking.store.engines.files import Files
from baton.tracking.store.erasure import erase_events
from baton.tracking.store.figures import FIGURES
from baton.tracking.store.figures.counting import days_of, different
from baton.tracking.store.mover import move
from baton.tracking.store.questions import checked, question
from baton.tracking.store.snapshot import look
from baton.tracking.store.tests.made import END, START, an_event, some_events
from baton.tracking.store.visit_keeper import keep_visits

LATER = END + timedelta(days=40)
VALUES = {
    "channel": ["email", "organic_search", "direct"],
    "source": ["google", "(none)", "newsletter"],
    "campaign": ["spring", "(none)"],
    "page": ["/pricing", "/never"],
    "entry": ["/", "(none)"],
    "exit": ["/guide"],
    "device": ["phone", "(none)"],
    "country": ["DE", "(none)"],
    "site": ["shop.example", "other.example"],
}


def rows_of(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [
        [round(float(one), 6) if isinstance(one, (float, Decimal)) else one for one in row]
        for row in rows
    ]  # fmt: skip


def by_both(files: Files, name: str, **given: Any) -> tuple[list[Any], list[Any]]:
    """The rows of a figure, and those of the question's SQL over the same visits."""
    asked = question(name)
    params = checked(asked, {key: value for key, value in given.items() if key in asked.params}, zone="Europe/Berlin")
    _columns, rows = files.run(asked, params)
    with files._asked(asked, params, look(with_visits=True)) as answer:
        assert [column[0] for column in answer.description] == [*asked.rows]
        return rows_of(rows), rows_of(answer.fetchall())


def asked_of(chance: random.Random) -> dict[str, Any]:
    """Parameters drawn at random: a span, filters, and what else the questions ask."""
    filters = chance.sample([*VALUES], chance.choice([0, 0, 1, 1, 2]))
    since = START + timedelta(days=chance.choice([-1, 3, 8]), hours=chance.randrange(24))
    pages = ["/", "/pricing", "/product", "/guide", "/contact", "/never"]
    return {
        "since": since,
        "until": since + timedelta(days=chance.choice([1, 9, 31])),
        "first_from": START,
        "first_until": END,
        "zone": chance.choice(["Europe/Berlin", "UTC", "Asia/Kolkata", "America/New_York"]),
        "by": chance.choice(["channel", "source", "campaign", "entry", "exit", "device", "browser", "language"]),
        "most": chance.choice([1, 3, 50]),
        "paths": chance.sample(pages, 3),
        "anchor": chance.choice(pages),
        "toward": chance.choice(["", "to"]),
        "one": chance.choice(["", *pages]),
        "two": chance.choice(["", *pages]),
        **{name: chance.choice(VALUES[name]) for name in filters},
    }


@pytest.mark.django_db(databases=["default", "events"])
def test_figures_are_those_of_the_sql() -> None:
    contacts = [Contact.objects.create(last_name=f"Number {n}") for n in range(1, 9)]
    for n in range(12):
        claim_visitor(f"v{n}", contacts[n % 8], STRONG, now=LATER)
    events = some_events(1_500, seed=11)
    for n, event in enumerate(events):
        event.contact = event.contact and contacts[event.contact - 1].pk
        event.site = "other.example" if n % 5 == 0 else event.site
        event.visitor = f"d{event.visitor}" if event.visitor.endswith("5") else event.visitor
        event.device = ["phone", "desktop", ""][len(event.path) % 3]
    append(events[:900], consumed=True)
    move(now=LATER)
    keep_visits(now=LATER)
    append(events[900:1300], consumed=True)
    move(now=LATER)
    append(events[1300:], consumed=True)
    files, chance, told = Files(), random.Random(4), 0
    for round_ in range(40):
        if round_ == 30:
            erase_events(contacts[2].pk, now=LATER)
        given = asked_of(chance)
        for name in FIGURES:
            rows, expected = by_both(files, name, **given)
            assert rows == expected, (name, given)
            told += len(rows)
    assert told > 900


@pytest.mark.django_db(databases=["default", "events"])
def test_figures_of_nothing() -> None:
    files, given = Files(), asked_of(random.Random(1))
    for name in FIGURES:
        rows, expected = by_both(files, name, **given)
        assert rows == expected
    append([an_event(START, "v1", name="order", path="")], consumed=True)
    for name in FIGURES:
        rows, expected = by_both(files, name, **{**given, "since": START, "until": END, "anchor": ""})
        assert rows == expected


def test_different_visitors_of_groups() -> None:
    chance = np.random.default_rng(3)
    visitors = chance.integers(0, 2**63, 50).astype(np.uint64)[chance.integers(0, 50, 4_000)] << np.uint64(1)
    for count in (1, 2, 7, 64):
        groups = chance.integers(0, count, len(visitors))
        expected = [len({*visitors[groups == group].tolist()}) for group in range(count)]
        for order in (np.arange(len(visitors)), np.argsort(visitors)):
            assert different(visitors[order], groups[order], count).tolist() == expected
    assert different(visitors[:0], visitors[:0], 3).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Asia/Kathmandu", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia"]
)
def test_days_of_a_zone_are_those_of_its_clock(zone) -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    quarter = 900_000_000
    for first in (
        datetime(2011, 12, 28, tzinfo=UTC),
        datetime(2018, 10, 30, tzinfo=UTC),
        datetime(2024, 3, 28, tzinfo=UTC),
    ):
        start = int(first.timestamp()) * 1_000_000
        moments = start + np.arange(0, 60 * 96) * quarter + 1
        places, days = days_of(moments, zone)
        told = [days[place] for place in places]
        assert told == [datetime.fromtimestamp(one // 1_000_000, ZoneInfo(zone)).date() for one in moments.tolist()]
