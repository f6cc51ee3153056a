"""What the pages say of how fast an email goes out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from baton.marketing.email.audience import audience_ids, not_held_out, sample_of
from baton.marketing.email.models import Broadcast
from baton.marketing.pacing import claims
from baton.marketing.pacing.actions import lane_label, taken_days
from baton.marketing.pacing.models import LaneHold, WarmUp
from baton.marketing.pacing.rules import LANES, Day, days_of, ends_at, lane_of
from baton.people.deliveries.gate import may_mail
from baton.people.deliveries.models import Delivery
from baton.people.deliveries.reads import UNFINISHED
from baton.people.returns.providers import provider_of

SHOWN_DAYS = 6
State = Delivery.State


@dataclass(frozen=True)
class LaneDays:
    """How one lane's mails spread: the first days one by one, and how many days there are."""

    name: str
    number: int
    days: list[Day]

    @property
    def shown(self) -> list[Day]:
        return self.days[:SHOWN_DAYS]

    @property
    def rest(self) -> int:
        return max(0, len(self.days) - SHOWN_DAYS)

    @property
    def ends_on(self) -> date:
        return self.days[-1][0]


def pace_before(broadcast: Broadcast, mailable: int) -> dict[str, Any]:
    """What is said before an email starts: {"per_hour", "ends_at", "lanes", "ends_on", "holds"}."""
    now = timezone.now()
    pace = claims.pace_of(broadcast, now)
    lanes = _lanes_before(broadcast, now) if pace.plan else []
    return _told(broadcast, pace, lanes, mailable, now)


def pace_under_way(broadcast: Broadcast) -> dict[str, Any]:
    """The same while it goes out, of what has not gone out yet."""
    now = timezone.now()
    pace = claims.pace_of(broadcast, now)
    left = 0 if pace.is_free else broadcast.message.rows().filter(state__in=UNFINISHED).count()
    return _told(broadcast, pace, _lanes_under_way(broadcast, now) if pace.plan else [], left, now)


def _told(broadcast: Broadcast, pace: claims.Pace, lanes: list[LaneDays], left: int, now: datetime) -> dict[str, Any]:
    begins = max(now, broadcast.send_at) if broadcast.send_at else now
    spread = [lane for lane in lanes if lane.days]
    return {
        "per_hour": pace.per_hour,
        "ends_at": ends_at(left, pace.per_hour, begins) if pace.per_hour and left and not spread else None,
        "lanes": spread,
        "ends_on": max((lane.ends_on for lane in spread), default=None),
        "holds": [
            {"name": lane_label(row.lane), "until": row.until, "because": row.because}
            for row in LaneHold.objects.filter(domain=claims.domain_of(broadcast), until__gt=now).order_by("lane")
        ],
    }


def _lanes_before(broadcast: Broadcast, now: datetime) -> list[LaneDays]:
    """By the plan, for those whom the gate lets through now; reckoned from a sample where the audience is."""
    if broadcast.topic is None or (row := WarmUp.objects.filter(domain=claims.domain_of(broadcast)).first()) is None:
        return []
    plan = claims.plan_of(row)
    assert plan
    asked, times = sample_of(audience_ids(broadcast))
    allowed = [pk for pk, why in may_mail(asked, broadcast.topic, now).items() if why is None]
    mailable = not_held_out(broadcast, allowed)
    counted = Counter(claims.lanes_of(mailable).values())
    numbers = {lane: round(counted[lane] * times) for lane in LANES}
    begins = max(now, broadcast.send_at) if broadcast.send_at else now
    today, taken = claims.local_day(begins).date(), taken_days(broadcast, now)
    return [
        LaneDays(lane_label(lane), numbers[lane], days_of(numbers[lane], lane, plan.limit, taken.get(lane, {}), today))
        for lane in LANES
    ]


def _lanes_under_way(broadcast: Broadcast, now: datetime) -> list[LaneDays]:
    """By the ledger: the day each copy waits for."""
    today = claims.local_day(now).date()
    days: dict[str, Counter[date]] = {lane: Counter() for lane in LANES}
    rows = broadcast.message.rows().filter(state__in=UNFINISHED).exclude(state=State.WAITING, next_at=None)
    for email, at in rows.order_by().values_list("contact__email", "next_at"):
        days[lane_of(provider_of(email or ""))][max(today, claims.local_day(at).date()) if at else today] += 1
    return [LaneDays(lane_label(lane), found.total(), sorted(found.items())) for lane, found in days.items()]


def warm_ups(now: datetime) -> list[dict[str, Any]]:
    """Every plan with today's limits and what went out: {"row", "lanes": [(name, limit or None, sent)], "last_day"}."""
    found = []
    for row in WarmUp.objects.all():
        plan = claims.plan_of(row)
        assert plan
        today, used = claims.local_day(now).date(), claims.used_today(row.domain, now)
        lanes = [(lane_label(lane), plan.limit(lane, today), used[lane]) for lane in LANES]
        found.append({"row": row, "lanes": lanes, "last_day": plan.last_day()})
    return found


def holds(now: datetime) -> list[dict[str, Any]]:
    """Lanes that are held now: {"row", "name"}."""
    rows = LaneHold.objects.filter(until__gt=now).order_by("domain", "lane")
    return [{"row": row, "name": lane_label(row.lane)} for row in rows]
