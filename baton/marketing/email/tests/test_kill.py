"""kill -9 of the worker in mid-mailing: nobody gets the mail twice, nobody is lost, what is not known is said."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from baton.marketing.email.tests.yard import LEDGER, Yard
from baton.platform.db import is_sqlite
from baton.platform.mail.transport import CONNECTIONS

PEOPLE, KILLS = 5_000, 10
WORKERS = 2

pytestmark = pytest.mark.slow


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path / "home")
    made.start_sink()
    yield made
    made.end()


@pytest.fixture
def postgres_yard(transactional_db: None, tmp_path: Path) -> Iterator[Yard]:
    made = Yard.in_test_database(tmp_path / "home")
    made.start_sink()
    yield made
    made.end()


@pytest.mark.own_sqlite
def test_ten_kills_lose_and_double_nobody(yard: Yard) -> None:
    _sent_under_kills(yard, PEOPLE, KILLS)


@pytest.mark.skipif(is_sqlite(), reason="the run on PostgreSQL does this")
def test_kills_lose_and_double_nobody_on_postgresql(postgres_yard: Yard) -> None:
    _sent_under_kills(postgres_yard, PEOPLE // 2, KILLS // 2)


def _sent_under_kills(yard: Yard, people: int, kills: int) -> None:
    chance = random.Random(7)
    yard.run("fill", people)
    for _kill in range(kills):
        yard.work_until(min(len(yard.taken()) + chance.randrange(60, 400), people - 1))
    assert len(yard.taken()) < people, "the last kill came after the end"
    yard.work_until_sent()
    toll = yard.toll(LEDGER)
    assert (toll.people, toll.lost, toll.doubled) == (people, [], [])
    assert toll.unknown <= kills * CONNECTIONS, "one for each connection that was killed"


@pytest.mark.own_sqlite
def test_kills_give_nobody_two_variants_and_nothing_to_those_held_out(yard: Yard) -> None:
    """Two workers at once, killed while the audience is cut, while the test goes out, as it is decided, and after."""
    chance, people = random.Random(11), 3_000
    yard.run("test", people)
    yard.work_while(lambda: not yard.ask("SELECT 1 FROM people_delivery LIMIT 1"), workers=WORKERS)
    yard.work_until(chance.randrange(100, 900), workers=WORKERS)
    yard.work_while(lambda: not _decisions(yard), workers=WORKERS)
    yard.work_until(len(yard.taken()) + chance.randrange(100, 900), workers=WORKERS)
    yard.work_until_sent()

    toll = yard.toll(LEDGER)
    assert (toll.people, toll.lost, toll.doubled) == (people, [], [])
    assert toll.unknown <= 4 * WORKERS * CONNECTIONS
    assert len(_decisions(yard)) == 1
    held = dict(yard.ask(f"{LEDGER} WHERE d.variant = '-' AND d.reason = 'held_out'"))
    assert set(held.values()) == {"skipped"}
    assert not set(held) & set(yard.taken())
    ((winner,),) = yard.ask("SELECT winner FROM marketing_trial")
    parts = Counter(variant for (variant,) in yard.ask("SELECT variant FROM people_delivery"))
    assert parts["-"] == len(held)
    assert set(parts) == {"-", "A", "B", winner.lower()}
    assert parts[winner.lower()] > parts["A"] > 0


def _decisions(yard: Yard) -> list[tuple]:
    return yard.ask("SELECT id FROM platform_journalentry WHERE verb = 'trial.decided'")
