"""The list of places. What is not built (its address does not resolve) or not allowed is not in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.models import User


@dataclass(frozen=True)
class Place:
    """One entry: where it leads, who may go, the letter after `g` that jumps there. An empty permission: anyone."""

    label: str | Promise
    name: str
    permission: str
    icon: str
    group: str
    key: str = ""
    href: str = ""
    badge: int = 0
    is_current: bool = False


@dataclass(frozen=True)
class Group:
    """A heading of the list and its places. `side` decides the accent."""

    key: str
    label: str | Promise
    side: str
    places: list[Place] = field(default_factory=list)


GROUPS = {
    "home": Group("home", "", "shared"),
    "marketing": Group("marketing", _("Marketing"), "marketing"),
    "handoff": Group("handoff", _("Handoff"), "handoff"),
    "sales": Group("sales", _("Sales"), "sales"),
    "people": Group("people", _("People"), "shared"),
    "reports": Group("reports", "", "shared"),
    "settings": Group("settings", _("Administration"), "shared"),
}

PLACES = [
    Place(_("Home"), "home", "", "home", "home", "o"),
    Place(_("Campaigns"), "campaigns", "marketing.view", "speakerphone", "marketing", "p"),
    Place(_("Segments"), "segments", "marketing.view", "users-group", "marketing", "s"),
    Place(_("Contact lists"), "contact_lists", "marketing.view", "list", "marketing"),
    Place(_("Email"), "emails", "marketing.view", "mail", "marketing", "m"),
    Place(_("Journeys"), "journeys", "marketing.view", "route", "marketing", "j"),
    Place(_("Deliverability"), "deliverability", "marketing.view", "shield-check", "marketing"),
    Place(_("Forms"), "forms", "marketing.view", "forms", "marketing", "f"),
    Place(_("Website"), "website", "marketing.view", "world", "marketing", "w"),
    Place(_("Scoring"), "scoring", "marketing.view", "gauge", "marketing"),
    Place(_("New leads"), "new_leads", "handoff.view", "inbox", "handoff", "h"),
    Place(_("Lead SLA"), "lead_sla", "handoff.view", "heart-handshake", "handoff"),
    Place(_("Review"), "handoff_review", "handoff.view", "history", "handoff"),
    Place(_("Today"), "today", "sales.change", "sun", "sales", "t"),
    Place(_("Deals"), "deals", "sales.view", "layout-kanban", "sales", "d"),
    Place(_("Quotes"), "quotes", "sales.view", "file-invoice", "sales", "q"),
    Place(_("Orders"), "orders", "sales.view", "checklist", "sales"),
    Place(_("Products"), "products", "sales.view", "package", "sales"),
    Place(_("Quotas"), "quotas", "sales.view", "target-arrow", "sales"),
    Place(_("Contacts"), "contacts", "people.view", "user", "people", "c"),
    Place(_("Companies"), "companies", "people.view", "building", "people", "b"),
    Place(_("Leads"), "leads", "people.view", "user-plus", "people", "l"),
    Place(_("Reports"), "reports", "reports.view", "report-analytics", "reports", "r"),
    Place(_("Imports"), "imports", "people.import", "database-import", "settings"),
    Place(_("Operations"), "operations", "settings.change", "activity", "settings"),
    Place(_("Settings"), "settings", "settings.change", "settings", "settings"),
]

# The order of the groups for each home of a role: the handoff stays in the middle, one's own side comes first.
ORDER = {
    "marketing": ["home", "marketing", "handoff", "sales", "people", "reports", "settings"],
    "sales": ["home", "sales", "handoff", "marketing", "people", "reports", "settings"],
    "operations": ["home", "marketing", "handoff", "sales", "people", "reports", "settings"],
}

# The phone's bar: the first four of these that the person may see; the fifth opens the whole list.
PHONE = {
    "marketing": ["home", "campaigns", "emails", "contacts", "new_leads", "segments", "reports"],
    "sales": ["today", "new_leads", "deals", "contacts", "quotes", "home"],
    "operations": ["home", "contacts", "deals", "reports", "operations", "settings"],
}

# What the "New" menu offers, with the permission it asks: (label, url name, permission, icon).
NEW = [
    (_("Contact"), "new_contact", "people.change", "user-plus"),
    (_("Company"), "new_company", "people.change", "building"),
    (_("Deal"), "new_deal", "sales.change", "briefcase"),
    (_("Quote"), "new_quote", "sales.change", "file-invoice"),
    (_("Campaign"), "new_campaign", "marketing.change", "speakerphone"),
    (_("Segment"), "new_segment", "marketing.change", "users-group"),
    (_("Email"), "new_email", "marketing.change", "mail"),
    (_("Form"), "new_form", "marketing.change", "forms"),
    (_("Import"), "new_import", "people.import", "database-import"),
]


def address(name: str) -> str:
    """The address of a url name, or nothing where it is not built."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def places_of(user: User, path: str = "") -> list[Place]:
    """Every place `user` may go, with its badge; the one that `path` lies in is current."""
    badges: dict[str, Callable[[User], int]] = getattr(import_module(settings.BATON_WIRING), "BADGES", {})
    found = [
        replace(place, href=href, badge=badges[place.name](user) if place.name in badges else 0)
        for place in PLACES
        if (not place.permission or user.may(place.permission)) and (href := address(place.name))
    ]
    current = _current(found, path)
    return [replace(place, is_current=place.name == current) for place in found]


def grouped(user: User, places: list[Place]) -> list[Group]:
    """The places under their headings in the order of the person's home; empty groups are left out."""
    groups = []
    for key in ORDER[user.role_facts.home]:
        inside = [place for place in places if place.group == key]
        if inside:
            groups.append(replace(GROUPS[key], places=inside))
    return groups


def phone_bar(user: User, places: list[Place]) -> list[Place]:
    """The four most used places; the page adds the door to the whole list."""
    by_name = {place.name: place for place in places}
    return [by_name[name] for name in PHONE[user.role_facts.home] if name in by_name][:4]


def new_things(user: User) -> list[dict[str, str]]:
    """What the person may make, for the New menu and the palette."""
    return [
        {"label": str(label), "href": href, "icon": icon}
        for label, name, permission, icon in NEW
        if user.may(permission) and (href := address(name))
    ]


def _current(places: list[Place], path: str) -> str:
    inside = [place for place in places if path == place.href or (place.href != "/" and path.startswith(place.href))]
    return max(inside, key=lambda place: len(place.href)).name if inside else ""
