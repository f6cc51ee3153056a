"""All that marketing may see and do of sales: which contacts have deals and handoffs, as sets for segments and counts;
what is sold now at which price, for emails; and handing over who has come to that step of a journey.

With facts_for_sales.py the whole treaty. What is not here, the sides do not know of each other.
"""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from baton.handoff.assignments import jobs as handoffs
from baton.handoff.assignments.actions import NobodyToAssign
from baton.handoff.assignments.models import Handoff
from baton.marketing.drafting.products import ShownProduct
from baton.marketing.segments.records import Field, Records
from baton.marketing.segments.touched import touch
from baton.marketing.segments.vocabulary import DATE, NUMBER, TEXT
from baton.people.contacts.models import Contact
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from baton.sales.deals.models import Deal, DealContact
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.products.reads import products_like

NOBODY_SECONDS = 600  # how soon a lead that nobody could take is tried again

RECORDS: dict[str, Records] = {
    "deals": Records(
        _("deals"),
        lambda: DealContact.objects.filter(deal__deleted_at=None),
        "contact_id",
        {
            "state": Field(_("state"), TEXT, "deal__state", lambda: [(k, str(v)) for k, v in Deal.State.choices]),
            "stage": Field(_("stage"), TEXT, "deal__stage__name", lambda: _names_of(Stage)),
            "pipeline": Field(_("pipeline"), TEXT, "deal__pipeline__name", lambda: _names_of(Pipeline)),
            "amount": Field(_("amount in minor units"), NUMBER, "deal__amount_minor"),
            "currency": Field(_("currency"), TEXT, "deal__currency"),
            "owner": Field(_("owner"), TEXT, "deal__owner__name"),
            "lost_reason": Field(_("lost because"), TEXT, "deal__lost_reason"),
            "role": Field(_("their part"), TEXT, "role", lambda: [(k, str(v)) for k, v in DealContact.Role.choices]),
            "opened": Field(_("opened"), DATE, "deal__opened_at"),
            "closed": Field(_("closed"), DATE, "deal__closed_at"),
        },
    ),
    "handoffs": Records(
        _("handoffs"),
        lambda: Handoff.objects.live(),
        "lead__contact_id",
        {
            "state": Field(_("state"), TEXT, "state", lambda: [(k, str(v)) for k, v in Handoff.State.choices]),
            "reject_reason": Field(_("rejected because"), TEXT, "reject_reason"),
            "owner": Field(_("owner"), TEXT, "owner__name"),
            "assigned": Field(_("assigned"), DATE, "assigned_at"),
            "answered": Field(_("answered"), DATE, "answered_at"),
        },
    ),
}


def contacts_of_sales_change(entry: JournalEntry) -> list[int]:
    """Whose deals or handoffs a line of the journal may have changed, for segments to look at them again."""
    if entry.thing == Deal._meta.label_lower:
        there = list(DealContact.objects.filter(deal=entry.thing_id).values_list("contact_id", flat=True))
        return [*there, entry.facts["contact"]] if entry.facts.get("contact") else there
    return list(Handoff.objects.filter(pk=entry.thing_id).values_list("lead__contact_id", flat=True))


def touch_contacts_of_sales(entry: JournalEntry) -> None:
    """Listener: a deal or handoff changed, so conditions on it may hold for others now."""
    touch(contacts_of_sales_change(entry), "sales")


def hand_over(job: Job, *, contact_id: int) -> None:
    """Job of a journey's step: hand a contact to sales whatever the scores are, unless sales has them or they objected.

    Tried again while nobody could take the lead. Bears repetition.
    """
    contact = Contact.objects.live().filter(pk=contact_id).first()
    if contact is None:
        return
    try:
        handoffs.hand_over(contact)
    except NobodyToAssign:
        raise jobs.TryAgain(NOBODY_SECONDS) from None


def _names_of(model: type[Stage | Pipeline]) -> list[tuple[str, str]]:
    return [(name, name) for name in model.objects.order_by().values_list("name", flat=True).distinct()]


def contacts_with_deal(state: str) -> QuerySet[DealContact, int]:
    """Ids of contacts who take part in a deal of `state` (open, won or lost)."""
    parts = DealContact.objects.filter(deal__state=state, deal__deleted_at=None)
    return parts.values_list("contact_id", flat=True).distinct()


def contacts_with_handoff(state: str) -> QuerySet[Handoff, int]:
    """Ids of contacts whose latest handoffs include one in `state` (assigned, accepted, rejected, ...)."""
    return Handoff.objects.live().filter(state=state).values_list("lead__contact_id", flat=True).distinct()


def contacts_rejected_because(reason: str) -> QuerySet[Handoff, int]:
    """Ids of contacts whom sales sent back with this reason."""
    return Handoff.objects.live().filter(reject_reason=reason).values_list("lead__contact_id", flat=True).distinct()


def state_of_contact(contact: Contact) -> dict[str, int]:
    """How many open and won deals a contact takes part in; amounts stay with sales."""
    deals = Deal.objects.live().filter(parts__contact=contact)
    return deals.aggregate(open=Count("pk", Q(state="open")), won=Count("pk", Q(state="won")))


def products_sold_now(text: str, most: int) -> list[ShownProduct]:
    """At most so many products sold now that fit `text`, by name, without cost. Every marketer may see them."""
    fields = ("name", "code", "family", "description", "price_micros", "currency")
    rows = products_like(text).filter(is_active=True).order_by("name", "pk").values_list(*fields)
    return [ShownProduct(*row) for row in rows[:most]]
