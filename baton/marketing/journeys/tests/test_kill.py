"""kill -9 of the workers in the middle of a journey: nobody is lost, nothing is done twice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from baton.marketing.journeys.tests.yard import JourneyYard
from baton.platform.db import is_sqlite
from baton.platform.mail.transport import CONNECTIONS

PEOPLE, KILLS, WORKERS = 600, 5, 2
WAY = [("e1",), ("l1",), ("s1",), ("e2",)]

pytestmark = pytest.mark.slow


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[JourneyYard]:
    made = JourneyYard(tmp_path / "home")
    made.start_sink()
    yield made
    made.end()


@pytest.fixture
def postgres_yard(transactional_db: None, tmp_path: Path) -> Iterator[JourneyYard]:
    made = JourneyYard.in_test_database(tmp_path / "home")
    made.start_sink()
    yield made
    made.end()


@pytest.mark.own_sqlite
def test_killed_workers_lose_and_double_nobody(yard: JourneyYard) -> None:
    _gone_under_kills(yard, PEOPLE, KILLS)


@pytest.mark.skipif(is_sqlite(), reason="the run on PostgreSQL does this")
def test_killed_workers_lose_and_double_nobody_on_postgresql(postgres_yard: JourneyYard) -> None:
    _gone_under_kills(postgres_yard, PEOPLE // 2, KILLS // 2)


def _gone_under_kills(yard: JourneyYard, people: int, kills: int) -> None:
    chance = random.Random(5)
    yard.run("begin", people)
    yard.work_while(lambda: yard.ask("SELECT count(*) FROM marketing_journeyrun") < [(people // 3,)], workers=WORKERS)
    for _kill in range(kills):
        yard.work_until(len(yard.taken()) + chance.randrange(40, people // kills), workers=WORKERS)
    assert len(yard.taken()) < 2 * people, "the last kill came after the end"
    yard.work_until_through(people)
    assert yard.amiss() == []
    unknown = yard.ask("SELECT count(*) FROM people_delivery WHERE state = 'unknown'")[0][0]
    assert unknown <= (kills + 1) * WORKERS * CONNECTIONS, "one for each connection that was killed"
    assert yard.ask("SELECT count(*), count(DISTINCT contact_id) FROM marketing_journeyrun") == [(people, people)]
    assert yard.ask("SELECT count(*) FROM people_delivery") == [(2 * people,)]
    assert yard.ask("SELECT count(*) FROM marketing_listmember") == [(people,)]
    for place, (step,) in enumerate(WAY):
        passed = f"SELECT count(*) FROM marketing_journeypassage WHERE place = {place} AND step = '{step}'"
        counted = f"SELECT sum(people) FROM marketing_journeycount WHERE step = '{step}'"
        assert yard.ask(passed) == yard.ask(counted) == [(people,)]
