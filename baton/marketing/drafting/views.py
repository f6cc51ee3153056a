"""Pages of drafting: the versions of an email."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.marketing.drafting import actions, reads
from baton.marketing.drafting.models import Version
from baton.marketing.email.models import Broadcast
from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal


@may("marketing.view")
def email_versions(request: Request, email_id: int) -> HttpResponse:
    """Every version of an email; one of them with what it changed and how it looked."""
    broadcast = get_object_or_404(Broadcast.objects.live(), pk=email_id)
    rows = reads.version_rows(broadcast)
    asked = request.GET.get("version", "")
    chosen = next((row.version for row in rows if str(row.version.number) == asked), rows[0].version if rows else None)
    context = {
        "email": broadcast,
        "rows": rows,
        "chosen": chosen,
        "changes": reads.changes(reads.version_before(chosen), chosen) if chosen else [],
    }
    return render(request, "marketing/drafting/versions.html", context)


@require_POST
@may("marketing.change")
def bring_back_version(request: Request, email_id: int, number: int) -> HttpResponse:
    """POST: the draft says again what it said then."""
    broadcast = get_object_or_404(Broadcast.objects.live(), pk=email_id)
    version = get_object_or_404(Version, broadcast=broadcast, number=number)
    before = broadcast.versions.first()
    try:
        saved = actions.bring_back(broadcast, version, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(broadcast)
    say_saved(request, saved, before, _("It says again what it said in version %(n)s.") % {"n": number})
    return redirect(saved)


def say_saved(request: Request, saved: Broadcast, before: Version | None, words: str = "") -> None:
    """Tell that an email was saved, with a button that brings back the version before where there is another."""
    last = saved.versions.first()
    undo = ""
    if before and last and last.number != before.number:
        undo = "undo=" + reverse("bring_back_version", kwargs={"email_id": saved.pk, "number": before.number})
    messages.success(request, words or _("Saved."), extra_tags=undo)
