"""Pages of preflight: what stands before an email goes out, a sending domain; and the buttons that act on a finding."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.marketing.email.audience import audience_counts
from baton.marketing.email.models import Broadcast
from baton.marketing.pacing.reads import pace_before
from baton.marketing.preflight import actions, reads
from baton.marketing.preflight.domain import records_to_publish
from baton.marketing.preflight.relay import leaves_the_house
from baton.marketing.preflight.rules import BLOCK, OK, WARN, in_order
from baton.people.deliveries.reads import unfinished
from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal


@may("marketing.view")
def preflight(request: Request, email_id: int) -> HttpResponse:
    """What stands before the email goes out, with the DNS asked: a part of its page, or a page of its own."""
    broadcast = _found(email_id)
    if request.GET.get("fresh"):
        reads.forget_answers()
    context = panel(broadcast, asks=True) | {"email": broadcast}
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, f"marketing/preflight/{'_before' if is_part else 'before'}.html", context)


def panel(broadcast: Broadcast, *, asks: bool) -> dict[str, Any]:
    """What the part of the email's page is drawn from; without `asks` only of what is kept."""
    now = timezone.now()
    context: dict[str, Any] = {"before": reads.before(broadcast, now, asks=asks)}
    if broadcast.is_of_journey:
        return context | {"waiting": unfinished(broadcast.message)}
    audience = audience_counts(broadcast, now)
    return context | {"audience": audience, "pace": pace_before(broadcast, cast(int, audience["mailable"]))}


@require_POST
@may("marketing.override")
def override_finding(request: Request, email_id: int) -> HttpResponse:
    """POST: send in spite of one finding, with the reason."""
    broadcast = _found(email_id)
    finding, reason = request.POST.get("finding", "")[:120], request.POST.get("reason", "")
    try:
        actions.override(broadcast, finding, reason=reason, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It stands in the way no longer; the reason is kept."))
    return redirect(broadcast)


@require_POST
@may("marketing.change")
def look_again(request: Request, email_id: int) -> HttpResponse:
    """POST: ask every link anew."""
    broadcast = _found(email_id)
    actions.look_again(broadcast, now=timezone.now())
    return redirect(broadcast)


@may("marketing.view")
def sending_domains(request: Request) -> HttpResponse:
    """How the DNS of a sending domain stands, and the records it wants."""
    domains = reads.sending_domains()
    chosen = request.GET.get("domain", "").lower() or (domains[0] if domains else "")
    if chosen and chosen not in domains:  # only our own are asked about
        raise Http404
    if request.GET.get("fresh"):
        reads.forget_answers()
    findings = in_order(reads.of_domain(chosen, asks=True)) if chosen else []
    context = {
        "domain": chosen,
        "tabs": [{"label": one, "href": f"?domain={one}", "is_current": one == chosen} for one in domains],
        "findings": findings,
        "counts": {level: len([one for one in findings if one.level == level]) for level in (BLOCK, WARN, OK)},
        "records": records_to_publish(chosen) if chosen else [],
        "leaves_the_house": leaves_the_house(),
    }
    return render(request, "marketing/preflight/domains.html", context)


def _found(email_id: int) -> Broadcast:
    return get_object_or_404(
        Broadcast.objects.live().select_related("campaign", "topic", "owner", "journey"), pk=email_id
    )
