"""What a year leaves behind: timelines, what search finds, credit for won deals; and no work left to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from baton.handoff.assignments.models import Handoff
from baton.measure.attribution.actions import credit_deal
from baton.measure.attribution.touches import touches_of
from baton.people.companies.search import findable as findable_company
from baton.people.contacts.models import Contact
from baton.people.contacts.search import findable as findable_contact
from baton.people.leads.rules import INBOUND
from baton.people.lifecycle.models import LifecycleMove
from baton.people.timeline.models import TimelineEntry
from baton.platform import wiring
from baton.platform.jobs.models import Job
from baton.platform.search import index_many
from baton.sales.activities.models import Activity
from baton.sales.deals.models import Deal
from baton.sales.deals.search import findable as findable_deal
from baton.web.demo.world import World


def make_timelines(world: World) -> None:
    """A line for every form, handoff, activity and deal."""
    rows = [*_of_leads(world), *_of_handoffs(), *_of_deals(world), *_of_activities()]
    TimelineEntry.objects.bulk_create(rows, batch_size=500)


def _of_leads(world: World) -> Iterator[TimelineEntry]:
    for lead in world.leads:
        if lead.origin == INBOUND:
            yield _line(f"demo:lead:{lead.pk}", lead.opened_at, "marketing", "form", "Filled a form", lead.contact_id)


def _of_handoffs() -> Iterator[TimelineEntry]:
    for one in Handoff.objects.select_related("owner", "lead"):
        title, url = f"Handed to {one.owner}", one.get_absolute_url()
        kind = "handoff_assigned"
        yield _line(f"demo:handoff:{one.pk}", one.assigned_at, "handoff", kind, title, one.lead.contact_id, url=url)


def _of_deals(world: World) -> Iterator[TimelineEntry]:
    for deal in world.deals:
        contact_id = deal.lead.contact_id
        about = {"deal_id": deal.pk, "company_id": deal.company_id, "url": deal.get_absolute_url()}
        opened = f"Deal opened: {deal}"
        yield _line(f"demo:deal:{deal.pk}", deal.opened_at, "sales", "deal.opened", opened, contact_id, **about)
        if deal.closed_at:
            title = f"Deal {deal.get_state_display().lower()}: {deal}"
            yield _line(
                f"demo:closed:{deal.pk}", deal.closed_at, "sales", f"deal.{deal.state}", title, contact_id, **about
            )


def _of_activities() -> Iterator[TimelineEntry]:
    for one in Activity.objects.select_related("owner"):
        title = f"{one.get_kind_display()}: {one.get_outcome_display()}" if one.outcome else one.subject
        about = {"deal_id": one.deal_id, "company_id": one.company_id, "body": one.body, "actor": one.owner}
        yield _line(f"activity:{one.pk}", one.at, "sales", f"activity.{one.kind}", title, one.contact_id, **about)


def _line(
    key: str, at: object, side: str, kind: str, title: str, contact_id: int | None, **more: object
) -> TimelineEntry:
    return TimelineEntry(key=key, at=at, side=side, kind=kind, title=title[:300], contact_id=contact_id, **more)


def move_customers(world: World) -> None:
    """Contacts of deals are opportunities, those of won deals customers."""
    moves = []
    for deal in world.deals:
        contact = deal.lead.contact
        won = deal.state == Deal.State.WON
        steps = [("opportunity", deal.opened_at)] + ([("customer", deal.closed_at)] if won and deal.closed_at else [])
        for stage, at in steps:
            moves.append(
                LifecycleMove(contact=contact, from_stage=contact.lifecycle, to_stage=stage, at=at, because="demo")
            )
            contact.lifecycle, contact.lifecycle_at = stage, at
        contact.owner = deal.owner
    LifecycleMove.objects.bulk_create(moves, batch_size=500)
    touched = [deal.lead.contact for deal in world.deals]
    Contact.objects.bulk_update(touched, ["lifecycle", "lifecycle_at", "owner"], batch_size=300)


def make_searchable(world: World) -> None:
    """Contacts, companies and deals are found by their words."""
    index_many(findable_company(company) for company in world.companies)
    index_many(findable_contact(contact) for contact in world.contacts)
    index_many(findable_deal(deal) for deal in world.deals)


def give_credit(world: World) -> None:
    """First, last and linear credit of every won deal, from the visits that were recorded."""
    won = [deal for deal in world.deals if deal.state == Deal.State.WON]
    for deal, touches in zip(won, touches_of(won).values(), strict=True):
        credit_deal(deal, touches)


def leave_no_work(world: World) -> None:
    """The past has been worked: nothing it enqueued runs, and repeating work starts with the next day."""
    Job.objects.all().delete()
    now = timezone.now()
    for every in wiring.page().CRON:
        if every.seconds >= timedelta(days=1).total_seconds():
            Job.objects.create(kind=every.kind, key=every.key(now), state=Job.State.DONE, ended_at=now)
