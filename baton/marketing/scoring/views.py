"""The pages of the score rules: what counts, what it gives a contact now, a rule's form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.marketing.scoring import actions, reads
from baton.marketing.scoring.actions import change_rule, ensure_default_rules
from baton.marketing.scoring.models import ScoreRule
from baton.marketing.scoring.rules import BIGGEST_POINTS, whole
from baton.marketing.segments import builder, offers
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.reads import names
from baton.marketing.segments.rules import MODES, BadRule
from baton.marketing.segments.vocabulary import EVENTS
from baton.marketing.segments.words import sentence
from baton.people.contacts.models import Contact
from baton.platform.accounts.access import Request, may


@may("marketing.view")
def scoring(request: Request) -> HttpResponse:
    """Fit and engagement rules with what they give, and what they give one contact now."""
    ensure_default_rules()
    called = names()
    rules = [(rule, _said(rule, called)) for rule in ScoreRule.objects.all()]
    kinds = [
        (kind, label, [(rule, said) for rule, said in rules if rule.kind == kind])
        for kind, label in ScoreRule.Kind.choices
    ]
    who = request.GET.get("who", "").strip().lower()
    contact = Contact.objects.visible_to(request.user).holding(email=[who]).first() if who else None
    found = reads.scores_now(contact, now=timezone.now()) if contact else None
    context = {"kinds": kinds, "who": who, "contact": contact, "found": found}
    return render(request, "marketing/scoring/scoring.html", context)


@may("marketing.change")
def new_score_rule(request: Request, kind: str) -> HttpResponse:
    """A form for a new rule of a kind."""
    known = kind if kind in ScoreRule.Kind.values else ScoreRule.Kind.FIT
    return _edit(request, ScoreRule(kind=known, points=10, condition={}))


@may("marketing.change")
def edit_score_rule(request: Request, rule_id: int) -> HttpResponse:
    """A rule's form."""
    return _edit(request, get_object_or_404(ScoreRule, pk=rule_id))


@require_POST
@may("marketing.change")
def change_score_rule(request: Request, rule_id: int) -> HttpResponse:
    """POST: a rule's points, or switch it on or off."""
    rule = get_object_or_404(ScoreRule, pk=rule_id)
    what, points = request.POST.get("what"), whole(request.POST.get("points", ""))
    if what in ("on", "off"):
        change_rule(rule, actor=request.user, is_active=what == "on")
    elif points is not None and abs(points) <= BIGGEST_POINTS:
        change_rule(rule, actor=request.user, points=points)
    else:
        messages.error(request, _("Points are a whole number up to 1000. Nothing was changed."))
        return redirect("scoring")
    messages.success(request, _("Saved; everyone is scored anew in a moment."))
    return redirect("scoring")


def _edit(request: Request, rule: ScoreRule) -> HttpResponse:
    is_fit, problem = rule.kind == ScoreRule.Kind.FIT, ""
    rows = builder.rows_of(rule.condition) if is_fit and rule.condition else list(builder.EMPTY)
    typed: dict[str, Any] = {"name": rule.name, "points": rule.points, "half_life_days": rule.half_life_days,
                             "most": rule.most, **rule.condition}  # fmt: skip
    if request.method == "POST":
        typed |= request.POST.dict()
        rows = builder.changed(builder.rows_sent(request.POST), request.POST.get("do", "")) if is_fit else rows
        if "do" not in request.POST:
            try:
                _save(request, rule)
                messages.success(request, _("Saved; everyone is scored anew in a moment."))
                return redirect("scoring")
            except (BadRule, actions.RuleExists) as error:
                problem = str(error)
    context = {"rule": rule, "is_fit": is_fit, "typed": typed, "problem": problem, "events": _events()}
    if is_fit:
        context |= {"rows": offers.shown(rows), "modes": list(MODES.items()), "spans": offers.spans(),
                    "choices": offers.choices(None, timezone.now())}  # fmt: skip
    return render(request, "marketing/scoring/edit.html", context, status=422 if problem else 200)


def _save(request: Request, rule: ScoreRule) -> None:
    """Keep what was sent. Raises BadRule, RuleExists."""
    name, points = request.POST.get("name", "").strip()[:120], whole(request.POST.get("points", ""))
    if not name or points is None or not 0 < abs(points) <= BIGGEST_POINTS:
        raise BadRule(_("A rule has a name, and points up to 1000 that may be negative."))
    values: dict[str, Any] = {"name": name, "points": points, "condition": _condition(request, rule)}
    if rule.kind == ScoreRule.Kind.ENGAGEMENT:
        half, most = whole(request.POST.get("half_life_days", "")), whole(request.POST.get("most", ""))
        if half is None or most is None or not (0 < half <= 3650 and 0 < most <= 365):
            raise BadRule(_("The half-life is 1 to 3650 days, and days count at most 1 to 365 times."))
        values |= {"half_life_days": half, "most": most}
    if rule.pk:
        change_rule(rule, actor=request.user, **values)
    else:
        actions.add_rule(kind=rule.kind, actor=request.user, **values)


def _condition(request: Request, rule: ScoreRule) -> dict[str, Any]:
    if rule.kind == ScoreRule.Kind.ENGAGEMENT:
        event = request.POST.get("event", "")
        if event not in _events():
            raise BadRule(_("Choose what someone does."))
        return {"event": event, "path": request.POST.get("path", "").strip()[:300]}
    condition = builder.read_rule(request.POST, custom=custom_attributes())
    if not any(condition.values()):
        raise BadRule(_("Add at least one condition."))
    return condition


def _events() -> dict[str, str]:
    return offers.event_names(timezone.now())


def _said(rule: ScoreRule, called: Any) -> str:
    if rule.kind == ScoreRule.Kind.FIT:
        return sentence(rule.condition, called)
    event, path = rule.condition["event"], rule.condition.get("path", "")
    what = str(EVENTS.get(event, event.replace("_", " ")))
    return _("%(what)s on %(path)s") % {"what": what, "path": path} if path else what
