"""The pages of journeys: all of them, one with its flow, the people in it, one person's way, and the simulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.marketing.journeys import actions, checks, reads, rules, trying
from baton.marketing.journeys.forms import JourneyForm
from baton.marketing.journeys.models import Journey, JourneyRun
from baton.marketing.journeys.words import ICONS, WAY_WORDS
from baton.marketing.segments.models import Segment
from baton.people.contacts.models import Contact
from baton.platform.accounts.access import Request, may
from baton.platform.csvfile import csv_answer
from baton.platform.errors import Refusal
from baton.platform.forms import number_of
from baton.platform.pages import Sort, capped_count, page_of
from baton.platform.record import ChangedMeanwhile

NEWEST = Sort("began_at", True, "")
CSV_HEAD = ["id", "first_name", "last_name", "email", "state", "because", "step", "began_at", "ended_at"]


@may("marketing.view")
def journey_list(request: Request) -> HttpResponse:
    """Every journey with its state and its figures."""
    return render(request, "marketing/journeys/list.html", {"journeys": reads.overview()})


@may("marketing.change")
def new_journey(request: Request) -> HttpResponse:
    """A form for a new journey; saving opens it."""
    chosen = Segment.objects.live().filter(pk=number_of(request.GET.get("segment")) or 0).first()
    name = _("Journey of %(segment)s") % {"segment": chosen} if chosen else ""
    return _edit(request, Journey(segment=chosen, name=name[:200]) if chosen else Journey())


@may("marketing.change")
def edit_journey(request: Request, journey_id: int) -> HttpResponse:
    """What it begins and ends with."""
    return _edit(request, found_journey(journey_id))


def _edit(request: Request, journey: Journey) -> HttpResponse:
    form = JourneyForm(request.POST or None, instance=journey)
    stored, is_behind = Journey.objects.get(pk=journey.pk) if journey.pk else Journey(), False
    if request.method == "POST" and form.is_valid():
        seen, now = number_of(request.POST.get("revision")), timezone.now()
        try:
            saved = actions.save_journey(stored, form.values(), actor=request.user, now=now, seen_revision=seen)
        except ChangedMeanwhile:
            is_behind = True
        else:
            messages.success(request, _("%(journey)s is saved.") % {"journey": saved})
            return redirect(saved)
    context = {"form": form, "journey": stored if stored.pk else None, "is_behind": is_behind,
               "has_segments": Segment.objects.live().exists()}  # fmt: skip
    status = 409 if is_behind else 422 if form.errors else 200
    return render(request, "marketing/journeys/edit.html", context, status=status)


@may("marketing.view")
def journey(request: Request, journey_id: int) -> HttpResponse:
    """One journey: its figures, its steps with who stands where, and why someone is in or out."""
    found = found_journey(journey_id)
    published = found.published
    shown = published if request.GET.get("steps") == "published" else None
    context = {
        "journey": found,
        "figures": reads.figures(found),
        "flow": reads.flow(found, shown.steps if shown else found.steps, published),
        "is_published": bool(shown),
        "has_changes": bool(published and not found.is_over and published.steps != found.steps),
        "faults": checks.faults_of_steps(found) if not found.is_over else [],
        "versions": reads.versions(found),
        "members": found.segment.members_count,
        "edits": request.user.may("marketing.change") and not shown and not found.is_over,
        "way_words": WAY_WORDS,
        "icons": ICONS,
        **_why(request, found),
    }
    return render(request, "marketing/journeys/journey.html", context)


def _why(request: Request, journey: Journey) -> dict[str, Any]:
    """The way of whom the address asks for, or why there is none."""
    who = request.GET.get("who", "").strip().lower()
    if not who:
        return {"who": "", "run": None, "why": ""}
    contact = Contact.objects.visible_to(request.user).holding(email=[who]).first()
    if contact is None:
        return {"who": who, "run": None, "why": _("Nobody you may see has this address.")}
    run = JourneyRun.objects.filter(journey=journey, contact=contact).order_by("-number").first()
    return {"who": who, "run": run, "why": "" if run else reads.why_not(journey, contact, now=timezone.now())}


@may("marketing.view")
def journey_people(request: Request, journey_id: int) -> HttpResponse:
    """The people of a journey, those of a state or at a step, as many as the reader may see."""
    found = found_journey(journey_id)
    state, step = _narrowed(request)
    rows = reads.runs(found, request.user, state=state, step=step)
    page = page_of(
        rows, NEWEST, request.GET.get("after", ""), records=rows.select_related("contact__company", "version")
    )
    count, is_more = capped_count(rows)
    asked = urlencode({name: value for name, value in (("state", state), ("step", step)) if value})
    context = {
        "journey": found, "rows": [(run, reads.standing(run)) for run in page.rows], "next": page.next, "count": count,
        "is_more": is_more, "state": state, "step": step, "asked": asked, "states": JourneyRun.State.choices,
        "step_said": reads.step_said(found, step) if step else "",
    }  # fmt: skip
    return render(request, "marketing/journeys/people.html", context)


def _narrowed(request: Request) -> tuple[str, str]:
    state, step = request.GET.get("state", ""), request.GET.get("step", "")[:12]
    return (state if state in JourneyRun.State.values else ""), ("" if "\0" in step else step)


@may("people.export")
def journey_csv(request: Request, journey_id: int) -> StreamingHttpResponse:
    """The same people as a file, streamed."""
    found = found_journey(journey_id)
    state, step = _narrowed(request)
    rows = reads.runs(found, request.user, state=state, step=step).select_related("contact", "version").order_by("pk")
    lines = (_csv_line(run) for run in rows.iterator(chunk_size=2000))
    return csv_answer(f"journey-{found.pk}.csv", CSV_HEAD, lines)


def _csv_line(run: JourneyRun) -> list[Any]:
    who = run.contact
    ended = run.ended_at.isoformat(timespec="seconds") if run.ended_at else ""
    return [who.pk, who.first_name, who.last_name, who.email, run.state, run.because, reads.standing(run),
            run.began_at.isoformat(timespec="seconds"), ended]  # fmt: skip


@may("marketing.view")
def journey_run(request: Request, run_id: int) -> HttpResponse:
    """One person's way, step by step: when, which way, why, and what comes next."""
    run = _visible_run(request, run_id)
    others = JourneyRun.objects.filter(journey=run.journey, contact=run.contact).exclude(pk=run.pk).order_by("-number")
    context = {"run": run, "journey": run.journey, "way": reads.way_of(run), "others": list(others[:20]),
               "way_words": WAY_WORDS, "icons": ICONS}  # fmt: skip
    return render(request, "marketing/journeys/run.html", context)


@may("marketing.view")
def try_journey(request: Request, journey_id: int) -> HttpResponse:
    """The simulator: the way of one contact, or the ways of many, if they began now. Changes nothing."""
    found = found_journey(journey_id)
    if not found.steps:
        messages.info(request, _("It has no step yet."))
        return redirect(found)
    context = trying.tried(found, request.GET, request.user, now=timezone.now())
    return render(
        request, "marketing/journeys/try.html", context | {"journey": found, "way_words": WAY_WORDS, "icons": ICONS}
    )


@require_POST
@may("marketing.send")
def start_journey(request: Request, journey_id: int) -> HttpResponse:
    """POST: publish its steps, set its emails live and let people begin."""
    found = found_journey(journey_id)
    try:
        actions.start(found, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It runs."))
    return redirect(found)


@require_POST
@may("marketing.send")
def publish_journey(request: Request, journey_id: int) -> HttpResponse:
    """POST: the edited steps hold from now on; who is under way finishes the old ones, or goes over."""
    found = found_journey(journey_id)
    try:
        made = actions.publish(found, moves=request.POST.get("moves") == "1", actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Version %(n)s holds from now on.") % {"n": made.number})
    return redirect(found)


@require_POST
@may("marketing.change")
def drop_journey_changes(request: Request, journey_id: int) -> HttpResponse:
    """POST: the steps are again those that were published."""
    found = found_journey(journey_id)
    if published := found.published:
        return steps_changed(request, found, published.steps, _("The steps are as they were published."))
    return redirect(found)


@require_POST
@may("marketing.send")
def move_journey(request: Request, journey_id: int, verb: str) -> HttpResponse:
    """POST: pause, resume, close or end."""
    found, now = found_journey(journey_id), timezone.now()
    late = number_of(request.POST.get("late_days")) if request.POST.get("skips_late") else None
    verbs: dict[str, tuple[Callable[[], bool], str]] = {
        "pause": (lambda: actions.pause(found, actor=request.user, now=now), _("Everybody holds where they are.")),
        "resume": (lambda: actions.resume(found, actor=request.user, now=now, late_days=late), _("It goes on.")),
        "close": (lambda: actions.close(found, actor=request.user, now=now),
                  _("Nobody begins any more; it ends when the last one is through.")),
        "end": (lambda: actions.end(found, actor=request.user, now=now), _("It is over.")),
    }  # fmt: skip
    act, said = verbs[verb]
    if act():
        messages.success(request, said)
    else:
        messages.info(request, _("Nothing to do: it is %(state)s.") % {"state": found.get_state_display().lower()})
    return redirect(found)


@require_POST
@may("marketing.change")
def copy_journey(request: Request, journey_id: int) -> HttpResponse:
    """POST: a draft with the same steps, and emails of its own with the same words."""
    made = actions.copy(found_journey(journey_id), actor=request.user, now=timezone.now())
    messages.success(request, _("%(journey)s is a draft of its own.") % {"journey": made})
    return redirect(made)


@require_POST
@may("marketing.change")
def bin_journey(request: Request, journey_id: int) -> HttpResponse:
    """POST: put a draft or an ended journey away, with undo."""
    found = found_journey(journey_id)
    try:
        actions.put_away(found, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    undo = reverse("restore_journey", kwargs={"journey_id": found.pk})
    messages.success(request, _("%(journey)s is put away.") % {"journey": found}, extra_tags=f"undo={undo}")
    return redirect("journeys")


@require_POST
@may("marketing.change")
def restore_journey(request: Request, journey_id: int) -> HttpResponse:
    """POST: bring a journey back."""
    return redirect(actions.restore(get_object_or_404(Journey, pk=journey_id), actor=request.user))


@require_POST
@may("marketing.send")
def put_in_journey(request: Request, journey_id: int) -> HttpResponse:
    """POST: let a contact begin by hand."""
    found = found_journey(journey_id)
    who = request.POST.get("who", "").strip().lower()
    contact = Contact.objects.visible_to(request.user).holding(email=[who]).first() if who else None
    if contact is None:
        messages.warning(request, _("Nobody you may see has this address."))
        return redirect(found)
    try:
        begun = actions.put_in(found, [contact.pk], actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    if begun:
        messages.success(request, _("%(contact)s has begun.") % {"contact": contact})
    else:
        messages.info(request, _("%(contact)s may not begin: is under way, has gone it already, or is where it leads.")
                      % {"contact": contact})  # fmt: skip
    return redirect(found)


@require_POST
@may("marketing.send")
def take_out_of_journey(request: Request, run_id: int) -> HttpResponse:
    """POST: take a person out of a journey."""
    run = _visible_run(request, run_id)
    if actions.take_out(run, actor=request.user, now=timezone.now()):
        messages.success(request, _("%(contact)s is out of it.") % {"contact": run.contact})
    else:
        messages.info(request, _("%(contact)s is not under way any more.") % {"contact": run.contact})
    return redirect(run)


def steps_changed(request: Request, journey: Journey, steps: rules.Steps, said: str = "") -> HttpResponse:
    """Save steps, offering to undo it, and show the journey."""
    before = journey.revision
    try:
        actions.change_steps(journey, steps, actor=request.user)
    except (Refusal, ChangedMeanwhile) as refusal:
        messages.error(request, str(refusal))
        return redirect(journey)
    if said:
        undo = reverse("undo_journey_steps", kwargs={"journey_id": journey.pk, "revision": before + 1})
        messages.success(request, said, extra_tags=f"undo={undo}")
    return redirect(journey)


def found_journey(journey_id: int) -> Journey:
    """The journey, if it is not put away."""
    journeys = Journey.objects.live().select_related("segment", "goal", "stop", "campaign", "owner")
    return get_object_or_404(journeys, pk=journey_id)


def _visible_run(request: Request, run_id: int) -> JourneyRun:
    runs = JourneyRun.objects.filter(journey__deleted_at=None, contact__in=Contact.objects.visible_to(request.user))
    return get_object_or_404(runs.select_related("journey__segment", "version", "contact"), pk=run_id)
