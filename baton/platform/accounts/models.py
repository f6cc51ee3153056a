"""Users and teams. One row of User is one person who can sign in; nobody is deleted, only made inactive."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.roles import ALL, ROLE_CHOICES, ROLES, Role


class Team(models.Model):
    """A team, office or region. `path` holds the ids from the top ("/1/4/"), so a subtree is one prefix."""

    name = models.CharField(max_length=120, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    manager = models.ForeignKey("User", null=True, blank=True, on_delete=models.SET_NULL, related_name="manages")
    path = models.CharField(max_length=200, default="", db_index=True, editable=False)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def create(cls, name: str, *, parent: Team | None = None, manager: User | None = None) -> Team:
        """Make a team below `parent` and set its path."""
        team = cls.objects.create(name=name, parent=parent, manager=manager)
        team.path = f"{parent.path if parent else '/'}{team.pk}/"
        team.save(update_fields=["path"])
        return team


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who can sign in. Without a password sign-in stays shut until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        if password:
            user.set_password(password)
        else:
            user.set_unusable_password()
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **{"role": "administrator", "is_superuser": True, **fields})


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. `role` decides what they may do and see (roles.py)."""

    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("Name"), max_length=150)
    role = models.CharField(_("Role"), max_length=30, choices=ROLE_CHOICES, default="rep")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    zone = models.CharField(_("Time zone"), max_length=60, default="UTC")
    locale = models.CharField(_("Language and formats"), max_length=20, default="en")
    is_active = models.BooleanField(default=True)
    is_away = models.BooleanField(_("Away: no new leads"), default=False)
    list_columns = models.JSONField(default=dict, blank=True, editable=False)  # list -> keys of the columns shown
    default_views = models.JSONField(default=dict, blank=True, editable=False)  # list -> the saved view it opens with
    created_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def role_facts(self) -> Role:
        return ROLES[self.role]

    @property
    def initials(self) -> str:
        parts = (self.name or self.email).split()
        return "".join(part[0] for part in [parts[0], *parts[1:][-1:]]).upper()

    def may(self, permission: str) -> bool:
        """True when the role grants `permission` ("sales.change")."""
        return self.is_active and permission in self.role_facts.permissions

    def sight(self, side: str) -> str:
        """own, team or all: whose records of `side` this user sees."""
        return self.role_facts.sight.get(side, ALL)

    @cached_property
    def team_user_ids(self) -> list[int]:
        """Ids of everyone in the user's team, the teams they manage, and all teams below; always with themselves."""
        tops = list(self.manages.all())
        if self.team:
            tops.append(self.team)
        inside = models.Q(pk=self.pk)
        for team in tops:
            inside |= models.Q(team__path__startswith=team.path)
        return list(User.objects.filter(inside).values_list("pk", flat=True))
