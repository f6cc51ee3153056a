"""The verbs of the house: add and change people, teams, fields; run a failed job again. Each writes the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.accounts.models import Team, User
from baton.platform.errors import Refusal
from baton.platform.fields.models import FieldDefinition
from baton.platform.jobs import doorbell
from baton.platform.jobs.models import Job

ADMINISTRATOR = "administrator"


class LastAdministrator(Refusal):
    """Without an administrator nobody could open the settings again."""


class NotYours(Refusal):
    """Only an administrator makes or unmakes one."""


@transaction.atomic
def add_person(values: dict[str, Any], *, actor: User) -> User:
    """Make a person who may sign in once they set a password by the mail. Raises NotYours."""
    _may_give(actor, values["role"])
    user = User.objects.create_user(values.pop("email"), **values)
    journal.record("user.added", user, actor=actor, role=user.role)
    return user


@transaction.atomic
def change_person(user: User, values: dict[str, Any], *, actor: User) -> User:
    """Change name, address, role, team. Raises LastAdministrator, NotYours."""
    before = User.objects.get(pk=user.pk)
    if values["role"] != before.role:
        _may_give(actor, values["role"])
        _may_give(actor, before.role)
        if before.role == ADMINISTRATOR:
            _keep_one(before)
    for name, value in values.items():
        setattr(user, name, value)
    user.save(update_fields=list(values))
    journal.record("user.changed", user, actor=actor, role=[before.role, user.role])
    return user


@transaction.atomic
def set_active(user: User, is_active: bool, *, actor: User) -> User:
    """Close or open an account; records stay with their owner. Raises LastAdministrator, NotYours."""
    _may_give(actor, user.role)
    if user.is_active == is_active:
        return user
    if not is_active and user.role == ADMINISTRATOR:
        _keep_one(user)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    journal.record("user.opened" if is_active else "user.closed", user, actor=actor)
    return user


@transaction.atomic
def add_team(values: dict[str, Any], *, actor: User) -> Team:
    """Make a team below another or at the top."""
    team = Team.create(values["name"], parent=values["parent"], manager=values["manager"])
    journal.record("team.added", team, actor=actor)
    return team


@transaction.atomic
def add_field(field: FieldDefinition, *, actor: User) -> FieldDefinition:
    """Keep a new custom field."""
    field.save()
    journal.record("field.added", field, actor=actor, on=field.on)
    return field


@transaction.atomic
def set_hidden(field: FieldDefinition, is_hidden: bool, *, actor: User) -> FieldDefinition:
    """Hide a field from forms and lists, or show it again; its values stay."""
    if field.is_hidden == is_hidden:
        return field
    field.is_hidden = is_hidden
    field.save(update_fields=["is_hidden"])
    journal.record("field.hidden" if is_hidden else "field.shown", field, actor=actor)
    return field


@transaction.atomic
def run_again(job: Job, *, actor: User, now: datetime) -> None:
    """Make a failed job due again with fresh attempts; one that is not failed any more is left alone."""
    changed = Job.objects.filter(pk=job.pk, state=Job.State.FAILED).update(
        state=Job.State.WAITING, attempts=0, run_at=now, ended_at=None
    )
    if changed:
        journal.record("job.run_again", job, actor=actor, kind=job.kind)
        transaction.on_commit(doorbell.ring, robust=True)


def _may_give(actor: User, role: str) -> None:
    if role == ADMINISTRATOR and actor.role != ADMINISTRATOR:
        raise NotYours(_("Only an administrator can make, change or close an administrator. Nothing was changed."))


def _keep_one(user: User) -> None:
    others = User.objects.filter(role=ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise LastAdministrator(_("This is the last administrator. Make another one first; nothing was changed."))
