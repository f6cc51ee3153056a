"""Claiming within limits: what may go out now is worked out from the ledger, in the transaction that claims it.

Whoever claims holds the email's row, or the domain's plan, so that two never give out the same room. A mail counts from
its claim on, and for an hour (or its day) from when its answer was written down: never before the server had it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.query import QuerySet

from baton.marketing.email.models import KIND, Broadcast
from baton.marketing.pacing.models import LaneHold, Throttle, WarmUp
from baton.marketing.pacing.rules import LANES, SLOTS_AN_HOUR, Plan, lane_of, room_of
from baton.people.contacts.models import Contact
from baton.people.deliveries import actions as ledger
from baton.people.deliveries.models import Delivery
from baton.people.returns.providers import domain_in, provider_of
from baton.platform.db import among, write_turn
from baton.platform.organisation import organisation

State = Delivery.State
Claimed = list[tuple[int, int | None]]
Rows = QuerySet[Delivery]
HOUR, SLOT = timedelta(hours=1), timedelta(hours=1) / SLOTS_AN_HOUR
FAILED = [State.DEFERRED, State.BOUNCED, State.UNKNOWN]  # the server was asked, whatever it took
LOST = timedelta(seconds=ledger.LEASE_SECONDS)
LOOK_AGAIN_SECONDS = 10.0
COUNTED_EMAILS = timedelta(days=35)


@dataclass(frozen=True)
class Pace:
    """What holds for one email now. `plan` is its domain's; `holds` are lanes that nothing goes to, until when."""

    per_hour: int
    plan: Plan | None
    holds: dict[str, datetime]

    @property
    def is_free(self) -> bool:
        return not (self.per_hour or self.plan or self.holds)


def pace_of(broadcast: Broadcast, now: datetime) -> Pace:
    """The limits of an email, as they are set now."""
    domain = domain_of(broadcast)
    per_hour = Throttle.objects.filter(broadcast=broadcast).values_list("per_hour", flat=True).first()
    holds = LaneHold.objects.filter(domain=domain, until__gt=now).values_list("lane", "until")
    return Pace(per_hour or 0, plan_of(WarmUp.objects.filter(domain=domain).first()), dict(holds))


def plan_of(row: WarmUp | None) -> Plan | None:
    """A row as the rules take it."""
    if row is None:
        return None
    return Plan(row.starts_on, row.growth_percent / 100, {lane: getattr(row, lane) for lane in LANES}, row.full)


def domain_of(broadcast: Broadcast) -> str:
    return broadcast.sender_email.rpartition("@")[2].lower()


def claim_paced(broadcast: Broadcast, claim: str, *, limit: int, now: datetime) -> tuple[Claimed, bool]:
    """Claim rows as the ledger does, no more than the limits leave; and whether a day's room was passed.

    What a lane has no room for waits: until its hold ends, or for the same hour of the next day.
    """
    pace = pace_of(broadcast, now)
    if pace.is_free:
        return ledger.claim_batch(broadcast.message, claim, limit=limit, now=now), False
    is_over = False
    with write_turn(), transaction.atomic():
        _hold_turn(broadcast)
        while room := min(limit, hour_room(broadcast, pace.per_hour, now) if pace.per_hour else limit):
            rows = ledger.claim_batch(broadcast.message, claim, limit=room, now=now)
            kept, waits, passed = _within(broadcast, pace, rows, now)
            is_over = is_over or passed
            for until in set(waits.values()):
                _put_back(claim, [pk for pk, wait in waits.items() if wait == until], until)
            if kept or not rows:
                return kept, is_over
    return [], is_over


def _hold_turn(broadcast: Broadcast) -> None:
    plan = WarmUp.objects.select_for_update().filter(domain=domain_of(broadcast)).first()
    if plan is None:
        Throttle.objects.select_for_update().filter(broadcast=broadcast).first()


def hour_room(broadcast: Broadcast, per_hour: int, now: datetime) -> int:
    """How many more of an email may go out now."""
    in_hour = in_slot = 0
    for part, moment, late in _went([broadcast.pk], now - HOUR):
        slot = Q(**{f"{moment}__gt": now - SLOT - late}) if moment else Q()
        counted = part.order_by().aggregate(all=Count("pk"), in_slot=Count("pk", filter=slot))
        in_hour, in_slot = in_hour + counted["all"], in_slot + counted["in_slot"]
    return room_of(per_hour, in_hour=in_hour, in_slot=in_slot)


def _went(emails: list[int], since: datetime) -> Iterator[tuple[Rows, str, timedelta]]:
    """What of these emails is in hand, or went out since a moment: parts that each have an index, whatever their size.

    With each part the column that says when, and how much earlier than the answer that may be.
    """
    # All that is in hand is little, and asked for by message too SQLite would rather read the whole message.
    in_hand = Delivery.objects.filter(state=State.CLAIMED, claim__gt="").order_by()
    told = in_hand.values_list("pk", "message_kind", "message_id")
    mine = [pk for pk, kind, email in told if kind == KIND and email in emails]
    yield Delivery.objects.filter(pk__in=among(mine)), "", timedelta()
    rows = Delivery.objects.filter(message_kind=KIND, message_id__in=emails)
    yield rows.filter(handed_at__gt=since), "handed_at", timedelta()
    # Of a mail whose answer was lost nobody knows when it was taken: at the latest when its claim ran out.
    for state in FAILED:
        yield rows.filter(state=state, handed_at=None, handing_since__gt=since - LOST), "handing_since", LOST


def _within(
    broadcast: Broadcast, pace: Pace, rows: Claimed, now: datetime
) -> tuple[Claimed, dict[int, datetime], bool]:
    if not (pace.plan or pace.holds) or not rows:
        return rows, {}, False
    lanes = lanes_of(contact for _pk, contact in rows)
    mine = Counter(lanes.get(contact or 0, "others") for _pk, contact in rows)
    room = _day_room(broadcast, pace.plan, mine, now)
    tomorrow = same_hour(broadcast, now, days=1)
    kept: Claimed = []
    waits: dict[int, datetime] = {}
    is_over = False
    for pk, contact in rows:
        lane = lanes.get(contact or 0, "others")
        if lane in pace.holds:
            waits[pk] = pace.holds[lane]
        elif lane in room and room[lane] <= 0:
            waits[pk], is_over = tomorrow, True
        else:
            kept.append((pk, contact))
            if lane in room:
                room[lane] -= 1
    return kept, waits, is_over


def _day_room(broadcast: Broadcast, plan: Plan | None, mine: Counter[str], now: datetime) -> dict[str, int]:
    """Room left today in each lane that has a limit; the rows just claimed are not counted as used."""
    if plan is None:
        return {}
    today = local_day(now)
    limits = {lane: most for lane in mine if (most := plan.limit(lane, today.date())) is not None}
    if not limits:
        return {}
    used = used_today(domain_of(broadcast), now)
    return {lane: most - (used[lane] - mine[lane]) for lane, most in limits.items()}


def used_today(domain: str, now: datetime) -> Counter[str]:
    """Mails from a domain by lane that went out today, or are in hand."""
    midnight = local_day(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return sum((by_lane(part) for part, *_ in _went(emails_of_domain(domain, now), midnight)), Counter())


def emails_of_domain(domain: str, now: datetime) -> list[int]:
    """The emails that may send from a domain these days: those filled lately, and a journey's until it is over."""
    since = now - COUNTED_EMAILS
    of_journey = Q(journey__isnull=False, filled_at__isnull=False) & (Q(ended_at=None) | Q(ended_at__gte=since))
    emails = Broadcast.objects.filter(sender_email__iendswith=f"@{domain}")
    return list(emails.filter(Q(filled_at__gte=since) | of_journey).values_list("pk", flat=True))


def rows_of_domain(domain: str, now: datetime) -> Rows:
    """Their rows."""
    return Delivery.objects.filter(message_kind=KIND, message_id__in=emails_of_domain(domain, now))


def by_lane(rows: Rows) -> Counter[str]:
    """How many rows go to each lane; the database counts them by domain."""
    found: Counter[str] = Counter()
    by_domain = rows.annotate(domain=domain_in("contact__email"))
    for name, number in by_domain.order_by().values_list("domain").annotate(Count("pk")):
        found[lane_of(provider_of(name or ""))] += number
    return found


def lanes_of(contacts: Iterable[int | None]) -> dict[int, str]:
    """The lane of each contact."""
    rows = Contact.objects.filter(pk__in=among(pk for pk in contacts if pk)).values_list("pk", "email")
    return {pk: lane_of(provider_of(email)) for pk, email in rows}


def _put_back(claim: str, deliveries: list[int], until: datetime) -> None:
    """Nothing of these went out: they wait, and the claim was no attempt."""
    held = Delivery.objects.filter(pk__in=among(deliveries), claim=claim, state=State.CLAIMED)
    ledger.put_back(held, until)


def local_day(now: datetime) -> datetime:
    """Now on the organisation's clock: days are counted there."""
    return now.astimezone(ZoneInfo(organisation().zone))


def same_hour(broadcast: Broadcast, now: datetime, *, days: int) -> datetime:
    """The hour at which the email began to go out, so many days from today."""
    zone = ZoneInfo(organisation().zone)
    began = (broadcast.send_at or broadcast.started_at or now).astimezone(zone)
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, began.time().replace(second=0, microsecond=0), zone).astimezone(now.tzinfo)


def wait_for_room(broadcast: Broadcast, now: datetime) -> float:
    """Seconds after which a throttled email is looked at again while it has no room; 0 where it has some."""
    pace = pace_of(broadcast, now)
    if not pace.per_hour or hour_room(broadcast, pace.per_hour, now):
        return 0.0
    # The last are due the longest, so the first look from the end finds one.
    due = broadcast.message.rows().filter(state__in=[State.QUEUED, State.CLAIMED]).order_by("-contact_id")
    return LOOK_AGAIN_SECONDS if due[:1].exists() else 0.0
