"""Users: people of the own company, in the teams of their managers within offices; they sign in once invited."""

from __future__ import annotations

import re

from baton.exchange.imports.loaders.base import CREATED, REFUSED, SKIPPED, Batch, Loader, Outcome, keep_ids, known_ids
from baton.platform.accounts.models import Team, User
from baton.platform.accounts.roles import ROLES
from baton.platform.search.folding import fold

FIELDS = {
    "external_id": "text",
    "name": "text",
    "email": "text",
    "role": "text",
    "manager": "text",
    "team": "text",
    "office": "text",
}
DOMAIN = "users.invalid"  # RFC 2606: an address that can never be anyone's


def load(batch: Batch) -> list[Outcome]:
    known = known_ids(batch.source, "users", {_key(row) for _number, row in batch.rows})
    users = {user.pk: user for user in User.objects.filter(pk__in=known.values())}
    by_email = {
        user.email: user for user in User.objects.filter(email__in=[_email(row) for _number, row in batch.rows])
    }
    return [_one(batch, number, row, known, users, by_email) for number, row in batch.rows]


def find_or_add(batch: Batch, key: str, role: str) -> User | None:
    """The user whom the source calls `key`, by id or name; added without sign-in when unknown. None for no key."""
    if not key:
        return None
    known = known_ids(batch.source, "users", [key]).get(key)
    if known:
        return User.objects.filter(pk=known).first()
    user = User.objects.filter(name__iexact=key).first() or User.objects.filter(email=key.lower()).first()
    if user is None:
        user = User.objects.create_user(
            _address(key), name=key if " " in key else f"{role.upper()} {key[:8]}", role=role
        )
        batch.also_made.append(user)
    keep_ids(batch.source, "users", [(key, user.pk)])
    return user


def _one(
    batch: Batch, number: int, row: dict, known: dict[str, int], users: dict[int, User], by_email: dict[str, User]
) -> Outcome:
    key, name = _key(row), row.get("name") or ""
    if not key:
        return Outcome(number, REFUSED, reason="a user needs a name or an id")
    if row.get("role") and row["role"] not in ROLES:
        return Outcome(number, REFUSED, reason=f"{row['role']} is no role; roles are {', '.join(ROLES)}")
    user = users.get(known.get(key, 0)) or by_email.get(_email(row))
    if user:
        if not batch.dry:
            keep_ids(batch.source, "users", [(key, user.pk)])
        return Outcome(number, SKIPPED, user)
    if batch.dry:
        return Outcome(number, CREATED)
    made = User.objects.create_user(
        _email(row), name=name or key, role=row.get("role") or "rep", team=_team(batch, row)
    )
    by_email[made.email] = made
    keep_ids(batch.source, "users", [(key, made.pk)])
    return Outcome(number, CREATED, made)


def _team(batch: Batch, row: dict) -> Team | None:
    """The manager's team within the office; manager, team and office are made when new."""
    office = _named(row["office"], None) if row.get("office") else None
    if row.get("team"):
        return _named(row["team"], office)
    if not row.get("manager"):
        return office
    name = f"Team {row['manager']}"
    found = Team.objects.filter(name=name).first()
    if found:
        return found
    manager = User.objects.filter(name=row["manager"]).first()
    manager = manager or User.objects.create_user(_address(row["manager"]), name=row["manager"], role="sales_manager")
    team = Team.create(name, parent=office, manager=manager)
    User.objects.filter(pk=manager.pk, team=None).update(team=team)
    return team


def _named(name: str, parent: Team | None) -> Team:
    return Team.objects.filter(name=name).first() or Team.create(name, parent=parent)


def _key(row: dict) -> str:
    return row.get("external_id") or row.get("name") or row.get("email") or ""


def _email(row: dict) -> str:
    return (row.get("email") or _address(_key(row))).lower()


def _address(name: str) -> str:
    return f"{re.sub(r'[^a-z0-9]+', '.', fold(name)).strip('.') or 'user'}@{DOMAIN}"


LOADER = Loader("users", FIELDS, load)
