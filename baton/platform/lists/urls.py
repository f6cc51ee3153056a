"""The addresses of a list, made for each listing alike, with who may ask for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from baton.platform.accounts.access import may
from baton.platform.lists import views
from baton.platform.lists.listing import Listing

View = Callable[..., HttpResponseBase]


def urls_of(listing: Listing) -> list[URLPattern]:
    """contacts/, contacts/contacts.csv, contacts/change/ and so on; names contacts, contacts_csv, contacts_change."""
    key, at, sees, changes = listing.key, listing.address, f"{listing.side}.view", f"{listing.side}.change"
    rows: list[tuple[str, View, str, str, bool]] = [
        (f"{at}{listing.place}", views.list_page, sees, listing.page, False),
        (f"{at}{key}.csv", views.csv_file, "people.export", f"{key}_csv", False),
        (f"{at}columns/", views.columns, sees, f"{key}_columns", True),
        (f"{at}change/", views.change, changes, f"{key}_change", True),
        (f"{at}changes/<int:change_id>/", views.changed, changes, f"{key}_changed", False),
        (f"{at}changes/<int:change_id>/undo/", views.undo, changes, f"{key}_undo", True),
        (f"{at}views/", views.save_view, sees, f"{key}_views", True),
        (f"{at}views/<int:view_id>/change/", views.change_view, sees, f"{key}_view_change", True),
        (f"{at}views/<int:view_id>/delete/", views.delete_view, sees, f"{key}_view_delete", True),
        (f"{at}views/<int:view_id>/restore/", views.restore_view, sees, f"{key}_view_restore", True),
    ]
    return [path(where, _view(view, listing, who, posts=posts), name=name) for where, view, who, name, posts in rows]


def _view(view: View, listing: Listing, permission: str, *, posts: bool) -> View:
    def of_listing(request: HttpRequest, **more: Any) -> HttpResponseBase:
        return view(request, listing, **more)

    of_listing.__name__, of_listing.__doc__ = view.__name__, view.__doc__
    guarded = may(permission)(of_listing)
    return require_POST(guarded) if posts else guarded
