"""Add people who may sign in, or give one a new password.

Without --password a random one is printed once.
"""

from __future__ import annotations

import argparse
import secrets

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from baton.platform import journal
from baton.platform.accounts.models import Team, User
from baton.platform.accounts.roles import ROLES
from baton.platform.errors import Refusal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    add = verbs.add_parser("add", help="add a person")
    add.add_argument("email")
    add.add_argument("--name", default="", help="shown to colleagues (default: the address)")
    add.add_argument("--role", choices=sorted(ROLES), default="rep", help="default %(default)s")
    add.add_argument("--team", default="", help="made when there is none of that name")
    add.add_argument("--password", help="at least 10 characters; default: a random one, printed once")
    password = verbs.add_parser("password", help="give a person a new password")
    password.add_argument("email")
    password.add_argument("--password", help="default: a random one, printed once")
    verbs.add_parser("list", help="list everyone")


def run(args: argparse.Namespace) -> int:
    return {"add": _add, "password": _password, "list": _list}[args.verb](args)


def _add(args: argparse.Namespace) -> int:
    email = args.email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refusal(f"{args.email!r} is not an e-mail address. Nobody was added.") from None
    if User.objects.filter(email=email).exists():
        raise Refusal(f"{email} is there already. To change the password: baton user password {email}")
    team = (Team.objects.filter(name=args.team).first() or Team.create(args.team)) if args.team else None
    password = _checked(args.password)
    user = User.objects.create_user(email, password, name=args.name or email, role=args.role, team=team)
    journal.record("user.added", user, actor=None, role=args.role)
    print(f"{email} may sign in as {args.role}.")
    return _told(args, password)


def _password(args: argparse.Namespace) -> int:
    user = User.objects.filter(email=args.email.lower()).first()
    if user is None:
        raise Refusal(f"Nobody has the address {args.email}. `baton user list` shows everyone.")
    password = _checked(args.password)
    user.set_password(password)
    user.save(update_fields=["password"])
    journal.record("user.password_set", user, actor=None)
    print(f"{user.email} has a new password.")
    return _told(args, password)


def _list(args: argparse.Namespace) -> int:
    for user in User.objects.select_related("team").order_by("email"):
        print(f"{user.email:40} {user.role:18} {user.team or '-':20} {'active' if user.is_active else 'inactive'}")
    return 0


def _checked(password: str | None) -> str:
    if password is not None and len(password) < 10:
        raise Refusal("The password is shorter than 10 characters. Nothing was changed.")
    return password or secrets.token_urlsafe(12)


def _told(args: argparse.Namespace, password: str) -> int:
    if not args.password:
        print(f"Password: {password}   (shown only now)")
    return 0
