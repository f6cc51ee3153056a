"""The list of deals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from baton.people.companies.models import Company
from baton.people.listing import source_words, text_field
from baton.platform.accounts.models import Team, User
from baton.platform.accounts.roles import OWN
from baton.platform.errors import Refusal
from baton.platform.lists.listing import UNKNOWN, BulkField, Choices, Column, Condition, Listing, keyed
from baton.platform.lists.owners import CHANGED, OWNER, owned_by, owner_condition, owner_field
from baton.platform.money import Money, decimals
from baton.sales.deals import paging
from baton.sales.deals.actions import change_deal
from baton.sales.deals.binning import bin_deal, restore_deal
from baton.sales.deals.filters import CLOSING, NEEDS, STATES, DealFilter
from baton.sales.deals.forms import possible_owners
from baton.sales.deals.models import Deal
from baton.sales.deals.reads import as_cards
from baton.sales.pipelines.models import Pipeline, Stage

# What the marks of a row are worked out from, whichever columns are shown.
MARKED = ("name", "state", "entered_stage_at", "expected_close_on", "stage__name", "stage__stalled_after_days")


def visible(user: User) -> QuerySet[Deal]:
    return Deal.objects.visible_to(user)


def narrow(deals: QuerySet[Deal], values: Mapping[str, str], user: User, now: datetime) -> QuerySet[Deal]:
    """Only the deals that fit the conditions of the list: those of the board, pipeline and company."""
    if (pipeline := values.get("pipeline", "")).isdecimal():
        deals = deals.filter(pipeline=int(pipeline[:18]))
    company = values.get("company", "")
    if company == UNKNOWN:
        deals = deals.filter(company=None)
    elif company.isdecimal():
        deals = deals.filter(company=int(company[:18]))
    if owner := values.get("owner"):
        deals = deals.filter(owned_by(owner, user))
    if values.get("needs"):
        deals = deals.filter(state=Deal.State.OPEN)  # what is won or lost needs no care any more
    rest = {name: value for name, value in values.items() if name != "owner"}
    return DealFilter.read(rest).narrow(deals, user, now=now)


def with_cards(deals: list[Deal], user: User, now: datetime) -> None:
    """Put next step, first contact and what is wrong onto each deal (`card`)."""
    for card in as_cards(deals, now=now):
        card.deal.card = card  # type: ignore[attr-defined]


def pipelines(user: User) -> Choices:
    found = [(str(pk), name) for pk, name in Pipeline.objects.order_by("position", "pk").values_list("pk", "name")]
    return found if len(found) > 1 else []


def stages(user: User) -> Choices:
    found = list(Stage.objects.select_related("pipeline").order_by("pipeline__position", "pipeline", "position"))
    is_one = len({stage.pipeline_id for stage in found}) < 2
    return [(str(one.pk), one.name if is_one else f"{one.pipeline.name}: {one.name}") for one in found]


def teams(user: User) -> Choices:
    if user.sight("sales") == OWN:
        return []
    return [(str(pk), name) for pk, name in Team.objects.order_by("name").values_list("pk", "name")]


def companies(user: User) -> Choices:
    return [(UNKNOWN, _("none"))]


def company_name(pk: str, user: User) -> str:
    found = Company.objects.visible_to(user).filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) <= 18 else None
    return found.name if found else pk


def amount(deal: Deal) -> Money | None:
    return None if deal.amount_minor is None else Money(deal.amount_minor, deal.currency)


def amount_in_file(deal: Deal) -> str:
    digits = decimals(deal.currency)
    return "" if deal.amount_minor is None else f"{deal.amount_minor / 10**digits:.{digits}f}"


def read_day(text: str, user: User) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise Refusal(_now("Nothing was changed: choose the new close date."))
    return day


DEALS = Listing(
    key="deals",
    address="deals/",
    place="list/",
    page="deals_list",
    side="sales",
    template="sales/deals/list.html",
    title=_("Deals"),
    counted=lambda n: ngettext("%(n)s deal", "%(n)s deals", n) % {"n": n},
    model=Deal,
    rows=visible,
    name=Column("name", _("Deal"), lambda one: one.name, fields=MARKED, sort="name"),
    note=lambda one: "",
    columns=[
        Column("company", _("Company"), lambda one: one.company, kind="link", fields=("company__name",)),
        Column("contact", _("Contact"), lambda one: one.card.contact, kind="link", is_shown=False, is_in_file=False),
        Column("pipeline", _("Pipeline"), lambda one: one.pipeline.name, fields=("pipeline__name",), is_shown=False),
        Column("stage", _("Stage"), lambda one: one.stage.name, part="sales/deals/_stage_cell.html"),
        Column("state", _("State"), lambda one: one.get_state_display(), is_shown=False, in_file=keyed("state")),
        Column(
            "amount", _("Amount"), amount, kind="money", fields=("amount_minor", "currency"), sort="amount",
            is_on_phone=True, in_file=(("amount", amount_in_file), ("currency", lambda one: one.currency)),
        ),
        Column(
            "probability", _("Probability, percent"), lambda one: one.probability, kind="number",
            fields=("probability",), is_shown=False,
        ),
        Column(
            "expected_close_on", _("Close"), lambda one: one.expected_close_on, sort="closing",
            part="sales/deals/_close_cell.html",
        ),
        Column("step", _("Next step"), lambda one: one.card, part="sales/deals/_step_cell.html", is_in_file=False),
        Column(
            "days", _("Days in stage"), lambda one: one.card.days, kind="number", sort="waiting", is_shown=False,
            in_file=keyed("entered_stage_at"),
        ),
        OWNER,
        Column(
            "source", _("Source"), lambda one: source_words(one.source), fields=("source",), is_shown=False,
            in_file=keyed("source"),
        ),
        Column("campaign", _("Campaign"), lambda one: one.campaign_code, fields=("campaign_code",), is_shown=False),
        Column(
            "opened_at", _("Opened"), lambda one: one.opened_at, kind="day", fields=("opened_at",), sort="opened",
            is_shown=False,
        ),
        Column("closed_at", _("Closed"), lambda one: one.closed_at, kind="day", fields=("closed_at",), is_shown=False),
        Column(
            "lost_reason", _("Lost because"), lambda one: source_words(one.lost_reason), fields=("lost_reason",),
            is_shown=False, in_file=keyed("lost_reason"),
        ),
        CHANGED,
    ],
    custom_on="deal",
    sorts=paging.SORTS,
    usual_sort="-opened",
    conditions=[
        Condition("state", _("State is"), STATES[1:], any=_("open")),
        Condition("pipeline", _("Pipeline is"), pipelines),
        Condition("stage", _("Stage is"), stages),
        owner_condition("sales"),
        Condition("team", _("Team is"), teams, is_rare=True),
        Condition("closing", _("Closing"), CLOSING[1:], any=_("at any time")),
        Condition("needs", _("Showing"), NEEDS[1:], any=_("all")),
        Condition("company", _("Company is"), companies, shown=company_name, is_rare=True),
    ],
    search=_("Name or company"),
    narrow=narrow,
    bulk_fields=[
        owner_field(possible_owners, may_be_nobody=False),
        BulkField("expected_close_on", _("Close date"), read_day, kind="date"),
        text_field(Deal, "source", _("Source")),
    ],
    change=change_deal,
    bin=bin_deal,
    restore=restore_deal,
    bin_note=_("Their open tasks go with them. Deals that are won or have a quote stay."),
    relations=("owner", "stage"),
    with_more=with_cards,
)  # fmt: skip
