"""What every page of ours finds in its context: the frame (places, badges, notices) of the signed-in person."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from baton.platform.accounts.access import Request
from baton.platform.notifications.models import Notification
from baton.web.shell import navigation


class Frame:
    """The list of places, worked out only when the page draws it."""

    def __init__(self, request: Request) -> None:
        self.user = request.user
        self.path = request.path

    @cached_property
    def places(self) -> list[navigation.Place]:
        return navigation.places_of(self.user, self.path)

    @cached_property
    def groups(self) -> list[navigation.Group]:
        return navigation.grouped(self.user, self.places)

    @cached_property
    def phone(self) -> list[navigation.Place]:
        return navigation.phone_bar(self.user, self.places)

    @cached_property
    def current(self) -> navigation.Place | None:
        return next((place for place in self.places if place.is_current), None)

    @property
    def side(self) -> str:
        """marketing, sales, handoff or shared: which accent the page wears."""
        return navigation.GROUPS[self.current.group].side if self.current else "shared"

    @cached_property
    def new(self) -> list[dict[str, str]]:
        return navigation.new_things(self.user)

    @cached_property
    def unread(self) -> int:
        return Notification.objects.filter(user=self.user, read_at=None).count()


def shell(request: Request) -> dict[str, Any]:
    """Context processor: `frame` for signed-in people, None for strangers."""
    user = getattr(request, "user", None)  # a page of an error may come before anyone is known
    return {"frame": Frame(request) if user is not None and user.is_authenticated else None}
