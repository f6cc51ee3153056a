"""Queries behind the board and everything that shows deals as cards or rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.platform.money import divide_half_up
from baton.sales.deals.models import Deal, DealContact
from baton.sales.deals.rules import days_in_stage, step_colour, why_stalled
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.tasks.models import Task

CARDS_PER_COLUMN = 25

# All that a card or a row of the list draws: whole records take twice the time to build.
DRAWN = [
    "name", "revision", "state", "amount_minor", "currency", "entered_stage_at", "expected_close_on", "created_at",
    "pipeline_id", "company__name", "owner__name", "stage__name", "stage__stalled_after_days",
]  # fmt: skip
DRAWN_OF_CONTACT = ["deal_id", "contact__first_name", "contact__last_name", "contact__email"]


@dataclass(frozen=True)
class Total:
    """Deals of one currency together; minor units."""

    currency: str
    minor: int
    weighted_minor: int


@dataclass(frozen=True)
class Card:
    """A deal as shown in a list or board: with its next step, first contact and what is wrong with it."""

    deal: Deal
    contact: Contact | None
    step: Task | None
    step_colour: str
    days: int
    stalled: str


@dataclass
class Column:
    """A stage with its figures and its first cards; `more` says that there are further ones."""

    stage: Stage
    count: int = 0
    totals: list[Total] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)

    @property
    def more(self) -> int:
        return max(self.count - len(self.cards), 0)


def board(pipeline: Pipeline, deals: QuerySet[Deal], *, now: datetime) -> list[Column]:
    """Every stage of `pipeline` as a column over `deals` (already limited to what the reader may see).

    Sums by one grouped query, the ids of each stage's first cards by a short one that an index answers, then the deals,
    their next steps and their contacts by one query each.
    """
    columns = columns_of(pipeline, deals)
    dealt = {
        column.stage.pk: list(
            _in_order(deals.filter(stage_id=column.stage.pk)).values_list("pk", flat=True)[:CARDS_PER_COLUMN]
        )
        for column in columns
        if column.count
    }
    found = drawn(deals.filter(pk__in=[pk for keys in dealt.values() for pk in keys]))
    cards = {card.deal.pk: card for card in as_cards(found, now=now)}
    for column in columns:
        column.cards = [cards[pk] for pk in dealt.get(column.stage.pk, []) if pk in cards]
    return columns


def columns_of(pipeline: Pipeline, deals: QuerySet[Deal]) -> list[Column]:
    """The stages with counts and sums only."""
    columns = {stage.pk: Column(stage) for stage in pipeline.stages.all()}
    rows = (
        deals.filter(pipeline=pipeline)
        .order_by()
        .values("stage_id", "currency")
        .annotate(n=Count("pk"), total=Sum("amount_minor"), weighted=Sum(F("amount_minor") * F("probability")))
        .order_by("-n")
    )
    for row in rows:
        column = columns[row["stage_id"]]
        column.count += row["n"]
        if row["total"] is not None:
            column.totals.append(Total(row["currency"], row["total"], divide_half_up(row["weighted"], 100)))
    for column in columns.values():
        column.stage.pipeline = pipeline
    return list(columns.values())


def more_cards(stage: Stage, deals: QuerySet[Deal], *, after: tuple[datetime, int], now: datetime) -> list[Card]:
    """The next cards of a column after the one that entered at `after`."""
    entered, pk = after
    older = Q(entered_stage_at__lt=entered) | Q(entered_stage_at=entered, pk__lt=pk)
    rows = _in_order(drawn(deals.filter(older, stage=stage)))[:CARDS_PER_COLUMN]
    return as_cards(rows, now=now)


def as_cards(deals: Iterable[Deal], *, now: datetime) -> list[Card]:
    """Deals with their next step and first contact; two queries for all of them. `now` in the reader's zone."""
    rows = list(deals)
    ids = [deal.pk for deal in rows]
    steps: dict[int, Task] = {}
    for task in Task.objects.live().filter(deal_id__in=ids, done_at=None).order_by("-due_at", "-pk"):
        steps[task.deal_id] = task  # type: ignore[index]
    parts = DealContact.objects.filter(deal_id__in=ids, is_primary=True).select_related("contact")
    contacts = {part.deal_id: part.contact for part in parts.only(*DRAWN_OF_CONTACT)}
    return [_card(deal, contacts.get(deal.pk), steps.get(deal.pk), now) for deal in rows]


def _card(deal: Deal, contact: Contact | None, step: Task | None, now: datetime) -> Card:
    due = step.due_at.astimezone(now.tzinfo) if step else None
    return Card(
        deal=deal,
        contact=contact,
        step=step,
        step_colour=step_colour(due, is_all_day=bool(step and step.is_all_day), now=now, today=now.date()),
        days=days_in_stage(deal.entered_stage_at, now),
        stalled=why_stalled(
            entered_stage_at=deal.entered_stage_at,
            stalled_after_days=deal.stage.stalled_after_days,
            expected_close_on=deal.expected_close_on,
            now=now,
            today=now.date(),
        )
        if deal.is_open
        else "",
    )


def with_names(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """What a card or row shows, in one query."""
    return deals.select_related("company", "owner", "stage")


def drawn(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """What a card or row shows and nothing else of the records; never for deals that are to be changed."""
    return with_names(deals).only(*DRAWN)


def _in_order(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    return deals.order_by("-entered_stage_at", "-pk")


def deals_of_contact(user: User, contact: Contact) -> QuerySet[Deal]:
    """Deals the contact takes part in that `user` may see, open ones first."""
    return with_names(Deal.objects.visible_to(user).filter(parts__contact=contact)).order_by("-state", "-opened_at")


def pipeline_figures(deals: QuerySet[Deal]) -> list[dict[str, Any]]:
    """Count and amount per pipeline, stage, state and currency, for the pipeline report; `deals` already limited."""
    rows = (
        deals.order_by()
        .values("pipeline__name", "stage__name", "stage__position", "state", "currency")
        .annotate(
            count=Count("pk"),
            amount_minor=Sum("amount_minor"),
            without_company=Count("pk", filter=Q(company=None)),
            without_amount=Count("pk", filter=Q(amount_minor=None)),
        )
        .order_by("pipeline__name", "stage__position", "state", "currency")
    )
    return [dict(row) for row in rows]
