"""The visual editor: its page, saving from it, and what a mail looks like before it is saved."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from baton.marketing.drafting.looking import POLICY as FRAME_POLICY
from baton.marketing.drafting.looking import seen
from baton.marketing.drafting.picture_views import told
from baton.marketing.drafting.pictures import offered_pictures
from baton.marketing.drafting.words import canvas_words, editor_words
from baton.marketing.email import designs, mailing, writing
from baton.marketing.email.actions import save_email
from baton.marketing.email.models import Broadcast
from baton.marketing.segments.models import Segment
from baton.people.contacts.models import Contact
from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal
from baton.platform.organisation import organisation
from baton.platform.policy import POLICY
from baton.platform.record import ChangedMeanwhile
from baton.platform.search.reads import find

# The canvas draws the mail with its own inline styles and pictures from anywhere; scripts stay our own files alone.
EDITOR_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "img-src 'self' data: blob:", "img-src * data: blob:"
)
_MOST_PEOPLE = 12


@may("marketing.change")
def visual_editor(request: Request, email_id: int) -> HttpResponse:
    """The mail on a canvas, its source beside it."""
    broadcast = _found(email_id)
    if not broadcast.is_draft:
        return redirect(broadcast)
    about = {
        "source": mailing.source_of(broadcast),
        "revision": broadcast.revision,
        "save": reverse("save_visual", kwargs={"email_id": broadcast.pk}),
        "preview": reverse("preview_visual", kwargs={"email_id": broadcast.pk}),
        "people": reverse("preview_people"),
        "upload": reverse("add_picture"),
        "key": f"baton-email-{broadcast.pk}",
        "footer": designs.footer(),
        "fields": [{"name": name, "label": label, "fallback": words} for name, label, words in _fields()],
        "segments": [{"id": pk, "name": name} for pk, name in _segments()],
        "pictures": [told(picture) for picture in offered_pictures()],
        "words": editor_words(),
        "canvas": canvas_words(),
        "products": reverse("products_for_email"),
    }
    answer = render(request, "marketing/drafting/visual.html", {"email": broadcast, "about": about})
    answer["Content-Security-Policy"] = EDITOR_POLICY
    return answer


@require_POST
@may("marketing.change")
def save_visual(request: Request, email_id: int) -> JsonResponse:
    """POST from the editor: {"revision", "said", "undo"}, or {"error"}: 422 what cannot be read, 409 behind.

    With 409 come the stored "revision", to save over on a second click, and the address of the other's "version".
    """
    broadcast = _found(email_id)
    words: dict[str, Any] = {
        "mjml": request.POST.get("mjml", "").replace("\r\n", "\n"),
        "has_own_source": True,
        "subject": request.POST.get("subject", "").strip()[:250],
        "preheader": request.POST.get("preheader", "").strip()[:250],
    }
    if broadcast.is_draft and all(getattr(broadcast, name) == value for name, value in words.items()):
        return JsonResponse({"revision": broadcast.revision, "said": _("Saved."), "undo": ""})
    seen_revision = request.POST.get("revision", "")
    try:
        writing.write(subject=words["subject"], source=words["mjml"], text=broadcast.text, known={})
        if not words["subject"]:
            raise writing.BadWriting(_("Give the email a subject; the one thing everybody reads."))
        saved = save_email(
            broadcast,
            words,
            list(broadcast.segments.all()),
            actor=request.user,
            now=timezone.now(),
            seen_revision=int(seen_revision) if seen_revision.isdigit() and len(seen_revision) < 10 else None,
        )
    except ChangedMeanwhile:
        return JsonResponse(_behind(broadcast), status=409)
    except Refusal as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    last = saved.versions.order_by("-number")[:2]
    undo = ""
    if len(last) == 2 and saved.revision != broadcast.revision and last[0].saved_at == saved.changed_at:
        undo = reverse("bring_back_version", kwargs={"email_id": saved.pk, "number": last[1].number})
    return JsonResponse({"revision": saved.revision, "said": _("Saved."), "undo": undo})


def _behind(broadcast: Broadcast) -> dict[str, Any]:
    stored = _found(broadcast.pk)
    other = stored.versions.select_related("saved_by").first()
    name = other.saved_by.name if other and other.saved_by else _("Somebody")
    said = _("%(name)s saved this email meanwhile. Yours is still here: save once more to put it in place of theirs.")
    return {
        "error": said % {"name": name},
        "revision": stored.revision,
        "version": reverse("email_versions", kwargs={"email_id": stored.pk}),
    }


@require_POST
@may("marketing.view")
def preview_visual(request: Request, email_id: int) -> JsonResponse:
    """POST: what somebody would read of a source that is not saved: {"html", "text", "subject"} or {"error"}."""
    broadcast = _found(email_id)
    broadcast.mjml, broadcast.has_own_source = request.POST.get("mjml", ""), True
    broadcast.subject, broadcast.preheader = request.POST.get("subject", ""), request.POST.get("preheader", "")
    contact = request.POST.get("contact", "")
    people = Contact.objects.visible_to(request.user)
    reader = people.filter(pk=int(contact)).first() if contact.isdigit() and len(contact) < 18 else None
    try:
        made = mailing.Example(broadcast, organisation(), reader)
    except Refusal as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    is_dark, has_pictures = "dark" in request.POST, "no_pictures" not in request.POST
    page = seen(made.html, is_dark=is_dark, has_pictures=has_pictures)
    return JsonResponse({"html": page, "text": made.text, "subject": made.subject})


@xframe_options_sameorigin
@may("marketing.view")
def preview_design(request: Request, key: str) -> HttpResponse:
    """A template as it comes, for the frames one chooses from."""
    if key not in designs.DESIGNS:
        raise Http404
    draft = Broadcast(design=key, fields=designs.first_fields(key), sender_name=organisation().name)
    policy = f"sandbox; {FRAME_POLICY.format(pictures='* data:')}; frame-ancestors 'self'"
    return HttpResponse(mailing.Example(draft).html, headers={"Content-Security-Policy": policy})


@may("marketing.view")
def preview_people(request: Request) -> JsonResponse:
    """People to look at a mail as, found by any word of theirs: [{"id", "name", "email"}]."""
    rows = find(request.user, request.GET.get("q", "")[:100], _MOST_PEOPLE, kind="contact")
    people = Contact.objects.visible_to(request.user).in_bulk([row.thing_id for row in rows])
    found = [people[row.thing_id] for row in rows if row.thing_id in people]
    return JsonResponse({"people": [{"id": one.pk, "name": one.name, "email": one.email} for one in found]})


def _found(email_id: int) -> Broadcast:
    return get_object_or_404(Broadcast.objects.live().select_related("campaign", "topic", "owner"), pk=email_id)


def _segments() -> list[tuple[int, str]]:
    return list(Segment.objects.live().order_by("name").values_list("pk", "name")[:300])


def _fields() -> list[tuple[str, str, str]]:
    """Name, label, and what is said to who has none."""
    return [
        ("first_name", _("First name"), _("there")),
        ("last_name", _("Last name"), ""),
        ("name", _("Whole name"), _("there")),
        ("company", _("Company"), _("your company")),
        ("job_title", _("Job title"), _("your work")),
        ("city", _("City"), _("your town")),
        ("country", _("Country"), _("your country")),
        ("email", _("E-mail address"), ""),
    ]
