"""The company page and what can be done on it; the list is in listing.py."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.people.companies import actions
from baton.people.companies.forms import CompanyForm
from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.facts import change_in_place, typed_changes
from baton.people.panels import drawn
from baton.people.timeline.reads import timeline
from baton.platform import wiring
from baton.platform.accounts.access import Request, may, visible_to
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.fields.reads import custom_values
from baton.platform.pages import capped_count

IN_PLACE = ["domain", "website", "phone", "industry", "street", "postcode", "city", "country", "owner"]


@may("people.view")
def company(request: Request, company_id: int) -> HttpResponse:
    """One company: facts, people, timeline, what is attached."""
    found = _visible(request, company_id)
    people = Contact.objects.visible_to(request.user).filter(company=found).order_by("-engagement_score", "-pk")
    return render(
        request,
        "people/companies/company.html",
        {
            **_facts(found),
            "people": list(people[:20]),
            "people_count": sum(capped_count(people)),
            **timeline(request.GET, company=found.pk),
            "composers": drawn(wiring.page().COMPOSERS, request, found),
            "panels": drawn(wiring.page().COMPANY_PANELS, request, found),
        },
    )


@may("people.change")
def new_company(request: Request) -> HttpResponse:
    """A form for a new company; saving opens it."""
    form = CompanyForm(request.POST or None, initial={"owner": request.user.pk})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_company(actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(company)s is saved.") % {"company": made})
            return redirect(made)
    context = {"form": form, "company": None}
    return render(request, "people/companies/edit.html", context, status=422 if form.errors else 200)


@may("people.change")
def edit_company(request: Request, company_id: int) -> HttpResponse:
    """The company's form; a change made meanwhile by someone else is shown instead of overwritten."""
    found = _visible(request, company_id)
    form = CompanyForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        stored = Company.objects.get(pk=found.pk)
        seen = int(request.POST.get("revision") or stored.revision)
        values: dict[str, Any] = form.cleaned_data
        try:
            actions.change_company(stored, values, actor=request.user, now=timezone.now(), seen_revision=seen)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(stored)
    context = {"form": form, "company": found}
    return render(request, "people/companies/edit.html", context, status=422 if form.errors else 200)


@require_POST
@may("people.change")
def change_field(request: Request, company_id: int) -> HttpResponse:
    """POST: one field, edited where it stands."""
    found = _visible(request, company_id)
    seen = request.POST.get("revision", "")

    def change() -> None:
        changes = typed_changes(request, "company", found.custom, IN_PLACE)
        revision = int(seen) if seen.isdecimal() else found.revision
        actions.change_company(found, changes, actor=request.user, now=timezone.now(), seen_revision=revision)

    return change_in_place(request, found, change, "people/companies/_facts.html", lambda: _facts(found))


@require_POST
@may("people.change")
def bin_company(request: Request, company_id: int) -> HttpResponse:
    """POST: into the bin, with undo; contacts and deals stay."""
    found = _visible(request, company_id)
    actions.bin_company(found, actor=request.user, now=timezone.now())
    undo = reverse("restore_company", kwargs={"company_id": found.pk})
    messages.success(request, _("%(company)s is in the bin.") % {"company": found}, extra_tags=f"undo={undo}")
    return redirect("companies")


@require_POST
@may("people.change")
def restore_company(request: Request, company_id: int) -> HttpResponse:
    """POST: out of the bin."""
    found = get_object_or_404(Company.objects.filter(visible_to(request.user, "people")), pk=company_id)
    try:
        actions.restore_company(found, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(found if found.deleted_at is None else "companies")


def _visible(request: Request, company_id: int) -> Company:
    return get_object_or_404(Company.objects.visible_to(request.user).select_related("owner", "parent"), pk=company_id)


def _facts(found: Company) -> dict[str, Any]:
    owners = [(user.pk, user.name) for user in User.objects.filter(is_active=True).order_by("name")]
    return {"company": found, "owners": owners, "custom": custom_values("company", found.custom)}
