"""Queries behind the list of leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from baton.people.leads.models import Lead
from baton.people.leads.rules import ORIGIN_CHOICES, STATUS_CHOICES
from baton.platform.accounts.models import User
from baton.platform.pages import Sort

SORTS = {"newest": Sort("opened_at", True, _("Newest first")), "oldest": Sort("opened_at", False, _("Oldest first"))}


@dataclass(frozen=True)
class LeadFilter:
    """What the address of a lead list narrows it to. "none" as source means unknown."""

    status: str = ""
    origin: str = ""
    source: str = ""
    campaign: str = ""
    owner: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> LeadFilter:
        return cls(**{name: query.get(name, "").strip()[:100] for name in cls.__dataclass_fields__})

    @property
    def is_narrowed(self) -> bool:
        return any(getattr(self, name) for name in self.__dataclass_fields__)

    def query(self, **more: str) -> str:
        """The filter as an address, with what else the address needs."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        return urlencode({name: value for name, value in values.items() if value})

    def narrow(self, leads: QuerySet[Lead], user: User) -> QuerySet[Lead]:
        """Only the leads that fit."""
        if self.status in dict(STATUS_CHOICES):
            leads = leads.filter(status=self.status)
        if self.origin in dict(ORIGIN_CHOICES):
            leads = leads.filter(origin=self.origin)
        if self.source:
            leads = leads.filter(source="" if self.source == "none" else self.source)
        if self.campaign:
            leads = leads.filter(campaign_code=self.campaign)
        if self.owner:
            leads = leads.filter(owner=user if self.owner == "me" else None)
        return leads
