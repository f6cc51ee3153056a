"""The seven roles: what each may do (permissions) and whose records it sees (sight), per side.

A permission is `side.verb`. Sight is own (records one owns), team (those of one's team and the teams below it) or
all; a side that a role does not name is seen whole by those whose permissions open it.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OWN, TEAM, ALL = "own", "team", "all"

PERMISSIONS = {
    "people.view",
    "people.change",
    "people.export",
    "people.import",
    "people.undo",
    "marketing.view",
    "marketing.change",
    "marketing.send",
    "marketing.override",
    "handoff.view",
    "handoff.work",
    "handoff.agree",
    "sales.view",
    "sales.change",
    "sales.manage",
    "reports.view",
    "settings.change",
    "api.use",
}

_SELLING = {"people.view", "people.change", "handoff.view", "handoff.work", "sales.view", "sales.change", "api.use"}
_MARKETING = {
    "people.view",
    "people.change",
    "people.export",
    "people.import",
    "marketing.view",
    "marketing.change",
    "marketing.send",
    "handoff.view",
    "reports.view",
    "api.use",
}


@dataclass(frozen=True)
class Role:
    """One role. `home` is the side its list of places opens at."""

    key: str
    label: str | Promise
    home: str
    permissions: frozenset[str]
    sight: dict[str, str]


def _role(key: str, label: str | Promise, home: str, permissions: set[str], sight: dict[str, str]) -> Role:
    return Role(key, label, home, frozenset(permissions), sight)


ROLES = {
    role.key: role
    for role in [
        _role("marketer", _("Marketer"), "marketing", _MARKETING, {"people": ALL, "sales": OWN}),
        _role(
            "marketing_manager",
            _("Marketing manager"),
            "marketing",
            _MARKETING | {"marketing.override", "handoff.agree", "people.undo"},
            {"people": ALL, "sales": ALL},
        ),
        _role("sdr", _("SDR"), "sales", _SELLING, {"people": OWN, "sales": OWN, "handoff": OWN}),
        _role("rep", _("Sales rep"), "sales", _SELLING, {"people": OWN, "sales": OWN, "handoff": OWN}),
        _role(
            "sales_manager",
            _("Sales manager"),
            "sales",
            _SELLING | {"sales.manage", "reports.view", "people.export", "handoff.agree", "people.undo"},
            {"people": TEAM, "sales": TEAM, "handoff": TEAM},
        ),
        _role(
            "operations",
            _("Operations"),
            "operations",
            PERMISSIONS - {"marketing.send", "marketing.override"},
            {"people": ALL, "sales": ALL},
        ),
        _role(
            "administrator",
            _("Administrator"),
            "operations",
            set(PERMISSIONS),
            {"people": ALL, "sales": ALL},
        ),
    ]
}

ROLE_CHOICES = [(role.key, role.label) for role in ROLES.values()]
