"""The verbs of pacing: throttle an email, plan a domain's warm-up, spread an email over days, hold a lane."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from baton.marketing.email.models import Broadcast
from baton.marketing.pacing import claims
from baton.marketing.pacing.models import LaneHold, Throttle, WarmUp
from baton.marketing.pacing.rules import HELD_FOR, HELD_FOR_COMPLAINTS, Plan, days_of, is_put_off, lane_of
from baton.marketing.trials.rules import LETTERS
from baton.people.deliveries.gate import may_mail
from baton.people.deliveries.models import Delivery
from baton.people.returns.providers import label_of, provider_of
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.db import among, write_turn
from baton.platform.errors import Refusal
from baton.platform.mail.smtp import LATER, Outcome

State = Delivery.State
Taken = dict[str, dict[date, int]]
FIELDS = ["domain", "starts_on", "growth_percent", "gmail", "outlook", "yahoo", "others", "full"]


class TooLate(Refusal):
    """The email is over; how fast it goes makes no difference any more."""


@transaction.atomic
def set_throttle(broadcast: Broadcast, per_hour: int | None, *, actor: User) -> Broadcast:
    """At most so many mails of it in any hour; None for no limit. One that is going out keeps to it from now on.

    Raises TooLate.
    """
    if broadcast.state in (Broadcast.State.SENT, Broadcast.State.CANCELLED):
        raise TooLate(_("It has gone out already. Nothing was changed."))
    stands = Throttle.objects.filter(broadcast=broadcast).values_list("per_hour", flat=True).first()
    if stands == (per_hour or None):
        return broadcast
    if per_hour:
        Throttle.objects.update_or_create(broadcast=broadcast, defaults={"per_hour": per_hour})
    else:
        Throttle.objects.filter(broadcast=broadcast).delete()
    if broadcast.state in (Broadcast.State.SENDING, Broadcast.State.LIVE):
        jobs.enqueue("email.send_batch", email_id=broadcast.pk)  # what waited for room of the old pace waits no more
    journal.record("email.throttled", broadcast, actor=actor, per_hour=per_hour, before=stands)
    return broadcast


@transaction.atomic
def save_warm_up(row: WarmUp, values: dict[str, Any], *, actor: User) -> WarmUp:
    """Plan, or change, a domain's warm-up; it holds from the next batch on."""
    for name in FIELDS:
        setattr(row, name, values[name])
    row.save()
    journal.record("warm_up.saved", row, actor=actor, **{name: str(values[name]) for name in FIELDS})
    return row


@transaction.atomic
def end_warm_up(row: WarmUp, *, actor: User) -> None:
    """No limits for this domain from the next batch on; what waits for its day still goes out on that day."""
    journal.record("warm_up.ended", row, actor=actor, domain=row.domain)
    row.delete()


def spread_email(broadcast: Broadcast, now: datetime) -> None:
    """Give every copy that has not gone out its day, the most engaged first in each lane. Bears repetition.

    Copies that the gate holds back keep their place: they take no room. A tested variant of a later hour keeps its own.
    """
    plan = claims.pace_of(broadcast, now).plan
    if plan is None or broadcast.topic is None:
        return
    open_rows = (
        broadcast.message.rows()
        .filter(state__in=[State.QUEUED, State.WAITING])
        .exclude(state=State.WAITING, next_at=None)
        .exclude(variant__in=[*LETTERS], next_at__gt=now)
    )
    told = list(
        open_rows.order_by("-contact__engagement_score", "pk").values_list("pk", "contact_id", "contact__email")
    )
    mailable = {pk for pk, why in may_mail([one[1] for one in told if one[1]], broadcast.topic, now).items() if not why}
    by_lane: dict[str, list[int]] = defaultdict(list)
    for pk, contact, email in told:
        if contact in mailable:
            by_lane[lane_of(provider_of(email or ""))].append(pk)
    taken = taken_days(broadcast, now)
    for lane, rows in by_lane.items():
        _spread_lane(broadcast, plan, lane, rows, taken.get(lane, {}), now)


def _spread_lane(
    broadcast: Broadcast, plan: Plan, lane: str, rows: list[int], taken: dict[date, int], now: datetime
) -> None:
    midnight, start = claims.local_day(now).replace(hour=0, minute=0, second=0, microsecond=0), 0
    today, tomorrow = midnight.date(), midnight + timedelta(days=1)
    for day, number in days_of(len(rows), lane, plan.limit, taken, today):
        chosen = Delivery.objects.filter(
            pk__in=among(rows[start : start + number]), state__in=[State.QUEUED, State.WAITING]
        )
        start += number
        with write_turn():
            if day == today:
                chosen.filter(next_at__gte=tomorrow).update(state=State.QUEUED, next_at=None)
            else:
                at = claims.same_hour(broadcast, now, days=(day - today).days)
                chosen.update(state=State.WAITING, next_at=at)


def taken_days(broadcast: Broadcast, now: datetime) -> Taken:
    """What of each day's room is taken: what went out today, and what other emails of the domain wait with."""
    today = claims.local_day(now).date()
    domain = claims.domain_of(broadcast)
    taken: dict[str, Counter[date]] = defaultdict(Counter)
    for lane, number in claims.used_today(domain, now).items():
        taken[lane][today] += number
    under_way = [Broadcast.State.SENDING, Broadcast.State.LIVE, Broadcast.State.PAUSED]
    others = list(
        Broadcast.objects.filter(state__in=under_way, sender_email__iendswith=f"@{domain}")
        .exclude(pk=broadcast.pk)
        .values_list("pk", flat=True)
    )
    waiting = claims.rows_of_domain(domain, now).filter(
        message_id__in=others, state__in=[State.QUEUED, State.WAITING, State.DEFERRED]
    )
    for email, at in waiting.order_by().values_list("contact__email", "next_at"):
        day = max(today, claims.local_day(at).date()) if at else today
        taken[lane_of(provider_of(email or ""))][day] += 1
    return {lane: dict(days) for lane, days in taken.items()}


def watch_lanes(broadcast: Broadcast, outcomes: Sequence[Outcome], now: datetime) -> list[LaneHold]:
    """After a batch: hold the lanes that put us off; the others go on. Gives what was held anew.

    A server that puts off every lane is busy itself, and no provider's fault.
    """
    put_off = [outcome for outcome in outcomes if outcome.state == LATER]
    if not put_off:
        return []
    rows = Delivery.objects.filter(pk__in=among(outcome.tag for outcome in outcomes))
    lanes = {pk: lane_of(provider_of(email or "")) for pk, email in rows.values_list("pk", "contact__email")}
    tried = _by_lane(lanes, outcomes)
    if len(tried) > 1 and len(put_off) == len(outcomes):
        return []
    held = []
    for lane, number in _by_lane(lanes, put_off).items():
        if is_put_off(number, tried[lane]):
            answer = next(outcome.text for outcome in put_off if lanes.get(outcome.tag) == lane)
            because = _("%(number)s of %(tried)s mails were put off: %(answer)s") % {
                "number": number, "tried": tried[lane], "answer": answer[:150],
            }  # fmt: skip
            held.append(hold_lane(claims.domain_of(broadcast), lane, because=because, lasts=HELD_FOR, now=now))
    return held


def _by_lane(lanes: dict[int, str], outcomes: Iterable[Outcome]) -> Counter[str]:
    return Counter(lanes[outcome.tag] for outcome in outcomes if outcome.tag in lanes)


def hold_lane(domain: str, lane: str, *, because: str, lasts: timedelta, now: datetime) -> LaneHold:
    """Send nothing from a domain to a lane for a while. A later end stays."""
    with write_turn(), transaction.atomic():
        told = {"because": because[:300], "since": now, "until": now + lasts}
        row, is_new = LaneHold.objects.get_or_create(domain=domain, lane=lane, defaults=told)
        if not is_new and row.until < now + lasts:
            LaneHold.objects.filter(pk=row.pk).update(**told)
            row.refresh_from_db()
        journal.record("lane.held", row, actor=None, domain=domain, lane=lane, because=row.because)
    return row


def hold_for_complaints(broadcast: Broadcast, provider: str, because: str, now: datetime) -> bool:
    """While a domain warms up, complaints at a provider hold its lane for a day. False: it has no plan."""
    if not WarmUp.objects.filter(domain=claims.domain_of(broadcast)).exists():
        return False
    domain, lane = claims.domain_of(broadcast), lane_of(provider)
    hold_lane(domain, lane, because=because, lasts=HELD_FOR_COMPLAINTS, now=now)
    return True


@transaction.atomic
def let_go(row: LaneHold, *, actor: User, now: datetime) -> None:
    """Send to a lane again by a person's decision: what waited for the end of the hold goes on at once."""
    waiting = claims.rows_of_domain(row.domain, now).filter(state=State.WAITING, next_at=row.until)
    waiting.update(next_at=now)
    journal.record("lane.let_go", row, actor=actor, domain=row.domain, lane=row.lane)
    row.delete()


def lane_label(lane: str) -> str:
    """A lane's name in words."""
    return label_of(lane)
