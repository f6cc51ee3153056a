"""The verbs of deliverability: count the ledger, pause and alert, decide about what is unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, DateField, Exists, Func, OuterRef, Q
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from baton.marketing.deliverability.models import ProviderCount
from baton.marketing.email.models import KIND, Broadcast
from baton.marketing.transactional.models import TransactionalMail
from baton.people.deliveries.actions import Message
from baton.people.deliveries.models import TRANSACTIONAL, Delivery
from baton.people.returns.models import Return
from baton.people.returns.providers import domain_in, provider_of
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.db import among, write_turn
from baton.platform.jobs.models import Job
from baton.platform.notifications import notify

State, Sending = Delivery.State, Broadcast.State
STILL_CHANGES = timedelta(days=14)
RETRIED_DAYS = 3  # what a server puts off is tried for about two days
SHOWN = timedelta(days=90)
A_FEW = 20
LEFT = "left"  # the reason of an unknown row that a person has decided to leave


def count_lately(job: Job) -> None:
    """Job, every five minutes: count the messages of which something has changed since the last count."""
    now = timezone.now()
    last = ProviderCount.objects.order_by("-counted_at").values_list("counted_at", flat=True).first()
    since = (last or now - STILL_CHANGES) - timedelta(minutes=1)
    for message in [*_changed(since), *_never_counted(now)]:
        count_message(message, now=now)
    count_transactional(now, days=RETRIED_DAYS)


def _never_counted(now: datetime) -> list[Message]:
    """Emails of the last months that have no count yet, a few at a time: those from before there was one."""
    counted = ProviderCount.objects.filter(message_kind=KIND, message_id=OuterRef("pk"))
    ended = Broadcast.objects.filter(ended_at__gte=now - SHOWN, started_at__isnull=False).exclude(Exists(counted))
    return [Message(KIND, pk) for pk in ended.order_by("-pk").values_list("pk", flat=True)[:A_FEW]]


def count_all(job: Job) -> None:
    """Job, daily: count all messages of the last two weeks anew; what providers said of deliveries comes in here."""
    now = timezone.now()
    for message in _changed(now - STILL_CHANGES):
        count_message(message, now=now)
    count_transactional(now, days=STILL_CHANGES.days)


def _changed(since: datetime) -> list[Message]:
    under_way = Q(state__in=[Sending.SENDING, Sending.PAUSED], filled_at__isnull=False, journey=None)
    # One of a journey goes out for months, on most days to few: it is counted when something of it was tried.
    of_journey = Q(_tried_since(since), journey__isnull=False, filled_at__isnull=False)
    found = Broadcast.objects.filter(under_way | of_journey | Q(ended_at__gte=since))
    emails = found.values_list("pk", flat=True)
    returned = Return.objects.filter(received_at__gte=since, delivery__isnull=False)
    returned = returned.exclude(delivery__message_kind=TRANSACTIONAL)
    of_returns = returned.order_by().values_list("delivery__message_kind", "delivery__message_id").distinct()
    return [Message(kind, pk) for kind, pk in sorted({(KIND, pk) for pk in emails} | set(of_returns))]


def _tried_since(since: datetime) -> Q:
    rows = Delivery.objects.filter(message_kind=KIND, message_id=OuterRef("pk"))
    failed = Q(state=State.DEFERRED) | Q(state=State.BOUNCED) | Q(state=State.UNKNOWN)
    return Q(Exists(rows.filter(handed_at__gte=since))) | Q(Exists(rows.filter(failed, handing_since__gte=since)))


def count_message(message: Message, *, now: datetime) -> None:
    """Write down how a message fared by day and provider, in the place of what was counted before."""
    rows = _rows(message, _grouped(message.rows(), "contact__email"), now)
    with write_turn(), transaction.atomic():
        ProviderCount.objects.filter(message_kind=message.kind, message_id=message.id).delete()
        ProviderCount.objects.bulk_create(rows)


def count_transactional(now: datetime, *, days: int) -> None:
    """Write down how transactional mail fared on each of the last `days` days; what was counted of earlier ones stays.

    By the address each went to: it may be of nobody known.
    """
    first = (now - timedelta(days=days - 1)).date()
    mails = TransactionalMail.objects.filter(created_at__gte=now - timedelta(days=days + RETRIED_DAYS))
    found = _rows(Message(TRANSACTIONAL, 0), _grouped(mails, "to_email", ledger="delivery__"), now)
    with write_turn(), transaction.atomic():
        ProviderCount.objects.filter(message_kind=TRANSACTIONAL, day__gte=first).delete()
        ProviderCount.objects.bulk_create(row for row in found if row.day >= first)


def _rows(message: Message, grouped: Iterable[tuple[Any, ...]], now: datetime) -> list[ProviderCount]:
    counts: dict[tuple[date, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for day, domain, state, reason, again, was_handed, number, clicked, left in grouped:
        if day is None:
            continue
        row = counts[date.fromisoformat(str(day)), provider_of(domain)]
        for column in _columns(state, reason, again=again, was_handed=was_handed):
            row[column] += number
        row["clicked"] += clicked
        row["unsubscribed"] += left
    return [
        ProviderCount(
            message_kind=message.kind, message_id=message.id, day=day, provider=provider, counted_at=now, **row
        )
        for (day, provider), row in counts.items()
    ]


def _grouped(rows: QuerySet[Any], email: str, ledger: str = "") -> Iterable[tuple[Any, ...]]:
    """Numbers of `rows` by day, domain and state; `ledger` leads from a row to its delivery, `email` to the address."""
    moments = [f"{ledger}{name}" for name in ("handed_at", "returned_at", "handing_since", "next_at")]
    rows = rows.exclude(**{f"{ledger}state__in": [State.QUEUED, State.CLAIMED, State.SKIPPED]})
    return (
        rows.annotate(
            day=Func(Coalesce(*moments), function="DATE", output_field=DateField()),
            domain=domain_in(email),
            again=Q(**{f"{ledger}attempts__gt": 1}),
            was_handed=Q(**{f"{ledger}handed_at__isnull": False}),
        )
        .order_by()
        .values_list("day", "domain", f"{ledger}state", f"{ledger}reason", "again", "was_handed")
        .annotate(number=Count("pk"), clicked=Count(f"{ledger}clicked_at"), left=Count(f"{ledger}unsubscribed_at"))
    )


def _columns(state: str, reason: str, *, again: bool, was_handed: bool) -> Iterable[str]:
    """Which columns a row of the ledger counts in."""
    if was_handed:
        yield "sent"
    if state == State.DEFERRED or again or reason == "delayed":
        yield "deferred"
    if state == State.UNKNOWN:
        yield "unknown"
    if state == State.COMPLAINED:
        yield "complained"
    if state == State.BOUNCED and reason in ("dead_address", "mailbox", "message_refused", "sender_refused"):
        yield reason


def alert(broadcast: Broadcast, text: str, *, key: str) -> None:
    """Tell the email's owner, the campaign's owner and those who manage marketing and operations; once for each key."""
    owners = {broadcast.owner_id, broadcast.campaign.owner_id if broadcast.campaign else None}
    roles = ["marketing_manager", "operations"]
    for user in User.objects.filter(Q(pk__in=owners - {None}) | Q(role__in=roles), is_active=True):
        notify(user, "deliverability", text, url=reverse("deliverability"), key=f"{key}:{user.pk}")


def decide_unknown(deliveries: Sequence[int], *, again: bool, actor: User, now: datetime) -> str:
    """Send unknown copies of emails again, or leave them; gives the sentence that says what was done.

    Only rows that are unknown still are touched; a cancelled email sends nothing again, and one of a journey that was
    taken back does once it is live.
    """
    rows = Delivery.objects.filter(pk__in=among(deliveries), state=State.UNKNOWN, message_kind=KIND)
    with transaction.atomic():
        if not again:
            number = rows.update(reason=LEFT)
            return ngettext("One copy is left as it is.", "%(number)s copies are left as they are.", number) % {
                "number": number
            }
        number = sum(
            _send_again(email, rows, actor)
            for email in Broadcast.objects.filter(pk__in=rows.order_by().values("message_id").distinct())
        )
    return ngettext("One copy is sent again.", "%(number)s copies are sent again.", number) % {"number": number}


def _send_again(email: Broadcast, rows: Any, actor: User) -> int:
    if email.state == Sending.CANCELLED:
        return 0
    chosen = list(rows.filter(message_id=email.pk).values_list("pk", flat=True))
    moved = Delivery.objects.filter(pk__in=among(chosen), state=State.UNKNOWN).update(
        state=State.QUEUED, reason="", handing_since=None
    )
    if Broadcast.objects.filter(pk=email.pk, state=Sending.SENT).update(state=Sending.SENDING, ended_at=None):
        jobs.enqueue("email.send_batch", email_id=email.pk)
    journal.record("email.unknown_sent_again", email, actor=actor, deliveries=chosen[:1000], number=moved)
    return moved
