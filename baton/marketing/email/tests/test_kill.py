"""kill -9 of the worker in mid-mailing: nobody gets the mail twice, nobody is lost, what is not known is said."""

from __future__ import annotations

import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from baton.marketing.email.tests.yard import Yard, wait_for

PEOPLE, KILLS = 5_000, 10


@pytest.mark.slow
@pytest.mark.own_sqlite
def test_ten_kills_lose_and_double_nobody(tmp_path: Path) -> None:
    chance = random.Random(7)
    yard = Yard(tmp_path / "home")
    sink = yard.start_sink()
    worker = None
    try:
        assert yard.start("fill", str(PEOPLE)).wait() == 0
        for _kill in range(KILLS):
            worker = yard.start("work")
            goal = min(len(yard.taken()) + chance.randrange(60, 400), PEOPLE - 1)
            assert wait_for(lambda goal=goal: len(yard.taken()) >= goal), (tmp_path / "home/stderr").read_text()[-2000:]
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        assert len(yard.taken()) < PEOPLE, "the last kill came after the end"
        worker = yard.start("work")
        ended = wait_for(lambda: yard.ask("SELECT state FROM marketing_broadcast") == [("sent",)])
        assert ended, (tmp_path / "home/stderr").read_text()[-2000:]
    finally:
        for process in (worker, sink):
            if process:
                process.kill()
                process.wait()
        sink.stdout.close()
    states = dict(
        yard.ask("SELECT c.email, d.state FROM people_delivery d JOIN people_contact c ON c.id = d.contact_id")
    )
    taken = Counter(yard.taken())
    assert len(states) == PEOPLE
    assert set(states.values()) <= {"handed", "unknown"}
    assert [address for address, times in taken.items() if times > 1] == []
    assert {address for address, state in states.items() if state == "handed"} <= set(taken)
    assert set(taken) <= set(states)
    assert Counter(states.values())["unknown"] <= KILLS, "one connection, so at most one for each kill"
