"""Who may see and do what: one decorator for views, one predicate for rows.

Every view carries `@may(permission)` or `@public`; a test walks all addresses and refuses one without.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from baton.platform.accounts.models import User
from baton.platform.accounts.roles import ALL, OWN

View = Callable[..., HttpResponseBase]


class Request(HttpRequest):
    """A request of someone signed in: what a view behind `may` or `signed_in` is handed."""

    user: User


def may(permission: str) -> Callable[[View], View]:
    """Let a view answer only signed-in users whose role grants `permission`; others get 403, strangers sign in."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.may(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def signed_in(view: View) -> View:
    """Let a view answer anyone signed in, whatever the role (home, search, own profile)."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.permission = "signed_in"  # type: ignore[attr-defined]
    return guarded


def public(view: View) -> View:
    """Mark a view as open to strangers; it must check its own token where it shows or changes anything of someone's."""
    view.permission = "public"  # type: ignore[attr-defined]
    return view


def visible_to(user: User, side: str, owner: str = "owner") -> Q:
    """The one condition that limits rows of `side` to what `user` may see; one indexed comparison on `owner`."""
    sight = user.sight(side)
    if sight == ALL:
        return Q()
    if sight == OWN:
        return Q(**{owner: user})
    return Q(**{f"{owner}__in": user.team_user_ids})
