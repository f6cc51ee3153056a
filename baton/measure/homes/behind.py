"""The records behind a figure: the same conditions the figure counts by, as a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from baton.handoff.assignments.models import Handoff
from baton.measure.homes import marketing, operations, upkeep
from baton.measure.homes.sales import LATELY, SalesHome, closing_in, won_in
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.platform.accounts.access import visible_to
from baton.platform.accounts.models import User
from baton.platform.organisation import organisation
from baton.platform.pages import Sort
from baton.sales.deals.models import Deal
from baton.sales.quotas.reads import moment, standing_of

DEALS, LEADS, CONTACTS, HANDOFFS = "deals", "leads", "contacts", "handoffs"
_SORTS = {
    DEALS: Sort("opened_at", True, _("Newest first")),
    LEADS: Sort("opened_at", True, _("Newest first")),
    CONTACTS: Sort("created_at", True, _("Newest first")),
    HANDOFFS: Sort("assigned_at", True, _("Newest first")),
}
_JOINED = {
    DEALS: ("company", "owner", "stage"),
    LEADS: ("contact__company", "owner"),
    CONTACTS: ("company", "owner"),
    HANDOFFS: ("lead__contact__company", "owner"),
}
_NEEDS = {DEALS: "sales.view", LEADS: "people.view", CONTACTS: "people.view", HANDOFFS: "handoff.view"}


@dataclass(frozen=True)
class Behind:
    """What one figure counts. `kind` says what its records are, and by that what one must be allowed to see."""

    title: str | Promise
    kind: str
    rows: Callable[[User, datetime], QuerySet[Any]]
    sort: Sort | None = None

    def may_be_seen_by(self, user: User) -> bool:
        return user.may(_NEEDS[self.kind])

    @property
    def order(self) -> Sort:
        return self.sort or _SORTS[self.kind]

    def listed(self, user: User, now: datetime) -> QuerySet[Any]:
        """The records the user may see, with what a row shows."""
        rows = self.rows(user, now)
        seen = visible_to(user, rows.model._meta.app_label)
        return rows.filter(seen).select_related(*_JOINED[self.kind])


def _deals(which: Callable[[SalesHome], Q]) -> Callable[[User, datetime], QuerySet[Deal]]:
    def rows(user: User, now: datetime) -> QuerySet[Deal]:
        home = SalesHome(user, now)
        return home.deals.filter(which(home))

    return rows


def _step(step: str) -> Callable[[User, datetime], QuerySet[Deal]]:
    def rows(user: User, now: datetime) -> QuerySet[Deal]:
        home = SalesHome(user, now)
        if step == "closing":
            return home.deals.filter(closing_in(home.quarter))
        return home.deals.filter(pk__in=home.week.bridge.deals[step])

    return rows


def _my_won(user: User, now: datetime) -> QuerySet[Deal]:
    """What Today's quota bar counts as won."""
    standing = standing_of(user, now.date())
    span, firm = standing.span, organisation()
    won = Q(state="won", closed_at__gte=moment(firm, span.start), closed_at__lt=moment(firm, span.end))
    return Deal.objects.live().filter(won, owner=user, currency=standing.currency)


def _contacts(which: Callable[[QuerySet[Contact]], QuerySet[Contact]]) -> Callable[[User, datetime], QuerySet[Contact]]:
    return lambda user, now: which(Contact.objects.visible_to(user))


def _lacking(field: str) -> Callable[[User, datetime], QuerySet[Contact]]:
    return _contacts(lambda contacts: upkeep.lacking(contacts, field))


def _leads_28(user: User, now: datetime) -> QuerySet[Lead]:
    return marketing.leads_from_marketing(now - marketing.FOUR_WEEKS, now)


def _accepted_28(user: User, now: datetime) -> QuerySet[Handoff]:
    return marketing.accepted_handoffs(now - marketing.FOUR_WEEKS, now)


def _closed_since(home: SalesHome) -> Q:
    return Q(closed_at__gte=home.now - LATELY)


STEP_NAMES = {
    "opening": _("Pipeline at the start"),
    "new": _("New"),
    "pulled_in": _("Pulled in"),
    "changed": _("Amount changed"),
    "slipped": _("Slipped"),
    "won": _("Won"),
    "lost": _("Lost"),
    "closing": _("Pipeline now"),
}

WEEK_TITLES = {
    "new": _("New in this quarter's pipeline since Monday"),
    "pulled_in": _("Pulled into this quarter since Monday"),
    "changed": _("Amount changed since Monday"),
    "slipped": _("Slipped out of this quarter since Monday"),
    "won": _("Won since Monday"),
    "lost": _("Lost since Monday"),
    "closing": _("Open and expected this quarter"),
}

FIGURES: dict[str, Behind] = {
    "won_quarter": Behind(_("Won this quarter"), DEALS, _deals(lambda home: won_in(home.quarter))),
    "commit": Behind(_("Won and commit this quarter"), DEALS, _deals(lambda home: home.is_commit)),
    "forecast": Behind(
        _("Won or expected this quarter"), DEALS, _deals(lambda home: won_in(home.quarter) | closing_in(home.quarter))
    ),
    "my_won": Behind(_("Won by you in the period of your quota"), DEALS, _my_won),
    "closed_90": Behind(_("Won or lost in 90 days"), DEALS, _deals(_closed_since)),
    "won_90": Behind(_("Won in 90 days"), DEALS, _deals(lambda home: Q(state="won") & _closed_since(home))),
    **{f"week_{step}": Behind(title, DEALS, _step(step)) for step, title in WEEK_TITLES.items()},
    "leads_28": Behind(_("Leads from marketing, 28 days"), LEADS, _leads_28),
    "accepted_28": Behind(_("Accepted by sales, 28 days"), HANDOFFS, _accepted_28),
    "mailable": Behind(_("Contacts we may mail"), CONTACTS, _contacts(marketing.mailable)),
    "sourced_pipeline": Behind(
        _("Leads from marketing with an open deal"),
        LEADS,
        lambda user, now: Lead.objects.filter(pk__in=marketing.sourced_pipeline().values("lead")),
    ),
    "breaches": Behind(_("Lead SLA broken, 28 days"), HANDOFFS, operations.breaches),
    "untouched": Behind(
        _("Untouched leads"),
        LEADS,
        lambda user, now: operations.untouched(user),
        Sort("opened_at", False, _("Oldest first")),
    ),
    **{
        f"without_{field}": Behind(_("Contacts with an empty field"), CONTACTS, _lacking(field))
        for field in upkeep.KEY_FIELDS
    },
    "same_phone": Behind(
        _("Contacts with the same phone"), CONTACTS, _contacts(upkeep.same_phone), Sort("phone", False, _("By phone"))
    ),
    "same_name": Behind(
        _("Contacts with the same name at one company"),
        CONTACTS,
        _contacts(upkeep.same_name),
        Sort("company_id", False, _("By company")),
    ),
    "without_evidence": Behind(_("Consent without evidence"), CONTACTS, _contacts(upkeep.without_evidence)),
}
