"""The operations page: is everything well, what failed, what was kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.jobs.models import Job
from baton.web.house import actions

SHOWN = 50
LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class Line:
    """One line of health: what, how it stands (success, warning, danger), in words."""

    label: str
    tone: str
    text: str


@may("settings.change")
def operations(request: Request) -> HttpResponse:
    """Health, failed jobs, waiting work, the latest backups."""
    now = timezone.now()
    return render(
        request,
        "house/operations.html",
        {
            "health": health(now),
            "failed": list(Job.objects.filter(state=Job.State.FAILED).order_by("-ended_at")[:SHOWN]),
            "waiting": list(
                Job.objects.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])
                .values("kind")
                .annotate(jobs=Count("pk"), oldest=Min("run_at"))
                .order_by("-jobs")[:20]
            ),
            "backups": backups(settings.BATON_HOME),
        },
    )


@require_POST
@may("settings.change")
def run_again(request: Request, job_id: int) -> HttpResponse:
    """POST: make a failed job due again."""
    actions.run_again(get_object_or_404(Job, pk=job_id), actor=request.user, now=timezone.now())
    messages.success(request, _("The job is due again."))
    return redirect("operations")


def health(now: datetime) -> list[Line]:
    """Lines about work, database and mail; quick reads only, the full check is `baton doctor`."""
    started = time.perf_counter()
    overdue = Job.objects.filter(state=Job.State.WAITING, run_at__lt=now - LATE).count()
    failed = Job.objects.filter(state=Job.State.FAILED).count()
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    return [
        Line(_("Worker"), "danger" if overdue else "success",
             _("%d jobs have waited for more than five minutes: is `baton work` running?") % overdue if overdue
             else _("Nothing waits longer than five minutes.")),
        Line(_("Failed jobs"), "warning" if failed else "success",
             _("%d after all attempts") % failed if failed else _("none")),
        Line(_("Database"), "success" if milliseconds < 100 else "warning",
             _("%(engine)s answers two counts in %(ms)s ms.")
             % {"engine": settings.DATABASES["default"]["ENGINE"].rsplit(".", 1)[1], "ms": milliseconds}),
        Line(_("Mail"), "success" if settings.SMTP_URL else "warning",
             _("A mail server is set.") if settings.SMTP_URL
             else _("No SMTP_URL: mail is kept in the outbox folder, nobody gets it.")),
    ]  # fmt: skip


def backups(home: Path) -> list[dict[str, object]]:
    """The latest backups found under BATON_HOME/backups; those put elsewhere are not known here."""
    found = sorted((home / "backups").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)[:5]
    return [
        {
            "name": path.name,
            "made_at": datetime.fromtimestamp(path.stat().st_mtime, tz=UTC),
            "megabytes": path.stat().st_size / 1_000_000,
        }
        for path in found
    ]
