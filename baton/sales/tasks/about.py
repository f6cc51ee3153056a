"""Whom an activity or task is about, read from a form and limited to what the reader may see; and the way back."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.platform.accounts.access import Request
from baton.sales.deals.models import Deal


def about(request: Request, *, required: bool) -> dict[str, Any]:
    """The contact, company and deal named by the form. 404 for what the reader may not see, or when none is named."""
    found = {
        "contact": _named(request, "contact", Contact.objects.visible_to(request.user).select_related("company")),
        "company": _named(request, "company", Company.objects.visible_to(request.user)),
        "deal": _named(request, "deal", Deal.objects.visible_to(request.user).select_related("company", "stage")),
    }
    if required and not any(found.values()):
        raise Http404
    return found


def _named(request: Request, name: str, rows: QuerySet[Any]) -> Model | None:
    pk = request.POST.get(name, "")
    if not pk:
        return None
    return get_object_or_404(rows, pk=int(pk) if pk.isdecimal() else 0)


def go_back(request: Request, *things: Contact | Company | Deal | None) -> HttpResponse:
    """To the form's `next` address if it is one of ours, else to the first thing's page, else to Today."""
    back = request.POST.get("next", "")
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    thing = next((thing for thing in things if thing is not None), None)
    return redirect(thing) if thing is not None else redirect("today")
