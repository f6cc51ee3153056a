"""The list of leads."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from baton.people.leads import actions, reads
from baton.people.leads.models import Lead
from baton.people.leads.rules import ORIGIN_CHOICES, STATUS_CHOICES
from baton.people.listing import source_words, text_field
from baton.platform.accounts.models import User
from baton.platform.lists.listing import Column, Condition, Listing, keyed
from baton.platform.lists.owners import OWNER, everyone, owner_condition, owner_field


def visible(user: User) -> QuerySet[Lead]:
    return Lead.objects.visible_to(user)


CONTACT = ("contact__first_name", "contact__last_name", "contact__email", "contact__company__name")

LEADS = Listing(
    key="leads",
    address="leads/",
    page="leads",
    side="people",
    template="people/leads/list.html",
    title=_("Leads"),
    counted=lambda n: ngettext("%(n)s lead", "%(n)s leads", n) % {"n": n},
    model=Lead,
    rows=visible,
    name=Column("name", _("Lead"), lambda one: one.contact.name, fields=CONTACT),
    note=lambda one: one.contact.company.name if one.contact.company else one.contact.email,
    columns=[
        Column("email", _("E-mail"), lambda one: one.contact.email, is_shown=False),
        Column(
            "company", _("Company"), lambda one: one.contact.company, kind="link", fields=("contact__company__name",),
            is_shown=False,
        ),
        Column(
            "status", _("Status"), lambda one: one.get_status_display(), fields=("status", "flags"), is_on_phone=True,
            part="people/leads/_status_cell.html", in_file=keyed("status"),
        ),
        Column(
            "origin", _("Origin"), lambda one: one.get_origin_display(), fields=("origin",),
            in_file=keyed("origin"),
        ),
        Column(
            "source", _("Source"), lambda one: source_words(one.source), fields=("source",),
            in_file=keyed("source"),
        ),
        Column("campaign", _("Campaign"), lambda one: one.campaign_code, fields=("campaign_code",)),
        Column(
            "landing_page", _("Landing page"), lambda one: one.landing_page, fields=("landing_page",), is_shown=False
        ),
        OWNER,
        Column(
            "opened_at", _("Opened"), lambda one: one.opened_at, kind="ago", fields=("opened_at",), sort="opened",
        ),
        Column(
            "first_attempt_at", _("First attempt"), lambda one: one.first_attempt_at, kind="ago",
            fields=("first_attempt_at",), is_shown=False,
        ),
        Column("ended_at", _("Ended"), lambda one: one.ended_at, kind="ago", fields=("ended_at",), is_shown=False),
        Column(
            "reason", _("Unqualified because"), lambda one: one.unqualified_reason, fields=("unqualified_reason",),
            is_shown=False,
        ),
    ],
    sorts=reads.SORTS,
    usual_sort="-opened",
    conditions=[
        Condition("status", _("Status is"), STATUS_CHOICES),
        owner_condition("people"),
        Condition("origin", _("Origin is"), ORIGIN_CHOICES),
        Condition("source", _("Source is"), newest="source", worded=source_words, is_rare=True),
        Condition("campaign", _("Campaign is"), newest="campaign_code", is_rare=True),
        Condition("age", _("Opened"), reads.AGE_CHOICES, any=_("at any time")),
    ],
    search=_("Name, address or phone"),
    narrow=reads.narrow,
    bulk_fields=[
        owner_field(everyone),
        text_field(Lead, "source", _("Source")),
        text_field(Lead, "campaign_code", _("Campaign")),
    ],
    change=actions.change_lead,
    bin=actions.bin_lead,
    restore=actions.restore_lead,
    bin_note=_("Their contacts stay. A handoff that still waits is withdrawn and does not come back."),
    relations=("owner", "contact"),
)  # fmt: skip
