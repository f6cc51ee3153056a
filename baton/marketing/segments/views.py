"""The pages of segments: list, builder with its live count, members, why in and why out."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.marketing.segments import actions, builder, editor, reads, uses
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.models import Segment
from baton.marketing.segments.rules import BadRule
from baton.marketing.segments.schema import rule_schema
from baton.marketing.segments.words import sentence
from baton.people.contacts.models import Contact
from baton.platform.accounts.access import Request, may
from baton.platform.csvfile import csv_answer
from baton.platform.forms import number_of
from baton.platform.pages import Sort, page_of

NEWEST = Sort("entered_at", True, "")


@may("marketing.view")
def segment_list(request: Request) -> HttpResponse:
    """Every segment with its sentence and its size."""
    segments = list(Segment.objects.live().select_related("owner"))
    names = reads.names()
    rows = [(segment, sentence(segment.rule, names)) for segment in segments]
    return render(request, "marketing/segments/list.html", {"segments": rows})


@may("marketing.view")
def segment(request: Request, segment_id: int) -> HttpResponse:
    """One segment: its sentence, its members, who left, and why someone is in or out."""
    found = get_object_or_404(Segment.objects.live(), pk=segment_id)
    visible = Contact.objects.visible_to(request.user)
    current = reads.members_seen(found, request.user).select_related("contact__company")
    page = page_of(current, NEWEST, request.GET.get("after", ""))
    who = request.GET.get("who", "").strip().lower()
    contact = visible.holding(email=[who]).first() if who else None
    gone = found.members.exclude(left_at=None).filter(contact__in=visible)
    gone = gone.select_related("contact").order_by("-left_at")[:10]
    return render(
        request,
        "marketing/segments/segment.html",
        {
            "segment": found,
            "fill": reads.fill_of(found),
            "said": sentence(found.rule, reads.names()),
            "members": page.rows,
            "next": page.next,
            "who": who,
            "explained": reads.why(found.rule, contact, now=timezone.now()) if contact else None,
            "lately": list(gone),
            "sizes": reads.sizes(found),
            "overlaps": reads.overlaps(found),
            "versions": reads.versions(found),
            "used": uses.uses(found),
            "lists": uses.lists_offered(),
            "campaigns": uses.campaigns_offered(found),
            "rule_json": json.dumps(found.rule, indent=2, ensure_ascii=False),
        },
    )


@may("marketing.view")
def segment_filling(request: Request, segment_id: int) -> HttpResponse:
    """The part that says how far a filling is; asks for itself again, has the page drawn anew at the end."""
    found = get_object_or_404(Segment.objects.live(), pk=segment_id)
    fill = reads.fill_of(found)
    answer = render(request, "marketing/segments/_filling.html", {"segment": found, "fill": fill})
    if fill is None:
        answer.headers["HX-Refresh"] = "true"
    return answer


@may("marketing.change")
def new_segment(request: Request) -> HttpResponse:
    """The builder, empty."""
    return _edit(request, None)


@may("marketing.change")
def edit_segment(request: Request, segment_id: int) -> HttpResponse:
    """The builder with a segment's rule."""
    return _edit(request, get_object_or_404(Segment.objects.live(), pk=segment_id))


@may("marketing.view")
def segment_schema(request: Request) -> JsonResponse:
    """The JSON schema of rules."""
    return JsonResponse(rule_schema())


@require_POST
@may("marketing.view")
def preview_segment(request: Request) -> HttpResponse:
    """POST: the sentence, live count and sample of a rule that is not saved; changes nothing."""
    # htmx sends the button that happens to have the focus along; here it means nothing
    return render(request, "marketing/segments/_preview.html", editor.preview(request, editor.draft(request, order="")))


@require_POST
@may("marketing.change")
def segment_tree(request: Request) -> HttpResponse:
    """POST: the builder's rows after a button or a new choice; changes nothing that is kept."""
    rows = builder.changed(builder.rows_sent(request.POST), request.POST.get("do", ""))
    found = Segment.objects.live().filter(pk=number_of(request.POST.get("segment")) or 0).first()
    return render(request, "marketing/segments/_tree.html", editor.tree(rows, found))


@require_POST
@may("marketing.change")
def bin_segment(request: Request, segment_id: int) -> HttpResponse:
    """POST: put a segment away, unless another one speaks of it."""
    found = get_object_or_404(Segment.objects.live(), pk=segment_id)
    try:
        actions.bin_segment(found, actor=request.user, now=timezone.now())
    except actions.SegmentInUse as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    messages.success(request, _("%(segment)s is put away.") % {"segment": found})
    return redirect("segments")


@may("people.export")
def segment_csv(request: Request, segment_id: int) -> StreamingHttpResponse:
    """The members as a file, streamed."""
    found = get_object_or_404(Segment.objects.live(), pk=segment_id)
    members = reads.members_seen(found, request.user).select_related("contact__company").order_by("pk")
    rows = (
        [one.contact_id, one.contact.first_name, one.contact.last_name, one.contact.email,
         one.contact.company.name if one.contact.company else "", one.entered_at.isoformat(timespec="seconds")]
        for one in members.iterator(chunk_size=2000)
    )  # fmt: skip
    return csv_answer(
        f"segment-{found.pk}.csv", ["id", "first_name", "last_name", "email", "company", "entered_at"], rows
    )


def _edit(request: Request, found: Segment | None) -> HttpResponse:
    name = request.POST.get("name", found.name if found else "").strip()[:200]
    rows, problem = builder.rows_of(found.rule) if found else builder.EMPTY, ""
    if request.method == "POST":
        rows = builder.changed(builder.rows_sent(request.POST), request.POST.get("do", ""))
        if "do" not in request.POST:
            try:
                return _saved(request, found, name)
            except BadRule as error:
                problem = str(error)
    draft = (
        editor.draft(request, order=request.POST.get("do", ""))
        if request.method == "POST"
        else builder.rule_of(rows, custom=custom_attributes(), is_draft=True)
    )
    parts = editor.tree(rows, found) | editor.preview(request, draft)
    context = {"segment": found, "name": name, "problem": problem} | parts
    return render(request, "marketing/segments/edit.html", context, status=422 if problem else 200)


def _saved(request: Request, found: Segment | None, name: str) -> HttpResponse:
    """Save what was sent. Raises BadRule."""
    rule = builder.read_rule(request.POST, custom=custom_attributes())
    if not name:
        raise BadRule(_("Give the segment a name."))
    saved = actions.save_segment(found, name=name, rule=rule, actor=request.user, now=timezone.now())
    messages.success(request, _("%(segment)s is saved; its members follow in a moment.") % {"segment": saved})
    return redirect(saved)
