"""The pages of contact lists: all of them, one with who is on it, and the bar over chosen contacts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from baton.marketing.lists import actions, reads
from baton.marketing.lists.rules import MAX_ADDRESSES, read_addresses
from baton.marketing.segments.models import ContactList, Segment
from baton.people.contacts.listing import CONTACTS
from baton.platform.accounts.access import Request, may
from baton.platform.csvfile import csv_answer
from baton.platform.db import among
from baton.platform.errors import Refusal
from baton.platform.journal.models import JournalEntry
from baton.platform.lists.bulk import AT_MOST
from baton.platform.lists.views import asked_before, chosen
from baton.platform.pages import page_of


@may("marketing.view")
def contact_lists(request: Request) -> HttpResponse:
    """Every list with its size and where it is used."""
    return render(request, "marketing/lists/lists.html", {"lists": reads.overview()})


@may("marketing.change")
def new_contact_list(request: Request) -> HttpResponse:
    """A form for a name; sending it opens the new list."""
    problem = ""
    if request.method == "POST":
        try:
            return redirect(actions.make_list(request.POST.get("name", ""), actor=request.user, now=timezone.now()))
        except Refusal as refusal:
            problem = str(refusal)
    return render(request, "marketing/lists/new.html", {"problem": problem}, status=422 if problem else 200)


@may("marketing.view")
def contact_list(request: Request, list_id: int) -> HttpResponse:
    """One list: who is on it, where it is used, and what became of the addresses pasted last."""
    found = _found(list_id)
    everyone = reads.members(found, request.user)
    page = page_of(everyone, reads.NEWEST, request.GET.get("after", ""))
    segments, emails = reads.uses(found)
    context = {
        "on": found,
        "members": page.rows,
        "next": page.next,
        "size": found.members.filter(contact__deleted_at=None).count(),
        "fills": reads.is_being_filled(found),
        "segments": segments,
        "emails": emails,
        "account": reads.account_of(found, request.GET.get("told", ""), request.user),
    }
    answer = render(request, "marketing/lists/list.html", context)
    if request.headers.get("HX-Target") == "list-page" and not context["fills"]:
        answer.headers["HX-Refresh"] = "true"  # all are there: the whole page anew, with its number
    return answer


@require_POST
@may("marketing.change")
def rename_contact_list(request: Request, list_id: int) -> HttpResponse:
    """POST: call a list otherwise."""
    found = _found(list_id)
    try:
        actions.rename_list(found, request.POST.get("name", ""), actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("contact_list", list_id=list_id)


@require_POST
@may("marketing.change")
def paste_on_contact_list(request: Request, list_id: int) -> HttpResponse:
    """POST: put the contacts of pasted addresses on the list; the page that follows says who was unknown."""
    found, pasted = _found(list_id), read_addresses(request.POST.get("addresses", ""))
    if not 0 < len(pasted.emails) + len(pasted.others) <= MAX_ADDRESSES:
        messages.error(request, _("Paste 1 to %(n)s addresses at once.") % {"n": f"{MAX_ADDRESSES:,}"})
        return redirect(found)
    contacts, unknown = reads.found_by(pasted, request.user)
    told = {
        "unknown": unknown[: reads.SHOWN], "unknown_count": len(unknown),
        "others": pasted.others[: reads.SHOWN], "others_count": len(pasted.others),
    }  # fmt: skip
    line = actions.put_on(found, contacts, actor=request.user, now=timezone.now(), **told)
    _say_put_on(request, found, line)
    return redirect(f"{found.get_absolute_url()}?told={line.pk}")


@require_POST
@may("marketing.change")
def put_on_contact_list(request: Request) -> HttpResponse:
    """POST from the list of contacts: put the chosen ones on a list, or on a new one of that name."""
    asked = asked_before(request, CONTACTS)
    back = f"{reverse('contacts')}?{asked.query()}".rstrip("?")
    ids = chosen(asked, request.POST)
    if not 0 < len(ids) <= AT_MOST:
        messages.warning(request, _("Choose 1 to %(n)s contacts.") % {"n": f"{AT_MOST:,}"})
        return redirect(back)
    try:
        found = _wanted(request)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect(back)
    visible = CONTACTS.rows(request.user).filter(pk__in=among(ids)).values_list("pk", flat=True)
    _say_put_on(request, found, actions.put_on(found, visible, actor=request.user, now=timezone.now()))
    return redirect(back)


@require_POST
@may("marketing.change")
def put_segment_on_contact_list(request: Request, segment_id: int) -> HttpResponse:
    """POST from a segment: put who is in it now on a list, or on a new one of that name."""
    segment = get_object_or_404(Segment.objects.live(), pk=segment_id)
    try:
        found = _wanted(request)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect(segment)
    if line := actions.put_members_on(found, segment, actor=request.user, now=timezone.now()):
        _say_put_on(request, found, line)
    else:
        messages.info(request, _("They are being put on; you are told when all are there."))
    return redirect(found)


@require_POST
@may("marketing.change")
def take_off_contact_list(request: Request, list_id: int) -> HttpResponse:
    """POST: take the chosen contacts off, with undo."""
    found = _found(list_id)
    ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isdecimal() and len(pk) <= 18]
    seen = reads.members(found, request.user).filter(contact__in=among(ids))
    line = actions.take_off(found, list(seen.values_list("contact_id", flat=True)), actor=request.user)
    count = len(line.facts["were"])
    text = ngettext("%(n)s contact is off the list.", "%(n)s contacts are off the list.", count) % {"n": count}
    messages.success(request, text, extra_tags=_undo(found, line) if count else "")
    return redirect(found)


@require_POST
@may("marketing.change")
def undo_contact_list(request: Request, list_id: int, entry_id: int) -> HttpResponse:
    """POST: undo one putting on or taking off."""
    found = _found(list_id)
    lines = JournalEntry.objects.filter(thing=ContactList._meta.label_lower, thing_id=found.pk)
    entry = get_object_or_404(lines.filter(verb__in=[actions.PUT_ON, actions.TAKEN_OFF]), pk=entry_id)
    actions.undo(found, entry, actor=request.user)
    messages.success(request, _("As before."))
    return redirect(found)


@require_POST
@may("marketing.change")
def segment_of_contact_list(request: Request, list_id: int) -> HttpResponse:
    """POST: the segment of everyone on the list, which emails can be sent to."""
    return redirect(actions.make_segment(_found(list_id), actor=request.user, now=timezone.now()))


@require_POST
@may("marketing.change")
def bin_contact_list(request: Request, list_id: int) -> HttpResponse:
    """POST: put a list away with undo, unless a segment speaks of it."""
    found = _found(list_id)
    try:
        actions.bin_list(found, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    undo = reverse("restore_contact_list", kwargs={"list_id": found.pk})
    messages.success(request, _("%(list)s is put away.") % {"list": found}, extra_tags=f"undo={undo}")
    return redirect("contact_lists")


@require_POST
@may("marketing.change")
def restore_contact_list(request: Request, list_id: int) -> HttpResponse:
    """POST: bring a list back."""
    found = get_object_or_404(ContactList, pk=list_id)
    return redirect(actions.restore_list(found, actor=request.user))


@may("people.export")
def contact_list_csv(request: Request, list_id: int) -> StreamingHttpResponse:
    """Who is on the list as a file, streamed."""
    found = _found(list_id)
    rows = (
        [one.contact_id, one.contact.first_name, one.contact.last_name, one.contact.email,
         one.contact.company.name if one.contact.company else "", one.added_at.isoformat(timespec="seconds")]
        for one in reads.members(found, request.user).order_by("contact_id").iterator(chunk_size=2000)
    )  # fmt: skip
    return csv_answer(f"list-{found.pk}.csv", ["id", "first_name", "last_name", "email", "company", "added_at"], rows)


def _found(list_id: int) -> ContactList:
    return get_object_or_404(ContactList.objects.live(), pk=list_id)


def _wanted(request: Request) -> ContactList:
    """The list chosen, or a new one of the name typed. Raises NoName where there is neither."""
    number = request.POST.get("list", "")
    if number.isdecimal() and len(number) <= 18:
        return _found(int(number))
    return actions.make_list(request.POST.get("new_list", ""), actor=request.user, now=timezone.now())


def _say_put_on(request: Request, found: ContactList, line: Any) -> None:
    came, there = len(line.facts["contacts"]), line.facts["there"]
    text = ngettext("%(n)s contact put on %(list)s.", "%(n)s contacts put on %(list)s.", came)
    said = text % {"n": came, "list": found}
    if there:
        said += " " + _("On it already: %(n)s.") % {"n": there}
    messages.success(request, said, extra_tags=_undo(found, line) if came else "")


def _undo(found: ContactList, line: JournalEntry) -> str:
    return f"undo={reverse('undo_contact_list', kwargs={'list_id': found.pk, 'entry_id': line.pk})}"
