"""What every list has: whose a row is, since when it is there, when it was changed."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.models import User
from baton.platform.accounts.roles import ALL, OWN
from baton.platform.errors import Refusal
from baton.platform.lists.listing import BulkField, Choices, Column, Condition

ME, NOBODY = "me", "nobody"

OWNER = Column("owner", _("Owner"), lambda row: row.owner, kind="person", fields=("owner__name", "owner__email"))
SINCE = Column("created_at", _("Since"), lambda row: row.created_at, kind="day", fields=("created_at",), sort="created")
CHANGED = Column(
    "changed_at", _("Changed"), lambda row: row.changed_at, kind="ago", fields=("changed_at",), sort="changed",
    is_shown=False,
)  # fmt: skip


def owner_condition(side: str) -> Condition:
    """ "Owner is me": offered to those who see more of `side` than their own."""

    def choices(user: User) -> Choices:
        if user.sight(side) == OWN:
            return []
        people = User.objects.filter(is_active=True).order_by("name", "pk")
        nobody = [(NOBODY, _("nobody"))] if user.sight(side) == ALL else []
        if user.sight(side) != ALL:
            people = people.filter(pk__in=user.team_user_ids)
        return [(ME, _("me")), *nobody, *((str(pk), name) for pk, name in people.values_list("pk", "name"))]

    return Condition("owner", _("Owner is"), choices, any=_("anyone"), also=(("none", NOBODY),))


def owned_by(owner: str, user: User) -> Q:
    """The condition in SQL; what is no owner at all owns nothing."""
    if owner == ME:
        return Q(owner=user)
    if owner == NOBODY:
        return Q(owner=None)
    return Q(owner=int(owner)) if owner.isdecimal() and len(owner) <= 18 else Q(pk=None)


def owner_field(people: Callable[[User], QuerySet[User]], *, may_be_nobody: bool = True) -> BulkField:
    """The owner, to be set on many rows; `people(user)` are those whom `user` may give them to."""

    def choices(user: User) -> Choices:
        nobody = [(NOBODY, _("nobody"))] if may_be_nobody else []
        return [*nobody, *((str(pk), name) for pk, name in people(user).values_list("pk", "name"))]

    def read(text: str, user: User) -> User | None:
        if may_be_nobody and text == NOBODY:
            return None
        owner = people(user).filter(pk=int(text)).first() if text.isdecimal() and len(text) <= 18 else None
        if owner is None:
            raise Refusal(_now("Nothing was changed: choose the new owner."))
        return owner

    return BulkField("owner", _("Owner"), read, choices=choices)


def everyone(user: User) -> QuerySet[User]:
    """Everyone who can sign in."""
    return User.objects.filter(is_active=True).order_by("name", "pk")
