"""The review both sides look at together."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from baton.handoff.agreement.actions import agreement_in_force
from baton.handoff.feedback import reads
from baton.platform.accounts.access import Request, may

PERIODS = {"28": 28, "90": 90, "365": 365}


@may("handoff.view")
def handoff_review(request: Request) -> HttpResponse:
    """How the agreement was kept in the last 28, 90 or 365 days, against the same time before."""
    days = PERIODS.get(request.GET.get("days", ""), 90)
    now = timezone.now()
    since = now - timedelta(days=days)
    labels = {reason["key"]: reason["label"] for reason in agreement_in_force().reasons}
    return render(
        request,
        "handoff/feedback/review.html",
        {
            "days": days,
            "periods": PERIODS,
            "kept": reads.kept(request.user, since, now, now),
            "before": reads.kept(request.user, since - timedelta(days=days), since, now),
            "reasons": [
                (labels.get(row["reject_reason"], row["reject_reason"]), row["count"])
                for row in reads.reasons(request.user, since, now)
            ],
            "tables": {
                "owner": reads.by_owner(request.user, since, now),
                "source": reads.by_source(request.user, since, now),
                "campaign": reads.by_campaign(request.user, since, now),
            },
        },
    )
