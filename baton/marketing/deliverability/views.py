"""Pages of deliverability: providers, returns, one return, and the decision about what is unknown."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from baton.marketing.deliverability import actions, reads
from baton.marketing.deliverability.forms import MailRulesForm, SuppressForm
from baton.marketing.deliverability.rules import PAUSE_SHARE, WARN_SHARE
from baton.people.deliveries import actions as ledger
from baton.people.deliveries.models import MailRules, Suppression
from baton.people.returns.models import Return
from baton.platform import journal
from baton.platform.accounts.access import Request, may
from baton.platform.organisation import organisation

PERIODS = (7, 30, 90)


@may("marketing.view")
def deliverability(request: Request) -> HttpResponse:
    """How mail fares at each provider in the last days; transactional mail apart with `?kind=transactional`."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked[:4]) in PERIODS else PERIODS[0]
    kind = "transactional" if request.GET.get("kind") == "transactional" else ""
    rows = reads.provider_rows(timezone.now(), days, transactional=bool(kind))
    context = {
        "rows": rows,
        "total": reads.all_together(rows),
        "days": days,
        "tabs": [
            {"label": _("%(days)s days") % {"days": one}, "href": f"?days={one}&kind={kind}", "is_current": one == days}
            for one in PERIODS
        ],
        "kinds": [
            {"label": label, "href": f"?days={days}&kind={one}", "is_current": one == kind}
            for one, label in (("", _("Marketing")), ("transactional", _("Transactional mail")))
        ],
        "kind": kind,
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


@may("marketing.send")
def mail_rules(request: Request) -> HttpResponse:
    """How much mail a person gets, and at which hours."""
    form = MailRulesForm(request.POST or None, instance=MailRules.objects.first())
    if request.method == "POST" and form.is_valid():
        rules = form.save()
        journal.record("mail_rules.changed", rules, actor=request.user, fields=form.changed_data)
        messages.success(request, _("The rules are saved; they hold for the next mail that goes out."))
        return redirect("mail_rules")
    context = {"form": form, "zone": organisation().zone}
    return render(request, "marketing/deliverability/rules.html", context, status=422 if form.errors else 200)


@may("marketing.view")
def suppressions(request: Request) -> HttpResponse:
    """Whom nobody may mail: look an address up, lift it, add others."""
    return _suppressions_page(request, SuppressForm())


@require_POST
@may("marketing.send")
def suppress(request: Request) -> HttpResponse:
    """POST: put addresses on the list."""
    form = SuppressForm(request.POST)
    if not form.is_valid():
        return _suppressions_page(request, form)
    told = form.cleaned_data
    added = ledger.suppress_by_hand(
        told["emails"], told["reason"], evidence=told["evidence"], actor=request.user, now=timezone.now()
    )
    messages.success(request, _suppressed(added, len(told["emails"]) - added))
    return redirect("suppressions")


def _suppressions_page(request: Request, form: SuppressForm) -> HttpResponse:
    who = request.GET.get("who", "").strip()
    context = {"form": form, "who": who, "reasons": reads.suppression_counts(), **reads.looked_up(request.user, who)}
    return render(request, "marketing/deliverability/suppressions.html", context, status=422 if form.errors else 200)


def _suppressed(added: int, known: int) -> str:
    said = ngettext("%(n)s address is not mailed any more.", "%(n)s addresses are not mailed any more.", added)
    more = ngettext("%(n)s was on the list already.", "%(n)s were on the list already.", known) if known else ""
    return f"{said % {'n': added}} {more % {'n': known} if more else ''}".strip()


@require_POST
@may("marketing.send")
def lift_suppression(request: Request, suppression_id: int) -> HttpResponse:
    """POST: let an address be mailed again."""
    entry = get_object_or_404(Suppression, pk=suppression_id)
    try:
        ledger.lift(entry, actor=request.user)
    except ledger.MayNotLift as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The address may be mailed again; it still needs consent."))
    return redirect("suppressions")


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
