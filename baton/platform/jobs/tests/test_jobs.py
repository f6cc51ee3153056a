"""Rows are the truth: what is enqueued is done, once settled, whatever dies in between."""

from __future__ import annotations

import functools
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from baton.platform import jobs, wiring
from baton.platform.jobs import actions, doorbell
from baton.platform.jobs.models import Job
from baton.platform.jobs.worker import Every, Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seen: list[int] = []
    kinds = {
        "test.note": lambda job, number: seen.append(number),
        "test.fail": lambda job: 1 / 0,
        "test.again": lambda job: (_ for _ in ()).throw(jobs.TryAgain(60)),
        "test.repeat": lambda job: seen.append(0),
    }
    monkeypatch.setattr(wiring, "job_kinds", lambda: kinds)
    return seen


def test_due_jobs_run_in_order_and_future_ones_wait(done: list[int]) -> None:
    jobs.enqueue("test.note", number=1)
    jobs.enqueue("test.note", number=2)
    jobs.enqueue("test.note", number=3, run_at=timezone.now() + timedelta(hours=1))
    assert jobs.run_due() == 2
    assert done == [1, 2]
    assert Job.objects.filter(state="waiting").count() == 1


def test_a_key_is_kept_once_however_often_it_is_enqueued(done: list[int]) -> None:
    assert jobs.enqueue("test.note", key="one", number=1) is not None
    assert jobs.enqueue("test.note", key="one", number=2) is None
    jobs.run_due()
    assert jobs.enqueue("test.note", key="one", number=3) is None
    assert done == [1]


def test_a_job_of_a_rolled_back_change_never_was(done: list[int]) -> None:
    with transaction.atomic():
        jobs.enqueue("test.note", number=1)
        transaction.set_rollback(True)
    assert jobs.run_due() == 0


def test_a_failing_job_waits_longer_each_time_and_ends_as_failed_with_its_error(done: list[int]) -> None:
    jobs.enqueue("test.fail")
    waits = []
    for _attempt in range(actions.MAX_ATTEMPTS):
        jobs.run_due(now=timezone.now() + timedelta(days=1))
        job = Job.objects.get()
        waits.append(job.run_at)
    assert job.state == "failed"
    assert "ZeroDivisionError" in job.error
    assert waits == sorted(waits)


def test_a_job_that_asks_to_run_again_is_not_counted_as_failed(done: list[int]) -> None:
    jobs.enqueue("test.again")
    jobs.run_due()
    job = Job.objects.get()
    assert (job.state, job.attempts, job.error) == ("waiting", 0, "")


def test_a_dead_workers_job_is_done_by_the_next(done: list[int]) -> None:
    jobs.enqueue("test.note", number=1)
    dead = actions._lease(timezone.now())
    assert jobs.run_due() == 0
    actions.sweep(dead.leased_until + timedelta(seconds=1))
    jobs.run_due(now=dead.leased_until + timedelta(seconds=2))
    assert done == [1]


def test_a_worker_that_lost_its_lease_may_not_settle_the_next_ones_work(done: list[int]) -> None:
    jobs.enqueue("test.note", number=1)
    slow = actions._lease(timezone.now())
    actions.sweep(slow.leased_until + timedelta(seconds=1))
    fresh = actions._lease(slow.leased_until + timedelta(seconds=2))
    actions._run(slow)
    fresh.refresh_from_db()
    assert fresh.state == "running"
    with pytest.raises(jobs.TryAgain):
        jobs.heartbeat(slow)


def test_repeating_work_is_enqueued_once_across_workers(done: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring.page(), "CRON", [Every("test.repeat", 3600)])
    monkeypatch.setattr(wiring.page(), "TICKS", [])
    now = timezone.now()
    Worker().turn(now)
    Worker().turn(now)
    assert done == [0]


def test_a_failing_tick_does_not_stop_the_worker(done: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring.page(), "CRON", [])
    monkeypatch.setattr(wiring.page(), "TICKS", [lambda: 1 / 0, lambda: done.append(9)])
    jobs.enqueue("test.note", number=1)
    Worker().turn(timezone.now())
    assert done == [9, 1]


def test_a_wiped_doorbell_loses_nothing(done: list[int]) -> None:
    jobs.enqueue("test.note", number=1)
    while doorbell.wait(0.01):
        pass
    jobs.run_due()
    assert done == [1]


@pytest.fixture(params=["pipe", "redis"])
def bell(request: pytest.FixtureRequest, tmp_path: Path) -> doorbell.Bell:
    """A bell that nobody has rung."""
    if request.param == "pipe":
        return doorbell.Pipe(tmp_path / "doorbell")
    if not (url := os.environ.get("BATON_TEST_REDIS_URL")):
        pytest.skip("needs a Redis")
    made = doorbell.RedisList(url)
    made._redis.delete(made.KEY)
    return made


def test_each_ring_wakes_one_who_waits(bell: doorbell.Bell) -> None:
    bell.ring()
    bell.ring()
    assert bell.unheard() == 2
    assert [bell.hear(2), bell.hear(2), bell.hear(0.01)] == [True, True, False]


def test_who_waits_is_woken_by_another_process_at_the_same_pipe(tmp_path: Path) -> None:
    bell, other = doorbell.Pipe(tmp_path / "doorbell"), doorbell.Pipe(tmp_path / "doorbell")
    with ThreadPoolExecutor() as pool:
        woken = pool.submit(bell.hear, 10)
        other.ring()
        assert woken.result()


def test_the_house_is_not_rung_without_end() -> None:
    for _ in range(2 * doorbell.ENOUGH):
        doorbell.ring()
    heard = 0
    while doorbell.wait(0.01):
        heard += 1
    assert heard == doorbell.ENOUGH


def test_a_broken_doorbell_stops_nobody(done: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doorbell, "_bell", functools.cache(lambda: doorbell.Pipe(tmp_path / "gone" / "doorbell")))
    jobs.enqueue("test.note", number=1)
    assert not doorbell.wait(0.01)
    jobs.run_due()
    assert done == [1]


def test_a_job_that_lost_its_database_is_due_again_at_once(done: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring.page(), "CRON", [])
    monkeypatch.setattr(wiring.page(), "TICKS", [])
    jobs.enqueue("test.note", number=1)
    mine, other = actions._lease(timezone.now()), Job.objects.create(kind="test.note", payload={"number": 2})
    Job.objects.filter(pk=other.pk).update(state="running", leased_by="elsewhere:1:ab", attempts=1)
    worker = Worker()
    worker._was_away = True
    worker.turn(timezone.now())
    mine.refresh_from_db()
    assert (done, mine.state, mine.attempts) == ([1], "done", 1)
    assert Job.objects.get(pk=other.pk).state == "running"


def test_an_urgent_job_goes_before_all_that_waits_longer(done: list[int]) -> None:
    for number in range(3):
        jobs.enqueue("test.note", number=number)
    jobs.enqueue("test.note", number=9, is_urgent=True)
    jobs.run_due()
    assert done == [9, 0, 1, 2]


def test_the_urgent_lane_takes_no_other_job(done: list[int]) -> None:
    jobs.enqueue("test.note", number=1)
    assert jobs.run_due(only_urgent=True) == 0
    jobs.enqueue("test.note", number=9, is_urgent=True)
    assert jobs.run_due(only_urgent=True) == 1
    assert done == [9]


def test_a_long_job_makes_way_for_an_urgent_one_alone(done: list[int]) -> None:
    long = jobs.enqueue("test.note", number=1)
    jobs.enqueue("test.note", number=2)
    jobs.make_way(long)
    jobs.enqueue("test.note", number=9, is_urgent=True)
    with pytest.raises(jobs.TryAgain):
        jobs.make_way(long)
