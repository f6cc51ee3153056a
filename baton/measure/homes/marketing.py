"""Homes of the marketer and the marketing manager."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from baton.handoff.assignments.models import Handoff
from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.measure.attribution.models import Credit
from baton.measure.attribution.rules import FIRST
from baton.measure.homes.figures import Figure
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.leads.models import Lead
from baton.people.leads.rules import INBOUND
from baton.platform.accounts.models import User
from baton.platform.dates import Period, quarter_of, today_in
from baton.platform.organisation import organisation
from baton.tracking.store import ask_recent

FOUR_WEEKS = timedelta(days=28)


def marketer_figures(user: User, now: datetime) -> list[Figure]:
    """Visits, leads, what sales accepted, and whom one may still write to: 28 days against the 28 before."""
    since, before = now - FOUR_WEEKS, now - 2 * FOUR_WEEKS
    return [
        Figure(
            label=_("Visits, 28 days"),
            value=_visits(since, now),
            before=_visits(before, since),
            kind="number",
            definition=_("Visits to all sites; half an hour without a sign ends a visit. Machines left out."),
            url=reverse("website"),
        ),
        Figure(
            label=_("Leads, 28 days"),
            value=_leads(since, now),
            before=_leads(before, since),
            kind="number",
            definition=_("Leads opened by marketing: forms, imports, contacts that became ready."),
            url=reverse("leads"),
        ),
        _accepted(user, since, before, now),
        *_mailable(since, now),
    ]


def manager_figures(user: User, now: datetime) -> list[Figure]:
    """Money: what marketing's first touches brought, what it cost, what is unknown."""
    own = organisation()
    quarter = quarter_of(today_in(own.zone, now), own.zone, year_starts=own.fiscal_year_starts)
    booked = _first_touch(quarter, own.currency)
    known, unknown, known_before = booked["known"], booked["unknown"], booked["known_before"]
    spent, spent_before = _spent(quarter)
    accepted = _accepted_count(quarter.since, quarter.end)
    return [
        Figure(
            label=_("Bookings with a known first touch"),
            value=known,
            before=known_before,
            kind="money",
            definition=_("Won this quarter, credited to the first touch that is known. Booked, not paid."),
            url=reverse("closed_loop") + "?method=first",
        ),
        Figure(
            label=_("Unknown share"),
            value=unknown / (known + unknown) if known + unknown else None,
            kind="share",
            definition=_("Share of this quarter's bookings for which no touch is known at all."),
            url=reverse("closed_loop") + "?method=first&by=channel",
            is_worrying=unknown > known,
        ),
        Figure(
            label=_("Spent this quarter"),
            value=spent,
            before=spent_before,
            kind="money",
            definition=_("Costs entered on campaigns since the quarter began."),
            url=reverse("campaigns"),
        ),
        Figure(
            label=_("Cost per accepted lead"),
            value=round(spent / accepted) if accepted else None,
            kind="money",
            definition=_("This quarter's costs by the leads that sales accepted in it."),
            url=reverse("handoff_review"),
        ),
        *marketer_figures(user, now)[:3],
    ]


def budgets(now: datetime) -> list[dict[str, Any]]:
    """Running campaigns with budget and what is spent of it, most used first."""
    running = Campaign.objects.live().filter(starts_on__lte=now.date()).exclude(ends_on__lt=now.date())
    rows = [
        {"campaign": campaign, "spent": campaign.spent or 0, "budget": campaign.budget_minor}
        for campaign in running.annotate(spent=Sum("costs__amount_minor"))
    ]
    return sorted(rows, key=lambda row: -(row["spent"] / row["budget"] if row["budget"] else 0))


def sources_of_leads(now: datetime) -> list[dict[str, Any]]:
    """Leads of 90 days by source with how many were handed over and accepted; unknown is a row of its own."""
    since = now - timedelta(days=90)
    leads = Lead.objects.live().filter(origin=INBOUND, opened_at__gte=since).order_by()
    handoffs = Handoff.objects.filter(lead__opened_at__gte=since, lead__origin=INBOUND).order_by()
    handed = {
        source: (all_, accepted)
        for source, all_, accepted in handoffs.values_list("lead__source").annotate(
            handed=Count("lead", distinct=True), accepted=Count("lead", filter=Q(state="accepted"), distinct=True)
        )
    }
    return [
        {
            "source": source,
            "leads": count,
            "handed": handed.get(source, (0, 0))[0],
            "accepted": handed.get(source, (0, 0))[1],
        }
        for source, count in leads.values_list("source").annotate(count=Count("pk")).order_by("-count")
    ]


def _visits(since: datetime, until: datetime) -> int:
    return sum(row["visits"] for row in ask_recent("visits_by_channel", since=since, until=until, site=None))


def _leads(since: datetime, until: datetime) -> int:
    return Lead.objects.live().filter(origin=INBOUND, opened_at__gte=since, opened_at__lt=until).count()


def _accepted_count(since: datetime, until: datetime) -> int:
    return Handoff.objects.live().filter(state="accepted", assigned_at__gte=since, assigned_at__lt=until).count()


def _accepted(user: User, since: datetime, before: datetime, now: datetime) -> Figure:
    return Figure(
        label=_("Accepted by sales, 28 days"),
        value=_accepted_count(since, now),
        before=_accepted_count(before, since),
        kind="number",
        definition=_("Handed-over leads that sales accepted under the lead SLA."),
        url=reverse("handoff_review") + "?days=28",
    )


def _mailable(since: datetime, now: datetime) -> list[Figure]:
    given = Consent.objects.filter(
        state=Consent.State.GIVEN, channel="email", topic__purpose=ConsentTopic.Purpose.MARKETING
    )
    won = given.filter(since__gte=since).values("contact").distinct().count()
    lost = Consent.objects.filter(
        state=Consent.State.WITHDRAWN, since__gte=since, topic__purpose=ConsentTopic.Purpose.MARKETING
    )
    reachable = given.exclude(contact__email="").values("contact").distinct().count()
    return [
        Figure(
            label=_("Contacts we may mail"),
            value=reachable,
            before=reachable - won + lost.values("contact").distinct().count(),
            kind="number",
            definition=_("Contacts with an address and consent to at least one topic, against four weeks ago."),
            url=reverse("contacts"),
        )
    ]


def _first_touch(period: Period, currency: str) -> dict[str, int]:
    """Bookings with and without a known first touch, and those with one in the period before; one query."""
    unknown = Q(channel="", campaign_code="")
    now = Q(closed_at__gte=period.since, closed_at__lt=period.end)
    before = Q(closed_at__gte=period.before().since, closed_at__lt=period.since)
    return Credit.objects.filter(method=FIRST, currency=currency).aggregate(
        known=Sum("amount_minor", filter=now & ~unknown, default=0),
        unknown=Sum("amount_minor", filter=now & unknown, default=0),
        known_before=Sum("amount_minor", filter=before & ~unknown, default=0),
    )


def _spent(period: Period) -> tuple[int, int]:
    """Costs of the period and of the one before; one query."""
    before = period.before()
    sums = CampaignCost.objects.aggregate(
        now=Sum("amount_minor", filter=Q(on__gte=period.first, on__lt=period.until), default=0),
        before=Sum("amount_minor", filter=Q(on__gte=before.first, on__lt=before.until), default=0),
    )
    return sums["now"], sums["before"]
