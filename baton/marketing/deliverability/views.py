"""Pages of deliverability: providers, returns, one return, and the decision about what is unknown."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.marketing.deliverability import actions, reads
from baton.marketing.deliverability.rules import PAUSE_SHARE, WARN_SHARE
from baton.people.returns.models import Return
from baton.platform.accounts.access import Request, may

PERIODS = (7, 30, 90)


@may("marketing.view")
def deliverability(request: Request) -> HttpResponse:
    """How mail fares at each provider in the last days."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked[:4]) in PERIODS else PERIODS[0]
    rows = reads.provider_rows(timezone.now(), days)
    context = {
        "rows": rows,
        "total": reads.all_together(rows),
        "days": days,
        "tabs": [
            {"label": _("%(days)s days") % {"days": one}, "href": f"?days={one}", "is_current": one == days}
            for one in PERIODS
        ],
        "counted_at": reads.counted_at(),
        "unknown": reads.unknown_rows(request.user),
        "ways": reads.ways_in(),
        "warn": WARN_SHARE,
        "pause": PAUSE_SHARE,
    }
    return render(request, "marketing/deliverability/deliverability.html", context)


@may("marketing.view")
def return_list(request: Request) -> HttpResponse:
    """What came back, the newest first."""
    context = reads.returns_page(request.user, request.GET)
    kinds = [
        (key, label) for key, label in Return.Kind.choices if key not in (Return.Kind.OTHER, Return.Kind.DELIVERED)
    ]
    context |= {"kinds": kinds, "verdicts": Return.Verdict.choices, "providers": reads.provider_choices()}
    return render(request, "marketing/deliverability/returns.html", context)


@may("marketing.view")
def return_page(request: Request, return_id: int) -> HttpResponse:
    """One return: what was said, what it did, what to do next."""
    back = reads.found_return(request.user, return_id)
    if back is None:
        raise Http404
    return render(request, "marketing/deliverability/return.html", reads.shown(back))


@require_POST
@may("marketing.send")
def decide_unknown(request: Request) -> HttpResponse:
    """POST: send the chosen unknown copies again, or leave them."""
    chosen = [int(one) for one in request.POST.getlist("ids") if one.isdecimal() and len(one) < 18]
    seen = {row["delivery"].pk for row in reads.unknown_rows(request.user)}
    decision = request.POST.get("decision", "")
    if not seen.intersection(chosen) or decision not in ("again", "leave"):
        messages.info(request, _("Nothing was chosen that is still unknown."))
        return redirect("deliverability")
    said = actions.decide_unknown(
        sorted(seen.intersection(chosen)), again=decision == "again", actor=request.user, now=timezone.now()
    )
    messages.success(request, said)
    return redirect("deliverability")
