"""What a person keeps of a list: the columns they chose, and views under a name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.lists.asked import Asked
from baton.platform.lists.models import SavedView

MOST_VIEWS = 30
LONGEST_QUERY = SavedView._meta.get_field("query").max_length or 0


def choose_columns(asked: Asked, keys: Iterable[str]) -> None:
    """Keep which columns the person wants, on their own saved view where one is open; none means the usual ones."""
    known = [one.key for one in asked.columns if one.key in set(keys)]
    usual = [one.key for one in asked.columns if one.is_shown]
    chosen = [] if known == usual else known
    if asked.view and asked.view.owner_id == asked.user.pk:
        SavedView.objects.filter(pk=asked.view.pk).update(columns=chosen)
        return
    kept = {**asked.user.list_columns, asked.listing.key: chosen}
    User.objects.filter(pk=asked.user.pk).update(list_columns={key: value for key, value in kept.items() if value})


def save_view(asked: Asked, name: str, *, is_shared: bool, now: datetime) -> SavedView:
    """Keep what is asked for now, with the columns, as a tab. Raises Refusal without a name and above MOST_VIEWS."""
    columns = [one.key for one in asked.shown]
    view = SavedView(listing=asked.listing.key, query=asked.query(view=""), columns=columns, owner=asked.user)
    return keep_view(view, name, is_shared=is_shared, now=now)


def keep_view(view: SavedView, name: str, *, is_shared: bool, now: datetime) -> SavedView:
    """Keep a new view under a name. Raises Refusal without a name, above MOST_VIEWS and where its query is too long."""
    if SavedView.objects.filter(owner=view.owner, listing=view.listing, deleted_at=None).count() >= MOST_VIEWS:
        raise Refusal(_("You have %(n)s views of this list. Delete one first.") % {"n": MOST_VIEWS})
    if len(view.query) > LONGEST_QUERY:
        raise Refusal(_("The filters are too long to be kept. Take one away."))
    view.name, view.is_shared, view.created_at = _named(name), is_shared, now
    view.save()
    return view


def change_view(view: SavedView, name: str, *, is_shared: bool, asked: Asked | None = None) -> SavedView:
    """Rename a view, share it or not; with `asked` it is from now on what is asked for. Raises Refusal."""
    view.name, view.is_shared = _named(name), is_shared
    if asked:
        view.query, view.columns = asked.query(view=""), [one.key for one in asked.shown]
    view.save(update_fields=["name", "is_shared", "query", "columns"])
    return view


def delete_view(view: SavedView, *, now: datetime) -> SavedView:
    """Take the tab away; restore_view brings it back."""
    view.deleted_at = now
    view.save(update_fields=["deleted_at"])
    return view


def restore_view(view: SavedView) -> SavedView:
    view.deleted_at = None
    view.save(update_fields=["deleted_at"])
    return view


def open_with(view: SavedView | None, listing: str, *, user: User) -> None:
    """Let a list open with this view for one person, or as usual with none."""
    kept = {key: pk for key, pk in user.default_views.items() if key != listing}
    user.default_views = kept | ({listing: view.pk} if view else {})
    user.save(update_fields=["default_views"])


def _named(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())[:60]
    if not name:
        raise Refusal(_("Give the view a name."))
    return name
