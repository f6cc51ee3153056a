"""The event store's repeating work."""

from __future__ import annotations

import logging
import time

from django.utils import timezone

from baton.platform.jobs.models import Job
from baton.tracking.errors import StoreAway
from baton.tracking.store.erasure import erase_pending
from baton.tracking.store.merger import copy_missing, merge
from baton.tracking.store.mover import WORTH_A_MOVE, move
from baton.tracking.store.sweeper import sweep
from baton.tracking.store.visit_keeper import keep_visits

log = logging.getLogger("baton.events")

AWAY_SECONDS = 30.0
_away_until = 0.0


def move_full_tail() -> None:
    """Tick: move as soon as there is a file's worth."""
    _move(WORTH_A_MOVE)


def move_events(job: Job) -> None:
    """Every minute: move whatever is consumed."""
    _move(1)


def _move(at_least: int) -> None:
    """Move, unless the engine was away half a minute ago: the tail keeps everything, `baton doctor` tells of it."""
    global _away_until
    if time.monotonic() < _away_until:
        return
    try:
        move(now=timezone.now(), at_least=at_least)
    except StoreAway as error:
        _away_until = time.monotonic() + AWAY_SECONDS
        log.warning("%s Events stay in the tail.", error)


def keep_visits_of_days(job: Job) -> None:
    """Every minute: keep the visits of days that are over as rows, and of days that late events changed."""
    keep_visits(now=timezone.now())


def tidy_events(job: Job) -> None:
    """Every hour: merge small files, write what lies beside files where it is missing, sweep what nobody can read."""
    merge(now=timezone.now())
    copy_missing()
    sweep(now=timezone.now())


def erase_asked(job: Job) -> None:
    """Every night: rewrite tail, files and kept visits without those who asked to be erased."""
    erase_pending(now=timezone.now())
    keep_visits(now=timezone.now())
