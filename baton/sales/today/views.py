"""The Today page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from baton.platform.accounts.access import Request, may
from baton.sales.deals.page import composer
from baton.sales.quotas.reads import standing_of
from baton.sales.today import reads
from baton.sales.today.rules import ORDER


@require_GET
@may("sales.view")
def today(request: Request) -> HttpResponse:
    """Whom to call now and why, the quota bar above."""
    now = timezone.localtime()
    standing = standing_of(request.user, now.date())
    rows = reads.rows_of(request.user, now)
    return render(
        request,
        "sales/today/today.html",
        {
            "now": now,
            "standing": standing,
            "strip": reads.strip_of(request.user, standing, rows),
            "at_most": reads.AT_MOST,
            "rows": rows,
            "counts": {kind: sum(row.kind == kind for row in rows) for kind in ORDER},
            "done": reads.done_today(request.user, now),
            "logged": reads.logged_today(request.user, now),
            "may_change": request.user.may("sales.change"),
            **composer(),
        },
    )
