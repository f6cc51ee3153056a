"""Claiming a form's sending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from baton.platform.jobs.models import Job
from baton.platform.once.models import SentForm

KEPT = timedelta(days=7)


def do_once(digest: str, work: Callable[[], str | None], *, now: datetime) -> str | None:
    """Do the work of one sending, unless it was done before: then give the place it led to.

    `work` gives the place, or None when nothing came of it: nothing is kept then and the same sending may be tried
    again. It runs in one transaction with the claim: of two at once the second waits for the first.
    """
    try:
        with transaction.atomic():
            sent = SentForm.objects.create(digest=digest, at=now)
            place = work()
            if place is None:
                transaction.set_rollback(True)
            else:
                SentForm.objects.filter(pk=sent.pk).update(place=place)
            return None
    except IntegrityError:
        before = SentForm.objects.filter(digest=digest).first()
        if before is None:  # the work's own fault
            raise
        return before.place


def forget_old(job: Job) -> None:
    """Every hour: a sending older than a week is not looked for any more."""
    SentForm.objects.filter(at__lt=timezone.now() - KEPT).delete()
