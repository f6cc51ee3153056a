"""The verbs of jobs: enqueue, lease, run, heartbeat, sweep."""

from __future__ import annotations

import logging
import os
import socket
import threading
import traceback
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.query import QuerySet
from django.utils import timezone

from baton.platform import wiring
from baton.platform.db import is_sqlite
from baton.platform.jobs import doorbell
from baton.platform.jobs.models import Job

log = logging.getLogger("baton.jobs")

LEASE_SECONDS = 120
MAX_ATTEMPTS = 8
FIRST_RETRY_SECONDS = 5


class TryAgain(Exception):
    """A handler asks to be run again after `seconds`; it counts as no failed attempt."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


def enqueue(
    kind: str, *, key: str | None = None, run_at: datetime | None = None, is_urgent: bool = False, **payload: Any
) -> Job | None:
    """Add a job in the caller's transaction and ring once it commits.

    A `key` makes it the only one of that key ever kept: a repeat is ignored and gives None. An urgent one goes before
    all that is not.
    """
    job = Job(kind=kind, key=key, payload=payload, run_at=run_at or timezone.now(), is_urgent=is_urgent)
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        if key is None:
            raise
        return None
    transaction.on_commit(doorbell.ring, robust=True)
    return job


def run_due(*, limit: int = 1000, now: datetime | None = None, only_urgent: bool = False) -> int:
    """Run due jobs one after the other, the urgent first, until none is left or `limit` is reached; gives how many."""
    ran = 0
    while ran < limit and (job := _lease(now or timezone.now(), only_urgent=only_urgent)):
        _run(job)
        ran += 1
    return ran


def make_way(job: Job) -> None:
    """Between two pieces of a long job: let an urgent one go first. Raises TryAgain where one is due."""
    if not job.is_urgent and _due(timezone.now()).filter(is_urgent=True).exists():
        raise TryAgain(0)


def heartbeat(job: Job) -> None:
    """Extend the lease of a long job. Raises TryAgain when the lease was lost to another worker."""
    until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    kept = Job.objects.filter(pk=job.pk, leased_by=job.leased_by, state=Job.State.RUNNING).update(leased_until=until)
    if not kept:
        raise TryAgain(0)


def sweep(now: datetime) -> int:
    """Make jobs due again whose lease ran out (their worker died), and forget finished ones after a week."""
    freed = Job.objects.filter(state=Job.State.RUNNING, leased_until__lt=now).update(
        state=Job.State.WAITING, leased_by="", leased_until=None, run_at=now
    )
    old = Job.objects.filter(state=Job.State.DONE, ended_at__lt=now - timedelta(days=7)).values("pk")[:1000]
    Job.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    return freed


def give_back(now: datetime) -> int:
    """Make jobs that this lane of this process holds due again: the database went away while it was at them."""
    mine = Job.objects.filter(state=Job.State.RUNNING, leased_by__startswith=f"{_holder()}:")
    return mine.update(state=Job.State.WAITING, leased_by="", leased_until=None, run_at=now, attempts=F("attempts") - 1)


def _holder() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{threading.current_thread().name[:12]}"


def _due(now: datetime) -> QuerySet[Job]:
    return Job.objects.filter(state=Job.State.WAITING, run_at__lte=now)


def _lease(now: datetime, *, only_urgent: bool = False) -> Job | None:
    due = _due(now).order_by("run_at", "pk")
    return _first(due.filter(is_urgent=True)) or (None if only_urgent else _first(due))


def _first(due: QuerySet[Job]) -> Job | None:
    if not due.exists():  # spares SQLite's write lock when there is nothing to do
        return None
    with transaction.atomic():
        if not is_sqlite():
            due = due.select_for_update(skip_locked=True)
        job = due.first()
        if job is None:
            return None
        job.state = Job.State.RUNNING
        job.leased_by = f"{_holder()}:{os.urandom(3).hex()}"
        job.leased_until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
        job.attempts += 1
        job.save(update_fields=["state", "leased_by", "leased_until", "attempts"])
    return job


def _run(job: Job) -> None:
    try:
        handler = wiring.job_kinds()[job.kind]
        handler(job, **job.payload)
    except TryAgain as again:
        _settle(job, Job.State.WAITING, run_at=timezone.now() + timedelta(seconds=again.seconds), attempts=0)
    except Exception as error:  # a handler's fault must not end the worker; it is kept on the row and logged
        log.exception("job %s failed (attempt %s)", job, job.attempts)
        _fail(job, error)
    else:
        _settle(job, Job.State.DONE, ended_at=timezone.now(), error="")


def _fail(job: Job, error: Exception) -> None:
    text = "".join(traceback.format_exception(error))[-4000:]
    if connection.needs_rollback:
        connection.set_rollback(False)
    if job.attempts >= MAX_ATTEMPTS or getattr(error, "permanent", False):
        _settle(job, Job.State.FAILED, error=text, ended_at=timezone.now())
    else:
        wait = FIRST_RETRY_SECONDS * 2 ** (job.attempts - 1)
        _settle(job, Job.State.WAITING, error=text, run_at=timezone.now() + timedelta(seconds=wait))


def _settle(job: Job, state: str, **fields: Any) -> None:
    # Only the holder of the lease may settle: a worker that was thought dead must not undo the next one's work.
    Job.objects.filter(pk=job.pk, leased_by=job.leased_by).update(
        state=state, leased_by="", leased_until=None, **fields
    )
