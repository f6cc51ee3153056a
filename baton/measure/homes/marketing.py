"""Rows of figures of the marketer and the marketing manager."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from baton.handoff.agreement.actions import agreement_in_force
from baton.handoff.agreement.reasons import ACTIONS
from baton.handoff.assignments.models import Handoff
from baton.handoff.feedback.reads import reasons
from baton.marketing.campaigns.models import Campaign
from baton.measure.attribution.models import Credit
from baton.measure.attribution.rules import FIRST
from baton.measure.homes.addresses import behind
from baton.measure.homes.cohorts import ACCEPTED, Cohort
from baton.measure.homes.figures import MONEY, NUMBER, SHARE, Figure, FigureRow, grouped
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.people.leads.rules import INBOUND
from baton.platform.accounts.models import User
from baton.platform.dates import Period, quarter_of, today_in
from baton.platform.organisation import organisation
from baton.sales.deals.models import Deal

FOUR_WEEKS = timedelta(days=28)
MONTHS_OF_COST = 3


def four_weeks_row(user: User, now: datetime) -> FigureRow:
    """Leads, what sales accepted of them, and whom one may still write to."""
    since, before = now - FOUR_WEEKS, now - 2 * FOUR_WEEKS
    lately = Q(opened_at__gte=since)
    leads = leads_from_marketing(before, now).aggregate(this=Count("pk", lately), before=Count("pk", ~lately))
    taken = Q(assigned_at__gte=since)
    accepted = accepted_handoffs(before, now).aggregate(this=Count("pk", taken), before=Count("pk", ~taken))
    return FigureRow(
        title=_("28 days"),
        against=_("change against the 28 days before"),
        figures=[
            Figure(
                label=_("Leads"),
                value=leads["this"],
                before=leads["before"],
                kind=NUMBER,
                definition=_("Leads opened by marketing: forms, imports, contacts that became ready."),
                url=behind("leads_28"),
            ),
            Figure(
                label=_("Accepted by sales"),
                value=accepted["this"],
                before=accepted["before"],
                kind=NUMBER,
                definition=_("Leads handed over in 28 days that sales accepted under the lead SLA."),
                url=behind("accepted_28"),
            ),
            mailable_figure(since),
        ],
    )


def mailable_figure(since: datetime) -> Figure:
    """Whom one may mail now against then, as far as the day tells on which each consent last changed."""
    counts = _reach(since)
    came, left = counts["came"], counts["left"]
    return Figure(
        label=_("Contacts we may mail"),
        value=counts["now"],
        before=counts["now"] - came + left,
        kind=NUMBER,
        note=_("%(came)s came, %(left)s left") % {"came": grouped(came), "left": grouped(left)} if came or left else "",
        definition=_(
            "Contacts with an address and consent by email to at least one topic. Came and left in 28 days, by the"
            " day each consent last changed."
        ),
        url=behind("mailable"),
    )


def mailable(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Those with an address who agreed to hear from us by email on some topic."""
    given = Consent.objects.filter(
        contact=OuterRef("pk"), channel="email", topic__purpose=ConsentTopic.Purpose.MARKETING
    )
    return contacts.exclude(email="").filter(Exists(given.in_force(timezone.now())))


def _reach(since: datetime) -> dict[str, int]:
    """Contacts that may be mailed now, and those that came to that and left it since; one query.

    A consent that has ended counts as one that was left on the day of its end.
    """
    ended = Q(state="given", expires_at__lte=timezone.now())
    given_now = Q(state="given") & ~ended
    given_then = (
        (given_now & Q(since__lt=since))
        | (ended & Q(since__lt=since, expires_at__gt=since))
        | Q(state="withdrawn", since__gte=since)
    )
    held = (
        Consent.objects.filter(
            channel="email",
            topic__purpose=ConsentTopic.Purpose.MARKETING,
            contact__deleted_at=None,
        )
        .exclude(contact__email="")
        .order_by()
        .values("contact")
        .annotate(has=Count("pk", given_now), had=Count("pk", given_then))
    )
    return held.aggregate(
        now=Count("contact", Q(has__gt=0)),
        came=Count("contact", Q(has__gt=0, had=0)),
        left=Count("contact", Q(has=0, had__gt=0)),
    )


def leads_from_marketing(since: datetime, until: datetime) -> QuerySet[Lead]:
    return Lead.objects.live().filter(origin=INBOUND, opened_at__gte=since, opened_at__lt=until).order_by()


def accepted_handoffs(since: datetime, until: datetime) -> QuerySet[Handoff]:
    found = Handoff.objects.live().filter(state="accepted", assigned_at__gte=since, assigned_at__lt=until)
    return found.exclude(chosen_because="imported").order_by()


def rejections(user: User, now: datetime) -> list[tuple[str, int, str]]:
    """Why sales sent leads back in 90 days, how often, and what each reason does; the most frequent first."""
    known = {reason["key"]: reason for reason in agreement_in_force().reasons}
    found = []
    for row in reasons(user, now - timedelta(days=90), now):
        reason = known.get(row["reject_reason"], {"label": row["reject_reason"], "action": ""})
        found.append((reason["label"], row["count"], str(ACTIONS.get(reason["action"], ""))))
    return found


def money_row(now: datetime, funnel: list[Cohort], running: list[dict[str, Any]]) -> FigureRow:
    """What marketing's first touches brought this quarter, what is unknown, what an accepted lead cost."""
    own = organisation()
    quarter = quarter_of(today_in(own.zone, now), own.zone, year_starts=own.fiscal_year_starts)
    booked = _booked(quarter, own.currency, now)
    whole, whole_before = booked["known"] + booked["unknown"], booked["known_before"] + booked["unknown_before"]
    pipeline = (
        sourced_pipeline()
        .filter(currency=own.currency)
        .aggregate(open=Sum("amount_minor", default=0), deals=Count("pk"))
    )
    cost, cost_before, months = cost_per_accepted(funnel)
    return FigureRow(
        title=_("This quarter"),
        against=_("bookings against the same day last quarter"),
        figures=[
            Figure(
                label=_("Pipeline from marketing"),
                value=pipeline["open"],
                kind=MONEY,
                note=_("%(n)s open deals") % {"n": grouped(pipeline["deals"])} if pipeline["deals"] else "",
                definition=_(
                    "Amount of all open deals whose lead came from marketing by a known source or campaign: the first"
                    " touch we know. Credit is worked out when a deal is won."
                ),
                url=behind("sourced_pipeline"),
            ),
            Figure(
                label=_("Bookings by first touch"),
                value=booked["known"],
                before=booked["known_before"],
                kind=MONEY,
                definition=_("Won this quarter, where the first touch is known. Booked, not paid."),
                url=reverse("closed_loop") + "?method=first",
            ),
            Figure(
                label=_("Unknown share"),
                value=booked["unknown"] / whole if whole else None,
                before=booked["unknown_before"] / whole_before if whole_before else None,
                kind=SHARE,
                definition=_("Share of this quarter's bookings for which no touch is known at all."),
                url=reverse("closed_loop") + "?method=first&by=channel",
                is_less_better=True,
                is_worrying=booked["unknown"] > booked["known"],
            ),
            _spent_of_budget(running, own.currency),
            Figure(
                label=_("Cost per accepted lead"),
                value=cost,
                before=cost_before,
                against=_("the 3 months before"),
                kind=MONEY,
                note=months if cost else "",
                definition=_(
                    "What campaigns cost in the latest three months that are old enough, by the leads created in the"
                    " same months that sales accepted."
                ),
                url="#funnel",
                is_less_better=True,
            ),
        ],
    )  # fmt: skip


def cost_per_accepted(funnel: list[Cohort]) -> tuple[int | None, int | None, str]:
    """Of the latest mature months and of as many before them, in minor units; and which months the first are."""
    mature = [cohort for cohort in funnel if ACCEPTED not in cohort.immature]
    latest, before = mature[-MONTHS_OF_COST:], mature[-2 * MONTHS_OF_COST : -MONTHS_OF_COST]
    months = _("%(first)s to %(last)s") % _names(latest) if latest else ""
    return _cost_each(latest), _cost_each(before), months


def _names(cohorts: list[Cohort]) -> dict[str, str]:
    return {"first": date_format(cohorts[0].month, "M"), "last": date_format(cohorts[-1].month, "M Y")}


def _cost_each(cohorts: list[Cohort]) -> int | None:
    cost, accepted = sum(one.cost_minor for one in cohorts), sum(one.accepted for one in cohorts)
    return round(cost / accepted) if cost and accepted else None


def budgets(now: datetime) -> list[dict[str, Any]]:
    """Running campaigns with budget, what is spent of it and how much of their time is gone; most used first."""
    today = today_in(organisation().zone, now)
    running = Campaign.objects.live().filter(starts_on__lte=today).exclude(ends_on__lt=today)
    rows = [
        {"campaign": campaign, "spent": campaign.spent or 0, "budget": campaign.budget_minor}
        for campaign in running.annotate(spent=Sum("costs__amount_minor"))
    ]
    return sorted(rows, key=lambda row: -(row["spent"] / row["budget"] if row["budget"] else 0))


def _spent_of_budget(running: list[dict[str, Any]], currency: str) -> Figure:
    with_budget = [row for row in running if row["budget"] and row["campaign"].currency == currency]
    return Figure(
        label=_("Spent of running budgets"),
        value=sum(row["spent"] for row in with_budget),
        of=sum(row["budget"] for row in with_budget) or None,
        kind=MONEY,
        definition=_("Costs entered so far on the campaigns that run today and have a budget, out of those budgets."),
        url="#budgets",
    )


def sourced_pipeline() -> QuerySet[Deal]:
    """Open deals that marketing's first touch is known of."""
    known = ~Q(lead__source="") | ~Q(lead__campaign_code="")
    return Deal.objects.live().filter(known, state="open", lead__origin=INBOUND).order_by()


def _booked(period: Period, currency: str, now: datetime) -> dict[str, int]:
    """Bookings with and without a known first touch, of the period so far and of as much of the one before."""
    unknown = Q(channel="", campaign_code="")
    before = period.before()
    same_day = before.since + (now - period.since)
    this = Q(closed_at__gte=period.since, closed_at__lt=period.end)
    then = Q(closed_at__gte=before.since, closed_at__lt=same_day)
    sums = {"known": this & ~unknown, "unknown": this & unknown}
    sums |= {"known_before": then & ~unknown, "unknown_before": then & unknown}
    return Credit.objects.filter(method=FIRST, currency=currency).aggregate(
        **{name: Sum("amount_minor", filter=which, default=0) for name, which in sums.items()}
    )
