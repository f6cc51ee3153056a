"""Saved views of the Website page: a look under a name, one's own or everyone's, and the one the page opens with."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.lists import actions
from baton.platform.lists.models import SavedView
from baton.tracking.website.looks import Look
from baton.tracking.website.reads import look_at, words_of

LISTING = "website"
NO_VIEW = "view=0"  # what an address says that asks for the page as it is without any view


def opens_with(user: User) -> SavedView | None:
    """The view the page opens with for this person."""
    pk = user.default_views.get(LISTING)
    return SavedView.found_by(user, LISTING).filter(pk=pk).first() if pk else None


def tabs_of(user: User, look: Look) -> list[dict[str, Any]]:
    """The page without a view and each saved one, as tabs; the one that is as the look is current."""
    query = look.query()
    tabs = [{"label": _("All visits"), "href": f"?{NO_VIEW}", "is_current": not query}]
    for view in SavedView.found_by(user, LISTING):
        tabs.append({"label": view.name, "href": f"?{view.query or NO_VIEW}", "is_current": view.query == query != ""})
    return tabs


@require_GET
@may("marketing.view")
def website_views(request: Request) -> HttpResponse:
    """Every view the person finds: renamed, shared, replaced, deleted, and which one the page opens with."""
    views = [(view, words_of(look_at(QueryDict(view.query)))) for view in SavedView.found_by(request.user, LISTING)]
    context = {"views": views, "opens_with": request.user.default_views.get(LISTING)}
    return render(request, "tracking/website/views.html", context)


@require_POST
@may("marketing.view")
def save_website_view(request: Request) -> HttpResponse:
    """POST: keep the look of `query` under a name."""
    query = look_at(QueryDict(request.POST.get("query", ""))).query()
    view = SavedView(listing=LISTING, query=query, owner=request.user)
    try:
        actions.keep_view(view, _name(request), is_shared="is_shared" in request.POST, now=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The view %(name)s is saved.") % {"name": view.name})
    return redirect(f"{reverse('website')}?{query or NO_VIEW}")


@require_POST
@may("marketing.view")
def change_website_view(request: Request, view_id: int) -> HttpResponse:
    """POST: rename a view, share it or not."""
    view = _own(request, view_id)
    try:
        actions.change_view(view, _name(request), is_shared="is_shared" in request.POST)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The view %(name)s is saved.") % {"name": view.name})
    return redirect("website_views")


@require_POST
@may("marketing.view")
def delete_website_view(request: Request, view_id: int) -> HttpResponse:
    """POST: take a view away, with undo."""
    view = actions.delete_view(_own(request, view_id), now=timezone.now())
    undo = reverse("restore_website_view", kwargs={"view_id": view.pk})
    messages.success(request, _("The view %(name)s is deleted.") % {"name": view.name}, extra_tags=f"undo={undo}")
    return redirect("website_views")


@require_POST
@may("marketing.view")
def restore_website_view(request: Request, view_id: int) -> HttpResponse:
    """POST: bring a deleted view back."""
    actions.restore_view(_own(request, view_id))
    return redirect("website_views")


@require_POST
@may("marketing.view")
def open_website_with(request: Request) -> HttpResponse:
    """POST: the page opens with this `view` for the person, or as usual with none."""
    told = request.POST.get("view", "")
    view = None
    if told:
        pk = int(told) if told.isascii() and told.isdigit() and len(told) < 19 else 0
        view = get_object_or_404(SavedView.found_by(request.user, LISTING), pk=pk)
    actions.open_with(view, LISTING, user=request.user)
    if view:
        messages.success(request, _("Website opens with %(name)s for you.") % {"name": view.name})
    else:
        messages.success(request, _("Website opens with all visits for you."))
    return redirect("website_views")


def _own(request: Request, view_id: int) -> SavedView:
    return get_object_or_404(SavedView, pk=view_id, listing=LISTING, owner=request.user)


def _name(request: Request) -> str:
    return request.POST.get("name", "")
