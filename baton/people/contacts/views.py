"""The contact list, the contact page and what can be done on them."""

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

from baton.people.companies.actions import create_company
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts import actions, reads
from baton.people.contacts.forms import ContactForm
from baton.people.contacts.models import Contact
from baton.people.facts import change_in_place, typed_changes
from baton.people.leads.rules import ORIGIN_CHOICES
from baton.people.lifecycle.rules import STAGE_CHOICES
from baton.people.panels import drawn
from baton.people.timeline.reads import timeline_of
from baton.platform import wiring
from baton.platform.accounts.access import Request, may
from baton.platform.accounts.models import User
from baton.platform.csvfile import csv_answer
from baton.platform.errors import Refusal
from baton.platform.fields.reads import custom_values
from baton.platform.journal.models import JournalEntry
from baton.platform.pages import capped_count, page_of

AT_MOST = 500
IN_PLACE = [name for name in actions.EDITABLE if name not in ("company", "custom")]


@may("people.view")
def contact_list(request: Request) -> HttpResponse:
    """Contacts as rows, fifty at a time."""
    chosen = reads.ContactFilter.read(request.GET)
    sort = request.GET.get("sort", "newest")
    sort = sort if sort in reads.SORTS else "newest"
    contacts = chosen.narrow(reads.contacts_for(request.user), request.user)
    page = page_of(contacts, reads.SORTS[sort], request.GET.get("after", ""))
    count, is_capped = capped_count(contacts)
    return render(
        request,
        "people/contacts/list.html",
        {
            "contacts": page.rows,
            "next": page.next,
            "is_first": not request.GET.get("after"),
            "count": count + is_capped,
            "filter": chosen,
            "sort": sort,
            "sorts": [(name, order.label) for name, order in reads.SORTS.items()],
            "stages": STAGE_CHOICES,
            "owners": _owners(),
        },
    )


@may("people.view")
def contact(request: Request, contact_id: int) -> HttpResponse:
    """One contact: facts, timeline, what is attached."""
    found = _visible(request, contact_id)
    return render(request, "people/contacts/contact.html", _page(request, found))


@may("people.change")
def new_contact(request: Request) -> HttpResponse:
    """A form for a new contact; saving opens it."""
    form = ContactForm(request.POST or None, user=request.user, initial={"owner": request.user.pk})
    if request.method == "POST" and form.is_valid():
        try:
            values = _with_company(form, request.user)
            made = actions.create_contact(actor=request.user, now=timezone.now(), **values)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(contact)s is saved.") % {"contact": made})
            return redirect(made)
    return render(request, "people/contacts/edit.html", {"form": form, "contact": None}, status=_status(form))


@may("people.change")
def edit_contact(request: Request, contact_id: int) -> HttpResponse:
    """The contact's form; a change that someone else made meanwhile is shown instead of overwritten."""
    found = _visible(request, contact_id)
    form = ContactForm(request.POST or None, instance=found, user=request.user)
    if request.method == "POST" and form.is_valid():
        stored = Contact.objects.get(pk=found.pk)  # the bound form has put its values on `found`
        seen = int(request.POST.get("revision") or stored.revision)
        try:
            values = _with_company(form, request.user)
            actions.change_contact(stored, values, actor=request.user, now=timezone.now(), seen_revision=seen)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(stored)
    return render(request, "people/contacts/edit.html", {"form": form, "contact": found}, status=_status(form))


@require_POST
@may("people.change")
def change_field(request: Request, contact_id: int) -> HttpResponse:
    """POST: one field, edited where it stands."""
    found = _visible(request, contact_id)
    seen = request.POST.get("revision", "")

    def change() -> None:
        changes = typed_changes(request, "contact", found.custom, IN_PLACE)
        revision = int(seen) if seen.isdecimal() else found.revision
        actions.change_contact(found, changes, actor=request.user, now=timezone.now(), seen_revision=revision)

    return change_in_place(request, found, change, "people/contacts/_facts.html", lambda: _facts(found))


@require_POST
@may("people.change")
def change_together(request: Request) -> HttpResponse:
    """POST: set the owner or source of the chosen contacts, with undo."""
    ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isdecimal()][:AT_MOST]
    contacts = list(Contact.objects.visible_to(request.user).filter(pk__in=ids))
    changes: dict[str, Any] = {}
    if request.POST.get("owner", "").isdecimal():
        changes["owner"] = get_object_or_404(User, pk=request.POST["owner"], is_active=True)
    answer = redirect(f"{reverse('contacts')}?{request.POST.get('back', '')}")
    if not changes or not contacts:
        messages.warning(request, _("Nothing was changed: choose contacts and an owner."))
        return answer
    entry = actions.change_together(contacts, changes, actor=request.user, now=timezone.now())
    text = ngettext("%(count)s contact changed.", "%(count)s contacts changed.", len(contacts))
    undo = reverse("contacts_undo", kwargs={"entry_id": entry.pk})
    messages.success(request, text % {"count": len(contacts)}, extra_tags=f"undo={undo}")
    return answer


@require_POST
@may("people.change")
def undo_together(request: Request, entry_id: int) -> HttpResponse:
    """POST: take a change of many back; only one's own."""
    entry = get_object_or_404(JournalEntry, pk=entry_id, verb="contacts.changed_together", actor=request.user)
    count = actions.undo_together(entry, actor=request.user, now=timezone.now())
    text = ngettext("%(count)s contact is as before.", "%(count)s contacts are as before.", count)
    messages.success(request, text % {"count": count})
    return redirect("contacts")


@may("people.export")
def contacts_csv(request: Request) -> StreamingHttpResponse:
    """The filtered list as a file, streamed."""
    chosen = reads.ContactFilter.read(request.GET)
    contacts = chosen.narrow(reads.contacts_for(request.user), request.user)
    return csv_answer("contacts.csv", reads.EXPORT_HEAD, reads.export_rows(contacts))


@require_POST
@may("people.change")
def bin_contact(request: Request, contact_id: int) -> HttpResponse:
    """POST: into the bin, with undo."""
    found = _visible(request, contact_id)
    actions.bin_contact(found, actor=request.user, now=timezone.now())
    undo = reverse("restore_contact", kwargs={"contact_id": found.pk})
    messages.success(request, _("%(contact)s is in the bin.") % {"contact": found}, extra_tags=f"undo={undo}")
    return redirect("contacts")


@require_POST
@may("people.change")
def restore_contact(request: Request, contact_id: int) -> HttpResponse:
    """POST: out of the bin."""
    mine = Contact.objects.filter(pk=contact_id).filter(pk__in=_seen_in_bin(request.user))
    found = get_object_or_404(mine)
    try:
        actions.restore_contact(found, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(found if found.deleted_at is None else "contacts")


def _seen_in_bin(user: User) -> Any:
    from baton.platform.accounts.access import visible_to

    return Contact.objects.filter(visible_to(user, "people")).values("pk")


def _visible(request: Request, contact_id: int) -> Contact:
    return get_object_or_404(reads.contacts_for(request.user), pk=contact_id)


def _with_company(form: ContactForm, user: User) -> dict[str, Any]:
    values = form.values()
    if form.new_company:
        values["company"] = create_company(actor=user, now=timezone.now(), name=form.new_company, owner=user)
    return values


def _page(request: Request, found: Contact) -> dict[str, Any]:
    entries, older = timeline_of("contact", found.pk, before=request.GET.get("before", ""))
    return {
        **_facts(found),
        "entries": entries,
        "older": older,
        "panels": drawn(wiring.page().CONTACT_PANELS, request, found),
        "leads": list(found.leads.filter(deleted_at=None).select_related("owner").order_by("-opened_at")[:5]),
        "doubles": list(reads.doubles_of(found, request.user)),
        "topics": _topics(found),
        "evidence": list(found.consent_evidence.select_related("topic", "actor").order_by("-at")[:10]),
        "origins": ORIGIN_CHOICES[1:],
    }


def _facts(found: Contact) -> dict[str, Any]:
    return {"contact": found, "owners": _owners(), "custom": custom_values("contact", found.custom)}


def _topics(found: Contact) -> list[tuple[ConsentTopic, Consent | None]]:
    consents = {consent.topic_id: consent for consent in found.consents.filter(channel="email")}
    return [(topic, consents.get(topic.pk)) for topic in ConsentTopic.objects.order_by("pk")]


def _owners() -> list[tuple[int, str]]:
    return [(user.pk, user.name) for user in User.objects.filter(is_active=True).order_by("name")]


def _status(form: ContactForm) -> int:
    return 422 if form.is_bound and form.errors else 200
