"""The pages and verbs every list has. Each view is handed its listing by urls.py, which also says who may."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.platform.accounts.access import Request
from baton.platform.csvfile import csv_answer
from baton.platform.errors import Refusal
from baton.platform.lists import actions, bulk
from baton.platform.lists.asked import Asked
from baton.platform.lists.listing import Listing
from baton.platform.lists.models import BulkChange, SavedView
from baton.platform.lists.page import bulk_fields, file_of, page

TO = "to-"
BIN = "bin"


def list_page(request: Request, listing: Listing) -> HttpResponse:
    """The list, fifty rows at a time."""
    asked = Asked.read(listing, request.GET, request.user)
    return render(request, listing.template, page(asked, request.GET.get("after", "")))


def csv_file(request: Request, listing: Listing) -> HttpResponseBase:
    """The filtered list as a file, streamed: the columns shown, or with columns=all every one."""
    asked = Asked.read(listing, request.GET, request.user)
    head, rows = file_of(asked, all_columns=request.GET.get("columns") == "all")
    return csv_answer(f"{listing.key}.csv", head, rows)


def columns(request: Request, listing: Listing) -> HttpResponse:
    """POST: keep which columns the list shows this person."""
    asked = asked_before(request, listing)
    actions.choose_columns(asked, [] if "usual" in request.POST else request.POST.getlist("columns"))
    is_own = asked.view is not None and asked.view.owner_id == request.user.pk
    return _back(listing, asked.query() if is_own else asked.query(view=""))


def change(request: Request, listing: Listing) -> HttpResponse:
    """POST: set one field of the chosen rows, or of all that fit, or bin them."""
    asked = asked_before(request, listing)
    try:
        changes = _typed(asked, request.POST)
        ids = chosen(asked, request.POST)
        done = bulk.change_together(listing, ids, changes, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return _back(listing, asked.query())
    return _told(request, listing, done, asked.query())


def changed(request: Request, listing: Listing, change_id: int) -> HttpResponse:
    """How far a change of many rows is, or how it went; htmx asks for its part alone."""
    found = _own_change(request, listing, change_id)
    part = "shell/_bulk_change.html" if request.headers.get("HX-Request") else "shell/bulk_change.html"
    sentence = "" if found.is_under_way else bulk.said(listing, found)
    return render(request, part, {"listing": listing, "change": found, "sentence": sentence})


def undo(request: Request, listing: Listing, change_id: int) -> HttpResponse:
    """POST: take a change of many back; only one's own, once."""
    found = _own_change(request, listing, change_id)
    try:
        found = bulk.take_back(listing, found, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return _back(listing, "")
    return _told(request, listing, found, "")


def save_view(request: Request, listing: Listing) -> HttpResponse:
    """POST: keep the present conditions, order and columns under a name."""
    asked = asked_before(request, listing)
    is_shared = "is_shared" in request.POST
    try:
        view = actions.save_view(asked, request.POST.get("name", ""), is_shared=is_shared, now=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return _back(listing, asked.query())
    messages.success(request, _("The view %(name)s is saved.") % {"name": view.name})
    return _back(listing, asked.query(view=str(view.pk)))


def change_view(request: Request, listing: Listing, view_id: int) -> HttpResponse:
    """POST: rename or share a view; with `keep` it takes on what is asked for now."""
    view = _own_view(request, listing, view_id)
    asked = asked_before(request, listing)
    name, is_shared = request.POST.get("name", view.name), "is_shared" in request.POST
    try:
        actions.change_view(view, name, is_shared=is_shared, asked=asked if "keep" in request.POST else None)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The view %(name)s is saved.") % {"name": view.name})
    return _back(listing, asked.query())


def delete_view(request: Request, listing: Listing, view_id: int) -> HttpResponse:
    """POST: take a view away, with undo."""
    view = actions.delete_view(_own_view(request, listing, view_id), now=timezone.now())
    undo = reverse(f"{listing.key}_view_restore", kwargs={"view_id": view.pk})
    text = _("The view %(name)s is deleted.") % {"name": view.name}
    messages.success(request, text, extra_tags=f"undo={undo}")
    return _back(listing, "")


def restore_view(request: Request, listing: Listing, view_id: int) -> HttpResponse:
    """POST: bring a deleted view back."""
    view = actions.restore_view(_own_view(request, listing, view_id))
    return _back(listing, f"{view.query}&view={view.pk}".lstrip("&"))


def asked_before(request: Request, listing: Listing) -> Asked:
    """The list as it stood when the form on it was drawn."""
    return Asked.read(listing, QueryDict(request.POST.get("back", "")), request.user)


def _back(listing: Listing, query: str) -> HttpResponse:
    return redirect(f"{reverse(listing.page)}?{query}" if query else reverse(listing.page))


def chosen(asked: Asked, sent: QueryDict) -> list[int]:
    """Ids of the ticked rows, or of all that fit (up to one more than can be changed at once)."""
    if sent.get("all") == "1":
        return list(asked.rows().order_by("pk").values_list("pk", flat=True)[: bulk.AT_MOST + 1])
    return [int(pk) for pk in sent.getlist("ids") if pk.isdecimal() and len(pk) <= 18]


def _typed(asked: Asked, sent: QueryDict) -> dict[str, Any]:
    """The field that was set; empty for the bin. Raises Refusal.

    A button names its field. Where Enter sent the form no button did, and the one field that was filled in is meant.
    """
    filled = [name.removeprefix(TO) for name, value in sent.items() if name.startswith(TO) and value]
    what = sent.get("what") or (filled[0] if len(filled) == 1 else "")
    if what == BIN:
        return {}
    field = next((one for one in bulk_fields(asked) if one.name == what), None)
    if field is None:
        raise Refusal(_("Nothing was changed: choose a field and its new value."))
    return {field.name: field.read(str(sent.get(f"{TO}{what}", "")).strip(), asked.user)}


def _told(request: Request, listing: Listing, done: BulkChange, query: str) -> HttpResponse:
    if done.is_under_way:
        return redirect(f"{listing.key}_changed", change_id=done.pk)
    undo = ""
    if done.state == BulkChange.State.DONE and done.changed:
        undo = f"undo={reverse(f'{listing.key}_undo', kwargs={'change_id': done.pk})}"
    say = messages.success if done.changed else messages.warning
    say(request, bulk.said(listing, done), extra_tags=undo)
    return _back(listing, query)


def _own_change(request: Request, listing: Listing, change_id: int) -> BulkChange:
    return get_object_or_404(BulkChange, pk=change_id, listing=listing.key, actor=request.user)


def _own_view(request: Request, listing: Listing, view_id: int) -> SavedView:
    return get_object_or_404(SavedView, pk=view_id, listing=listing.key, owner=request.user)
