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
    if SavedView.objects.filter(owner=asked.user, listing=asked.listing.key, deleted_at=None).count() >= MOST_VIEWS:
        raise Refusal(_("You have %(n)s views of this list. Delete one first.") % {"n": MOST_VIEWS})
    return SavedView.objects.create(
        listing=asked.listing.key,
        name=_named(name),
        query=asked.query(view=""),
        columns=[one.key for one in asked.shown],
        owner=asked.user,
        is_shared=is_shared,
        created_at=now,
    )


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


def _named(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())[:60]
    if not name:
        raise Refusal(_("Give the view a name."))
    return name
