"""Pages of emails: list, draft, preview, report, and the buttons that send, pause and cancel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from baton.marketing.campaigns.models import Campaign
from baton.marketing.drafting.looking import seen
from baton.marketing.drafting.models import Version
from baton.marketing.drafting.pictures import offered_pictures
from baton.marketing.drafting.versions import as_of
from baton.marketing.drafting.views import say_saved
from baton.marketing.email import actions, designs, mailing, reads
from baton.marketing.email.audience import segments_of_readers
from baton.marketing.email.forms import EmailForm
from baton.marketing.email.models import Broadcast
from baton.marketing.email.writing import BadWriting
from baton.marketing.email_report import views as reports
from baton.marketing.preflight.views import panel as before_it_goes_out
from baton.marketing.segments.models import SegmentMember
from baton.marketing.trials.models import trial_of
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.platform.accounts.access import Request, may
from baton.platform.errors import OutsideFault, Refusal
from baton.platform.forms import number_of
from baton.platform.organisation import organisation
from baton.platform.record import ChangedMeanwhile

CLICKS_COME_FOR = timedelta(days=2)  # before that, who has not clicked may just not have read it yet
# A mail brings its own inline styles and pictures from anywhere, and must never run a script or reach our cookies.
PREVIEW_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:; "
    "style-src 'unsafe-inline'; font-src *; frame-ancestors 'self'"
)


@may("marketing.view")
def email_list(request: Request) -> HttpResponse:
    """Every email, the newest first, with what it brought."""
    rows, following = reads.list_page(number_of(request.GET.get("after")))
    return render(request, "marketing/email/list.html", {"rows": rows, "next": following})


@may("marketing.change")
def new_email(request: Request) -> HttpResponse:
    """Choose a template, then write."""
    key = request.POST.get("design") or request.GET.get("design", "")
    if key not in designs.DESIGNS:
        kept = {name: request.GET[name] for name in ("campaign", "segment") if name in request.GET}
        context = {"designs": designs.DESIGNS.values(), "kept": f"&{urlencode(kept)}" if kept else ""}
        return render(request, "marketing/email/choose.html", context)
    broadcast = Broadcast(**first_values(key), campaign_id=number_of(request.GET.get("campaign")))
    return _edit(request, broadcast, audience=_first_audience(request, broadcast))


def first_values(design: str) -> dict[str, Any]:
    """What a new email begins with: its template with that one's words, the usual sender, the first topic."""
    return {
        "design": design,
        "fields": designs.first_fields(design),
        "sender_name": organisation().name,
        "sender_email": _usual_sender(),
        "topic": ConsentTopic.objects.filter(purpose="marketing").order_by("pk").first(),
    }


def _first_audience(request: Request, broadcast: Broadcast) -> list[int]:
    """The segment that the address names, or those of the campaign it names."""
    if segment := number_of(request.GET.get("segment")):
        return [segment]
    through = Campaign.segments.through.objects.filter(campaign=broadcast.campaign_id)
    return list(through.values_list("segment_id", flat=True))


@may("marketing.change")
def edit_email(request: Request, email_id: int) -> HttpResponse:
    """The draft's form."""
    broadcast = _found(email_id)
    if not broadcast.is_draft:
        is_back_soon = broadcast.is_of_journey and broadcast.is_under_way
        why = _("Take it back first to change it.") if is_back_soon else _("Copy it to write another.")
        messages.info(request, _("This email is on its way and cannot be changed.") + " " + why)
        return redirect(broadcast)
    return _edit(request, broadcast)


def _edit(request: Request, broadcast: Broadcast, *, audience: list[int] | None = None) -> HttpResponse:
    sent = request.POST or None if request.POST.get("name") is not None else None
    form = EmailForm(sent, instance=broadcast, initial=audience and {"segments": audience})
    stored = Broadcast.objects.get(pk=broadcast.pk) if broadcast.pk else Broadcast()
    revision, is_behind = stored.revision, False
    if form.is_bound and form.is_valid():
        before = stored.versions.first() if stored.pk else None
        try:
            saved = actions.save_email(
                stored,
                form.values(),
                form.audience(),
                actor=request.user,
                now=timezone.now(),
                seen_revision=form.cleaned_data["revision"],
            )
        except actions.CannotSend as refusal:
            messages.error(request, str(refusal))
            return redirect(stored)
        except ChangedMeanwhile:
            is_behind = True
        else:
            say_saved(request, saved, before)
            return redirect("edit_email", saved.pk) if "stay" in request.POST else redirect(saved)
    filled = form.cleaned_data.get("fields", broadcast.fields) if form.is_bound else broadcast.fields
    context = {
        "form": form,
        "email": broadcast if broadcast.pk else None,
        "design": designs.DESIGNS[broadcast.design],
        "filled": filled,
        "is_own": form.data.get("has_own_source") == "1" if form.is_bound else broadcast.has_own_source,
        "source": broadcast.mjml or designs.source_of(broadcast.design, broadcast.fields),
        "revision": revision if is_behind or not form.is_bound else form.data.get("revision", ""),
        "pictures": offered_pictures(),
        "other": stored.versions.select_related("saved_by").first() if is_behind else None,
    }
    status = 409 if is_behind else 422 if form.errors else 200
    return render(request, "marketing/email/edit.html", context, status=status)


@may("marketing.view")
def email(request: Request, email_id: int) -> HttpResponse:
    """A draft with its preview, audience and what stands in the way; later its report."""
    broadcast = _found(email_id)
    if request.headers.get("HX-Request"):
        return reports.progress(request, broadcast)
    if broadcast.state not in ("draft", "scheduled"):
        return reports.report(request, broadcast)
    context: dict[str, Any] = {"email": broadcast, "now": timezone.now(), "contacts": _sample(request, broadcast)}
    context["ab_test"] = trial_of(broadcast)
    context |= before_it_goes_out(broadcast, asks=False)
    if not broadcast.is_draft or broadcast.started_at:
        context |= reports.figures(broadcast)
    return render(request, "marketing/email/email.html", context)


@xframe_options_sameorigin
@may("marketing.view")
def preview_email(request: Request, email_id: int) -> HttpResponse:
    """The mail itself as a contact would see it, for a frame without rights."""
    broadcast = _found(email_id)
    if (number := number_of(request.GET.get("version"))) is not None:
        broadcast = as_of(broadcast, get_object_or_404(Version, broadcast=broadcast, number=min(number, 2**31 - 1)))
    contact = Contact.objects.visible_to(request.user).filter(pk=number_of(request.GET.get("contact")) or 0).first()
    try:
        made = mailing.Example(broadcast, contact=contact)
        looks = {"is_dark": "dark" in request.GET, "has_pictures": "no_pictures" not in request.GET}
        page = seen(made.html, **looks)
        body, kind = (made.text, "text/plain") if request.GET.get("part") == "text" else (page, "text/html")
    except BadWriting as error:
        body, kind = str(error), "text/plain"
    return HttpResponse(
        body, content_type=f"{kind}; charset=utf-8", headers={"Content-Security-Policy": PREVIEW_POLICY}
    )


@may("marketing.change")
def plain_text_anew(request: Request, email_id: int) -> HttpResponse:
    """The plain text as it is made from what the email says, fields and all; for the form to put in."""
    try:
        words = mailing.text_of(_found(email_id))
    except BadWriting as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


@require_POST
@may("marketing.change")
def test_email(request: Request, email_id: int) -> HttpResponse:
    """POST: one copy to the person who asks."""
    broadcast = _found(email_id)
    contact = Contact.objects.visible_to(request.user).filter(pk=number_of(request.POST.get("contact")) or 0).first()
    try:
        actions.send_test(broadcast, to=request.user.email, contact=contact, now=timezone.now())
    except (Refusal, OutsideFault) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A test is on its way to %(email)s.") % {"email": request.user.email})
    return redirect(broadcast)


@require_POST
@may("marketing.send")
def send_email(request: Request, email_id: int) -> HttpResponse:
    """POST: send now, or at the time given: in the reader's zone, or on each person's own clock."""
    broadcast, now = _found(email_id), timezone.now()
    at, wall_clock = None, None
    if request.POST.get("when") == "later":
        at = _moment(request.POST.get("at", ""), request.user.zone)
        wall_clock = _moment(request.POST.get("at", ""), "UTC") if request.POST.get("on_each_clock") else None
        if at is None or at <= now:
            messages.error(request, _("Give a day and time to come. Nothing was sent."))
            return redirect(broadcast)
    try:
        actions.send_email(broadcast, at=at, actor=request.user, now=now, wall_clock=wall_clock)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is scheduled.") if at else _("It is being sent."))
    return redirect(broadcast)


@require_POST
@may("marketing.send")
def move_email(request: Request, email_id: int, verb: str) -> HttpResponse:
    """POST: pause, resume, cancel or take back."""
    broadcast, now = _found(email_id), timezone.now()
    verbs = {
        "pause": (actions.pause_email, _("It pauses after the mails in hand.")),
        "resume": (actions.resume_email, _("It goes on.")),
        "cancel": (actions.cancel_email, _("It is stopped. What was handed over cannot be called back.")),
        "take_back": (actions.take_back, _("It is a draft again. Whoever reaches it waits until it is live.")),
    }
    act, said = verbs[verb]
    if act(broadcast, actor=request.user, now=now):
        messages.success(request, said)
    else:
        messages.info(request, _("Nothing to do: it is %(state)s.") % {"state": broadcast.get_state_display()})
    return redirect(broadcast)


@require_POST
@may("marketing.send")
def go_live_email(request: Request, email_id: int) -> HttpResponse:
    """POST: let an email of a journey that was started go out to whoever reaches its step."""
    broadcast, now = _found(email_id), timezone.now()
    if broadcast.is_draft and not broadcast.may_go_live:
        messages.error(request, _("It goes live when its journey is started."))
        return redirect(broadcast)
    try:
        if blocks := actions.blocks_live(broadcast, now):
            raise actions.CannotSend(" ".join(blocks))
        actions.go_live(broadcast, actor=request.user, now=now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is live."))
    return redirect(broadcast)


@require_POST
@may("marketing.change")
def copy_email(request: Request, email_id: int) -> HttpResponse:
    """POST: a new draft with the same words."""
    return redirect("edit_email", actions.copy_email(_found(email_id), actor=request.user, now=timezone.now()).pk)


@require_POST
@may("marketing.change")
def resend_email(request: Request, email_id: int) -> HttpResponse:
    """POST: a new draft with the same words for those who did not click."""
    broadcast = _found(email_id)
    try:
        copy = actions.copy_for_silent(broadcast, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(broadcast)
    messages.success(request, _("A draft for those who had it and did not click. Give it another subject."))
    if broadcast.ended_at and broadcast.ended_at + CLICKS_COME_FOR > timezone.now():
        messages.warning(request, _("It went out less than two days ago; many clicks are still to come. Better wait."))
    return redirect("edit_email", copy.pk)


def _found(email_id: int) -> Broadcast:
    return get_object_or_404(
        Broadcast.objects.live().select_related("campaign", "topic", "owner", "journey"), pk=email_id
    )


def _sample(request: Request, broadcast: Broadcast) -> list[Contact]:
    """A few of its readers to look at the mail as."""
    people = Contact.objects.visible_to(request.user).exclude(email="")
    segments = segments_of_readers(broadcast)
    if segments.exists():
        members = SegmentMember.objects.filter(segment__in=segments, left_at=None)[:8]
        people = people.filter(pk__in=[member.contact_id for member in members])
    return list(people.order_by("pk")[:8])


def _usual_sender() -> str:
    last = Broadcast.objects.exclude(sender_email="").order_by("-pk").first()
    if last:
        return last.sender_email
    return settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">") if "." in settings.DEFAULT_FROM_EMAIL else ""


def _moment(text: str, zone: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=ZoneInfo(zone)) if found else None
