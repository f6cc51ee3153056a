"""Home of operations and the administrator: promises kept, leads touched, mail arriving, nothing stuck."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext as _

from baton.handoff.assignments.models import Handoff
from baton.handoff.feedback.reads import answered_late, attempted_late, handoffs_between, kept
from baton.marketing.email.models import KIND, Broadcast
from baton.measure.homes.addresses import behind
from baton.measure.homes.figures import NUMBER, SHARE, Figure, FigureRow
from baton.measure.homes.last_email import TOOK
from baton.measure.homes.rules import by_age
from baton.people.deliveries.models import Delivery
from baton.people.leads.models import Lead
from baton.people.leads.rules import NEW
from baton.people.returns.providers import domain_in
from baton.platform import wiring
from baton.platform.accounts.models import User
from baton.platform.jobs.models import Job

FOUR_WEEKS = timedelta(days=28)
UNTOUCHED_DAYS = 2
BREACHES_SHOWN, PROVIDERS_SHOWN = 8, 8


@dataclass
class Provider:
    """Mail to one domain in 28 days; `tried` is all that went out to it."""

    domain: str
    tried: int
    bounced: int
    complained: int


def promises_row(user: User, now: datetime, *, ages: list[int]) -> FigureRow:
    """How the lead SLA is kept, what lies untouched, what failed: here and, by web/wiring, on the sides above."""
    since = now - FOUR_WEEKS
    this, before = kept(user, since, now, now), kept(user, since - FOUR_WEEKS, since, now)
    old = sum(ages[UNTOUCHED_DAYS:])
    failed = Job.objects.filter(state=Job.State.FAILED).count()
    return FigureRow(
        title=_("28 days"),
        against=_("change against the 28 days before"),
        figures=[
            Figure(
                label=_("Accepted of answered"),
                value=this.share_accepted,
                before=before.share_accepted,
                kind=SHARE,
                definition=_("New leads that sales accepted, of those accepted, sent back or run out."),
                url=reverse("handoff_review") + "?days=28",
            ),
            Figure(
                label=_("First attempt in time"),
                value=this.share_attempted_in_time,
                before=before.share_attempted_in_time,
                kind=SHARE,
                definition=_("Accepted leads whose first attempt came within the agreed working time."),
                url=behind("breaches"),
            ),
            Figure(
                label=_("Untouched for two days"),
                value=old,
                kind=NUMBER,
                definition=_("Leads that have an owner, are still new and were opened more than two days ago."),
                url=behind("untouched"),
                is_worrying=bool(old),
            ),
            Figure(
                label=_("Failed jobs"),
                value=failed,
                kind=NUMBER,
                definition=_("Background work that failed for good and waits for a decision."),
                url=reverse("operations"),
                is_worrying=bool(failed),
            ),
            *(function(user, now) for function in wiring.page().HOME_FIGURES),
        ],
    )


def breaches(user: User, now: datetime) -> QuerySet[Handoff]:
    """Handoffs of 28 days with a broken promise, the newest first."""
    return (
        handoffs_between(user, now - FOUR_WEEKS, now)
        .filter(answered_late(now) | attempted_late(now))
        .select_related("lead__contact__company", "owner")
        .order_by("-assigned_at", "-pk")
    )


def untouched(user: User) -> QuerySet[Lead]:
    """Leads that somebody owns and nobody has begun to work."""
    return Lead.objects.visible_to(user).filter(status=NEW, owner__isnull=False).order_by()


def untouched_ages(user: User, now: datetime) -> list[int]:
    """Untouched leads by band of age, see rules.by_age."""
    return by_age(untouched(user).values_list("opened_at", flat=True), now)


def providers(now: datetime) -> list[Provider]:
    """Mail of the last 28 days by the domain it went to, the most trouble first; domains without any are left out."""
    since = now - FOUR_WEEKS
    begun = Q(message_id__in=Broadcast.objects.filter(started_at__gte=since).values("pk"))
    older = Broadcast.objects.filter(journey__isnull=False, started_at__lt=since).values("pk")
    lately = begun | Q(message_id__in=older, handing_since__gte=since)  # a journey's email goes out for months
    domain = Lower(domain_in("contact__email"))
    rows = (
        Delivery.objects.filter(lately, message_kind=KIND, contact__isnull=False)
        .filter(TOOK | Q(state="bounced"))
        .order_by()
        .values(domain=domain)
        .annotate(
            tried=Count("pk"), bounced=Count("pk", Q(state="bounced")), complained=Count("pk", Q(state="complained"))
        )
        .filter(Q(bounced__gt=0) | Q(complained__gt=0))
    )
    found = [Provider(**row) for row in rows]
    return sorted(found, key=lambda one: (-one.bounced - one.complained, one.domain))[:PROVIDERS_SHOWN]


def failed_jobs() -> list[tuple[str, int, datetime]]:
    """Failed jobs by kind: how many, and when the last one gave up."""
    failed = Job.objects.filter(state=Job.State.FAILED).order_by()
    return list(failed.values_list("kind").annotate(n=Count("pk"), last=Max("ended_at")).order_by("-n", "kind")[:8])
