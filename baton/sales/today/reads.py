"""The rows of a rep's day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from baton.platform import wiring
from baton.platform.accounts.models import User
from baton.sales.activities.models import Activity
from baton.sales.deals.filters import stalled
from baton.sales.deals.models import Deal
from baton.sales.deals.rules import days_in_stage
from baton.sales.quotas.reads import Standing, open_amount_closing
from baton.sales.quotes.reads import unsigned
from baton.sales.tasks.models import Task
from baton.sales.today.rules import (
    DUE_TODAY,
    NEW_LEAD,
    NO_NEXT_STEP,
    OVERDUE,
    STALLED,
    TodayAction,
    TodayRow,
    coverage,
    in_order,
)

AT_MOST = 30  # of each kind: a longer list is worked from the board


def rows_of(user: User, now: datetime) -> list[TodayRow]:
    """Everything that wants `user` today, in the order to work through it. `now` in the reader's zone."""
    rows = [*_tasks(user, now), *_deals_without_step(user), *_stalled_deals(user, now)]
    for function in wiring.page().TODAY_ROWS:
        rows.extend(function(user, now))
    return in_order(rows)


@dataclass(frozen=True)
class Strip:
    """What the strip on top says of the day beside the quota. `coverage` is the open amount closing in the period as a
    multiple of what is still to win, None without anything to win; of quotes only those in the quota's currency count.
    """

    closing_minor: int
    coverage: float | None
    leads: int
    first_lead_at: datetime | None
    quotes: int
    quotes_minor: int
    first_quote_ends: date | None


def strip_of(user: User, standing: Standing, rows: list[TodayRow]) -> Strip:
    """Two queries; leads are counted from the day's rows, which are in the order their clocks run out."""
    span = standing.span
    closing = open_amount_closing(user, span.start, span.end, currency=standing.currency)
    leads = [row for row in rows if row.kind == NEW_LEAD]
    quotes = (
        unsigned(user)
        .filter(currency=standing.currency)
        .order_by()
        .aggregate(n=Count("pk"), net=Sum("net_minor", default=0), ends=Min("valid_until"))
    )
    return Strip(
        closing_minor=closing,
        coverage=coverage(closing, standing.missing_minor),
        leads=len(leads),
        first_lead_at=next((row.at for row in leads if row.clock), None),
        quotes=quotes["n"],
        quotes_minor=quotes["net"],
        first_quote_ends=quotes["ends"],
    )


def done_today(user: User, now: datetime) -> list[Task]:
    """Tasks ticked off since midnight of the reader's zone, the last one first."""
    midnight = _midnight(now)
    done = Task.objects.live().filter(owner=user, done_at__gte=midnight, done_at__lt=midnight + timedelta(days=1))
    return list(done.select_related("deal", "contact", "company").order_by("-done_at")[:50])


def logged_today(user: User, now: datetime) -> int:
    """How many calls, mails and meetings the user has logged since midnight."""
    return Activity.objects.live().filter(owner=user, at__gte=_midnight(now)).exclude(kind=Activity.Kind.NOTE).count()


def _tasks(user: User, now: datetime) -> list[TodayRow]:
    tomorrow = _midnight(now) + timedelta(days=1)
    due = Task.objects.live().filter(owner=user, done_at=None, due_at__lt=tomorrow)
    tasks = due.select_related("deal", "contact__company", "company").order_by("due_at")[: AT_MOST * 3]
    return [_task_row(task, now) for task in tasks]


def _task_row(task: Task, now: datetime) -> TodayRow:
    due = task.due_at.astimezone(now.tzinfo)
    is_late = due < _midnight(now) or (not task.is_all_day and due < now)
    late_days = (now.date() - due.date()).days
    if not is_late:
        why = _("Due today") if task.is_all_day else _("Due at %(time)s") % {"time": f"{due:%H:%M}"}
    else:
        why = _("Late since yesterday") if late_days == 1 else _("Late by %(n)s days") % {"n": late_days}
        why = why if late_days else _("Due at %(time)s, late") % {"time": f"{due:%H:%M}"}
    thing = task.deal or task.contact or task.company
    return TodayRow(
        kind=OVERDUE if is_late else DUE_TODAY,
        key=f"task:{task.pk}",
        title=task.title,
        why=why,
        url=thing.get_absolute_url() if thing else reverse("today"),
        who=_who(task),
        at=task.due_at,
        is_all_day=task.is_all_day,
        amount_minor=task.deal.amount_minor if task.deal else None,
        currency=task.deal.currency if task.deal else "",
        phone=task.contact.phone if task.contact else "",
        task_id=task.pk,
        task_kind=task.kind,
    )


def _who(task: Task) -> str:
    names = [str(task.contact) if task.contact else "", str(task.deal) if task.deal else str(task.company or "")]
    return ", ".join(dict.fromkeys(name for name in names if name))


def _deals_without_step(user: User) -> list[TodayRow]:
    deals = _open(user).filter(~_has_step()).order_by("expected_close_on", "pk")[:AT_MOST]
    return [
        _deal_row(deal, NO_NEXT_STEP, _("Open deal without a next step"), TodayAction(_("Set next step"), _step(deal)))
        for deal in deals
    ]


def _stalled_deals(user: User, now: datetime) -> list[TodayRow]:
    rows = []
    for deal in _open(user).filter(_has_step()).filter(stalled(now)).order_by("entered_stage_at")[:AT_MOST]:
        if deal.expected_close_on and deal.expected_close_on < now.date():
            why = _("Close date was %(n)s days ago") % {"n": (now.date() - deal.expected_close_on).days}
        else:
            days = days_in_stage(deal.entered_stage_at, now)
            why = _("%(n)s days in %(stage)s") % {"n": days, "stage": deal.stage}
        rows.append(_deal_row(deal, STALLED, why, TodayAction(_("Review"), deal.get_absolute_url())))
    return rows


def _deal_row(deal: Deal, kind: str, why: str, action: TodayAction) -> TodayRow:
    return TodayRow(
        kind=kind,
        key=f"{kind}:{deal.pk}",
        title=deal.name,
        why=why,
        url=deal.get_absolute_url(),
        who=str(deal.company or ""),
        amount_minor=deal.amount_minor,
        currency=deal.currency,
        actions=(action,),
    )


def _step(deal: Deal) -> str:
    return f"{deal.get_absolute_url()}#next-step"


def _open(user: User) -> QuerySet[Deal]:
    return Deal.objects.live().filter(owner=user, state=Deal.State.OPEN).select_related("company", "stage")


def _has_step() -> Q:
    return Q(Exists(Task.objects.filter(deal=OuterRef("pk"), done_at=None, deleted_at=None)))


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
