"""Pages and buttons that edit a journey's steps: put in, change, move, take out, undo, and write a step's email."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.marketing.email import designs
from baton.marketing.email.models import Broadcast
from baton.marketing.email.views import first_values
from baton.marketing.journeys import actions, reads, rules
from baton.marketing.journeys.forms import UNITS, BadStep, read_step
from baton.marketing.journeys.models import Journey
from baton.marketing.journeys.rules import NoSuchStep, Place
from baton.marketing.journeys.views import found_journey, steps_changed
from baton.marketing.journeys.words import ICONS, KINDS, PURPOSES, say
from baton.marketing.segments import builder, editor
from baton.marketing.segments.models import ContactList
from baton.marketing.segments.rules import BadRule
from baton.platform.accounts.access import Request, may
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.journal.models import JournalEntry

ASKING = (rules.IF, rules.AWAIT)


@may("marketing.change")
def new_step(request: Request, journey_id: int) -> HttpResponse:
    """Choose what the step does, then say how."""
    journey, place = found_journey(journey_id), Place.read(request.GET.get("at", "")[:40])
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in KINDS:
        kinds = [(key, label, ICONS[key], PURPOSES[key]) for key, label in KINDS.items()]
        context = {"journey": journey, "kinds": kinds, "at": str(place)}
        return render(request, "marketing/journeys/choose.html", context)
    step: rules.Step = {"id": rules.new_id(journey.steps, lambda: secrets.token_hex(3)), "kind": kind}
    return _edit(request, journey, step, place=place)


@may("marketing.change")
def edit_step(request: Request, journey_id: int, key: str) -> HttpResponse:
    """The step's form."""
    journey = found_journey(journey_id)
    step = rules.found(journey.steps, key)
    if step is None:
        raise Http404
    return _edit(request, journey, step)


def _edit(request: Request, journey: Journey, step: rules.Step, *, place: Place | None = None) -> HttpResponse:
    kind, problem, status = step["kind"], "", 200
    stands = "" if place else rules.mark_of(step)
    if request.method == "POST" and (kind not in ASKING or "do" not in request.POST):
        try:
            made = read_step(kind, step["id"], request.POST)
            if request.POST.get("was", "") in ("", stands):
                return _saved(request, journey, made, place)
            problem, status = _("Somebody has changed this step meanwhile. Save again to put yours in its place."), 409
        except NoSuchStep:
            problem, status = _("That place is gone: somebody has changed the steps meanwhile."), 409
        except (BadStep, BadRule) as error:
            problem, status = str(error), 422
    context = {
        "journey": journey, "step": step, "kind": kind, "label": KINDS[kind], "purpose": PURPOSES[kind],
        "problem": problem, "was": stands, "is_new": place is not None, "units": list(UNITS.items()),
        "sent": request.POST if request.method == "POST" else None,
        **_offered(journey, kind, step), **(_rule(request, step) if kind in ASKING else {}),
    }  # fmt: skip
    return render(request, "marketing/journeys/step.html", context, status=status)


def _saved(request: Request, journey: Journey, step: rules.Step, place: Place | None) -> HttpResponse:
    if place is None:
        steps = rules.put_instead(journey.steps, step)
    else:
        steps = rules.put_in(journey.steps, step, place)
        if len(rules.plan_of(steps).order) > rules.MAX_STEPS:
            raise BadStep(_("A journey has %(n)s steps at most.") % {"n": rules.MAX_STEPS})
        if max(depth for _step, depth in rules.walk(steps)) > rules.MAX_DEPTH:
            raise BadStep(_("Ways within ways end here: at most %(n)s deep.") % {"n": rules.MAX_DEPTH})
    answer = steps_changed(request, journey, steps)
    if step["kind"] == rules.EMAIL and step["email"] is None:
        return redirect("write_step_email", journey_id=journey.pk, key=step["id"])
    return answer


def _offered(journey: Journey, kind: str, step: rules.Step) -> dict[str, Any]:
    """What the form lets one choose from."""
    if kind == rules.EMAIL:
        others = [one for one in rules.plan_of(journey.steps).of_kind(kind) if one["id"] != step["id"]]
        used = [one["email"] for one in others if one["email"]]
        emails = journey.emails.filter(deleted_at=None).exclude(pk__in=used).order_by("pk")
        return {"emails": list(emails.values_list("pk", "name"))}
    if kind == rules.LIST:
        return {"lists": list(ContactList.objects.live().values_list("pk", "name"))}
    if kind == rules.NOTIFY:
        return {"users": list(User.objects.filter(is_active=True).order_by("name").values_list("pk", "name"))}
    return {}


def _rule(request: Request, step: rules.Step) -> dict[str, Any]:
    """The rows of the step's rule, and who satisfies it now."""
    if request.method == "POST":
        order = request.POST.get("do", "")
        rows = builder.changed(builder.rows_sent(request.POST), order)
        rule = editor.draft(request, order=order)
    else:
        rows = builder.rows_of(step["rule"]) if step.get("rule") else list(builder.EMPTY)
        rule = step.get("rule") or {"all": []}
    return editor.tree(rows, None) | editor.preview(request, rule)


@require_POST
@may("marketing.change")
def take_out_step(request: Request, journey_id: int, key: str) -> HttpResponse:
    """POST: take a step out, and all that stands on its ways; with undo."""
    journey = found_journey(journey_id)
    step = rules.found(journey.steps, key)
    if step is None:
        return redirect(journey)
    said = _("Taken out: %(step)s") % {"step": say(step, reads.called(journey))}
    return steps_changed(request, journey, rules.taken_out(journey.steps, key), said)


@require_POST
@may("marketing.change")
def shift_step(request: Request, journey_id: int, key: str, by: int) -> HttpResponse:
    """POST: move a step up or down among its neighbours."""
    journey = found_journey(journey_id)
    if rules.found(journey.steps, key) is None:
        return redirect(journey)
    return steps_changed(request, journey, rules.shifted(journey.steps, key, by))


@require_POST
@may("marketing.change")
def undo_journey_steps(request: Request, journey_id: int, revision: int) -> HttpResponse:
    """POST: the steps as they were before the last change, unless somebody has changed them since."""
    journey = found_journey(journey_id)
    lines = JournalEntry.objects.filter(
        thing=Journey._meta.label_lower, thing_id=journey.pk, verb="journey.steps_changed"
    )
    last = lines.order_by("-pk").first()
    if last is None or journey.revision != revision:
        messages.error(request, _("Somebody has changed the steps since; nothing was undone."))
        return redirect(journey)
    return steps_changed(request, journey, last.facts["before"]["steps"])


@may("marketing.change")
def write_step_email(request: Request, journey_id: int, key: str) -> HttpResponse:
    """Choose a template for the email of a step; choosing makes the draft and opens it."""
    journey = found_journey(journey_id)
    step = rules.found(journey.steps, key)
    if step is None or step["kind"] != rules.EMAIL:
        raise Http404
    if step["email"]:
        return redirect(get_object_or_404(Broadcast.objects.live(), pk=step["email"]))
    design = request.POST.get("design", "")
    if design not in designs.DESIGNS:
        context = {"journey": journey, "designs": designs.DESIGNS.values()}
        return render(request, "marketing/journeys/choose_email.html", context)
    try:
        email = actions.write_email(journey, key, first_values(design), actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(journey)
    return redirect("edit_email", email.pk)
