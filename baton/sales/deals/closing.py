"""Ending a deal: win, lose, reopen; and the lines that say what is sold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from baton.people.contacts.models import Contact
from baton.people.lifecycle.actions import raise_lifecycle
from baton.people.lifecycle.rules import CUSTOMER
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.sales.deals.errors import DealIsClosed
from baton.sales.deals.models import Deal, DealLine
from baton.sales.deals.rules import LOST_REASONS
from baton.sales.deals.said import say
from baton.sales.products.models import Product
from baton.sales.tasks.models import Task


@dataclass(frozen=True)
class SoldLine:
    """What is sold, in minor units of the deal's currency. A cost of None is unknown, and so is the margin."""

    product: Product | None
    amount_minor: int | None
    cost_minor: int | None = None
    quantity_thousandths: int = 1000
    description: str = ""


@transaction.atomic
def win_deal(
    deal: Deal,
    *,
    actor: User | None,
    now: datetime,
    lines: Iterable[SoldLine] | None = None,
    seen_revision: int | None = None,
) -> Deal:
    """Book the deal as won. `lines`, where given, replace the deal's lines and set its amount.

    Raises every contact of the deal to customer and closes the deal's open tasks. A deal already won stays as it is.
    Raises DealIsClosed when it is lost, ChangedMeanwhile.
    """
    if deal.state == Deal.State.WON:
        return deal
    if deal.state == Deal.State.LOST:
        raise DealIsClosed(_("This deal is lost. Reopen it first."))
    deal.claim_revision(seen_revision)
    amount_before = deal.amount_minor
    if lines is not None:
        set_lines(deal, lines)
    deal.state, deal.closed_at, deal.probability = Deal.State.WON, now, 100
    deal.save(update_fields=["state", "closed_at", "probability", "amount_minor"])
    for contact in Contact.objects.filter(pk__in=deal.parts.values("contact_id")):
        raise_lifecycle(contact, CUSTOMER, now=now, because="deal.won", actor=actor)
    closed = _close_tasks(deal, now)
    journal.record(
        "deal.won",
        deal,
        actor=actor,
        amount=deal.amount_minor,
        amount_before=amount_before,
        currency=deal.currency,
        closed_at=now,
        tasks=closed,
    )
    say(
        deal,
        f"won:{deal.revision}",
        "deal.won",
        _("Won: %(name)s") % {"name": deal.name},
        actor=actor,
        now=now,
        amount=deal.amount_minor,
        currency=deal.currency,
    )
    return deal


@transaction.atomic
def lose_deal(
    deal: Deal,
    *,
    reason: str,
    actor: User | None,
    now: datetime,
    note: str = "",
    seen_revision: int | None = None,
) -> Deal:
    """Book the deal as lost for one of LOST_REASONS and close its open tasks. A deal already lost stays as it is.

    Raises DealIsClosed when it is won, Refusal for an unknown reason, ChangedMeanwhile.
    """
    if deal.state == Deal.State.LOST:
        return deal
    if deal.state == Deal.State.WON:
        raise DealIsClosed(_("This deal is won. Reopen it first."))
    labels = dict(LOST_REASONS)
    if reason not in labels:
        raise Refusal(_("Choose why the deal was lost."))
    deal.claim_revision(seen_revision)
    deal.state, deal.closed_at, deal.probability = Deal.State.LOST, now, 0
    deal.lost_reason, deal.lost_note = reason, note
    deal.save(update_fields=["state", "closed_at", "probability", "lost_reason", "lost_note"])
    closed = _close_tasks(deal, now)
    journal.record("deal.lost", deal, actor=actor, reason=reason, amount=deal.amount_minor, closed_at=now, tasks=closed)
    title = _("Lost: %(name)s (%(reason)s)") % {"name": deal.name, "reason": labels[reason]}
    say(deal, f"lost:{deal.revision}", "deal.lost", title, actor=actor, now=now, body=note, reason=reason)
    return deal


@transaction.atomic
def reopen_deal(deal: Deal, *, actor: User | None, now: datetime, seen_revision: int | None = None) -> Deal:
    """Open a won or lost deal again, at the stage it was in. An open deal stays as it is. Raises ChangedMeanwhile.

    Contacts stay customers: whether they still are is a person's decision.
    """
    if deal.is_open:
        return deal
    deal.claim_revision(seen_revision)
    was, deal.state, deal.closed_at = deal.state, Deal.State.OPEN, None
    deal.lost_reason, deal.lost_note = "", ""
    deal.probability, deal.is_probability_manual = deal.stage.probability, False
    deal.entered_stage_at = now
    deal.save(
        update_fields=[
            "state",
            "closed_at",
            "lost_reason",
            "lost_note",
            "probability",
            "is_probability_manual",
            "entered_stage_at",
        ]
    )
    journal.record("deal.reopened", deal, actor=actor, before=was)
    title = _("Reopened: %(name)s") % {"name": deal.name}
    say(deal, f"reopened:{deal.revision}", "deal.reopened", title, actor=actor, now=now)
    return deal


@transaction.atomic
def set_lines(deal: Deal, lines: Iterable[SoldLine]) -> Deal:
    """Replace the deal's lines; where every price is known the amount becomes their sum. Part of a larger action."""
    kept = list(lines)
    deal.lines.all().delete()
    DealLine.objects.bulk_create(
        DealLine(
            deal=deal,
            product=line.product,
            description=line.description or (line.product.name if line.product else ""),
            quantity_thousandths=line.quantity_thousandths,
            amount_minor=line.amount_minor,
            cost_minor=line.cost_minor,
        )
        for line in kept
    )
    if kept and all(line.amount_minor is not None for line in kept):
        deal.amount_minor = sum(line.amount_minor or 0 for line in kept)
        deal.save(update_fields=["amount_minor"])
    return deal


def _close_tasks(deal: Deal, now: datetime) -> list[int]:
    open_tasks = Task.objects.live().filter(deal=deal, done_at=None)
    ids = list(open_tasks.values_list("pk", flat=True))
    open_tasks.update(done_at=now, changed_at=now)
    return ids
