"""The contact page and what can be done on it; the list is in listing.py."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.people.companies.actions import create_company
from baton.people.consent.models import ConsentTopic
from baton.people.consent.reads import evidence_of, standings
from baton.people.consent.rules import BASES, MONTHS_OF
from baton.people.contacts import actions, reads
from baton.people.contacts.forms import ContactForm
from baton.people.contacts.models import Contact
from baton.people.deliveries.gate import listing_of
from baton.people.facts import change_in_place, typed_changes
from baton.people.leads.rules import ORIGIN_CHOICES
from baton.people.panels import drawn
from baton.people.timeline.reads import timeline
from baton.platform import wiring
from baton.platform.accounts.access import Request, may
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.fields.reads import custom_values

IN_PLACE = [name for name in actions.EDITABLE if name not in ("company", "custom")]


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
    return {
        **_facts(found),
        **timeline(request.GET, contact=found.pk),
        "composers": drawn(wiring.page().COMPOSERS, request, found),
        "panels": drawn(wiring.page().CONTACT_PANELS, request, found),
        "leads": list(found.leads.filter(deleted_at=None).select_related("owner").order_by("-opened_at")[:5]),
        "doubles": reads.doubles_of(found, request.user),
        **_consents(found),
        "origins": ORIGIN_CHOICES[1:],
    }


def _facts(found: Contact) -> dict[str, Any]:
    return {"contact": found, "owners": _owners(), "custom": custom_values("contact", found.custom)}


def _consents(found: Contact) -> dict[str, Any]:
    return {
        "standings": standings(found, ConsentTopic.objects.order_by("purpose", "label"), timezone.now()),
        "evidence": evidence_of(found),
        "listed": listing_of(found.email),
        "bases": BASES,
        "months_of": MONTHS_OF,
        "today": timezone.localdate(),
    }


def _owners() -> list[tuple[int, str]]:
    return [(user.pk, user.name) for user in User.objects.filter(is_active=True).order_by("name")]


def _status(form: ContactForm) -> int:
    return 422 if form.is_bound and form.errors else 200
