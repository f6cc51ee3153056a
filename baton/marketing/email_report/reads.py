"""What the report shows. Everything is counted by the database, by one message, whatever the number of copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncHour
from django.utils import timezone

from baton.marketing.deliverability.models import ProviderCount
from baton.marketing.email.models import KIND, Broadcast
from baton.marketing.reading.rules import CLICK, HUMAN, MACHINE, OPEN, UNKNOWN
from baton.marketing.reading.words import reason_words
from baton.people.deliveries.models import Delivery
from baton.people.deliveries.reads import UNFINISHED
from baton.people.returns.providers import domain_in, label_of, provider_of

State = Delivery.State
TOOK = [State.HANDED, State.DELIVERED, State.COMPLAINED]  # the server took it and did not send it back
SHOWN_HOURS = 48
EARLIER = 10
REFUSALS = ("dead_address", "mailbox", "message_refused", "sender_refused")


@dataclass(frozen=True)
class Ledger:
    """What became of each copy: numbers by state, and by state and reason, the most first; what people did with theirs.

    `opened` and `clicked` are persons, machines left out.
    """

    states: dict[str, int]
    reasons: dict[str, list[tuple[str, int]]]
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def done(self) -> int:
        return self.total - sum(self.states[state] for state in UNFINISHED)

    @property
    def delivered(self) -> int:
        return sum(self.states[state] for state in TOOK)

    @property
    def tried(self) -> int:
        """All that went out and was answered."""
        return self.delivered + self.states[State.BOUNCED]

    @property
    def complained(self) -> int:
        return self.states[State.COMPLAINED]

    def share(self, name: str) -> float | None:
        """Of those delivered; delivered itself of those tried. None where there is nothing to share."""
        whole = self.tried if name == "delivered" else self.delivered
        return getattr(self, name) / whole if whole else None


def ledger(broadcast: Broadcast) -> Ledger:
    """The ledger of one email, counted in one pass."""
    rows = broadcast.message.rows().order_by().values_list("state", "reason")
    counted = rows.annotate(Count("pk"), Count("opened_at"), Count("clicked_at"), Count("unsubscribed_at"))
    states = {state.value: 0 for state in State}
    reasons: dict[str, list[tuple[str, int]]] = defaultdict(list)
    acts = [0, 0, 0]
    for state, reason, number, *did in counted:
        states[state] += number
        reasons[state].append((reason, number))
        acts = [sum(pair) for pair in zip(acts, did, strict=True)]
    ordered = {state: sorted(found, key=lambda row: -row[1]) for state, found in reasons.items()}
    return Ledger(states, ordered, *acts)


@dataclass(frozen=True)
class Usual:
    """The middle share of the sender's earlier emails, each of what was delivered; None without any."""

    emails: int = 0
    clicked: float | None = None
    unsubscribed: float | None = None


def usual(broadcast: Broadcast) -> Usual:
    """The last ten emails that the same sender's address sent before this one."""
    earlier = Broadcast.objects.live().filter(sender_email=broadcast.sender_email, state=Broadcast.State.SENT)
    earlier = earlier.filter(started_at__lt=broadcast.started_at or timezone.now()).exclude(pk=broadcast.pk)
    ids = list(earlier.order_by("-started_at", "-pk").values_list("pk", flat=True)[:EARLIER])
    counted = [row for row in _counted(ids) if row["sent"]]
    if not counted:
        return Usual()
    shares = {name: median(row[name] / row["sent"] for row in counted) for name in ("clicked", "unsubscribed")}
    return Usual(len(counted), **shares)


def _counted(ids: list[int]) -> list[dict[str, int]]:
    """Sent, clicked and unsubscribed of each: from the daily count; those it does not have, from the ledger."""
    kept = ProviderCount.objects.filter(message_kind=KIND, message_id__in=ids).order_by().values("message_id")
    rows: list[Any] = list(kept.annotate(n_sent=Sum("sent"), n_clicked=Sum("clicked"), n_left=Sum("unsubscribed")))
    missing = set(ids) - {row["message_id"] for row in rows}
    if missing:
        there = Delivery.objects.filter(message_kind=KIND, message_id__in=missing).order_by().values("message_id")
        rows += there.annotate(
            n_sent=Count("handed_at"), n_clicked=Count("clicked_at"), n_left=Count("unsubscribed_at")
        )
    return [{"sent": row["n_sent"], "clicked": row["n_clicked"], "unsubscribed": row["n_left"]} for row in rows]


@dataclass
class Hits:
    """Requests by others than persons: how many by kind, and `reasons`, the most first."""

    machine: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    unknown: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    reasons: list[ReasonRow] = field(default_factory=list)


@dataclass(frozen=True)
class ReasonRow:
    """Why requests are not held for a person's: how many, and with how many people's copies."""

    label: str
    reason: str
    requests: int
    people: int

    @property
    def words(self) -> str:
        return reason_words(self.reason)


def hits(broadcast: Broadcast) -> Hits:
    """Requests that are not a person's, by kind and by reason."""
    found, others = Hits(), broadcast.hits.exclude(label=HUMAN).order_by()
    for kind, label, requests in others.values_list("kind", "label").annotate(Count("pk")):
        (found.machine if label == MACHINE else found.unknown)[kind] += requests
    counts = others.values_list("label", "reason").annotate(Count("pk"), Count("delivery", distinct=True))
    found.reasons = sorted((ReasonRow(*row) for row in counts), key=lambda row: (row.label == UNKNOWN, -row.requests))
    return found


@dataclass(frozen=True)
class LinkRow:
    """One address of the mail: `number` is what stands beside it on the map; `share` of those who clicked anything."""

    pk: int
    number: int
    url: str
    people: int = 0
    share: float | None = None
    machine: int = 0


def links(broadcast: Broadcast, clicked: int) -> list[LinkRow]:
    """The mail's addresses in their order, with how many people followed each and how many requests were machines'."""
    people: dict[int, int] = {}
    machine: dict[int, int] = {}
    rows = broadcast.hits.filter(kind=CLICK).order_by().values_list("link", "label")
    for link, label, requests, copies in rows.annotate(Count("pk"), Count("delivery", distinct=True)):
        if label == HUMAN:
            people[link] = copies
        elif label == MACHINE:
            machine[link] = requests
    return [
        LinkRow(
            link.pk, number, link.url, people.get(link.pk, 0),
            min(1.0, people.get(link.pk, 0) / clicked) if clicked else None, machine.get(link.pk, 0),
        )
        for number, link in enumerate(broadcast.links.order_by("position", "pk"), 1)
    ]  # fmt: skip


@dataclass(frozen=True)
class HourRow:
    """An hour of the reader's clock: people who opened and who clicked, and requests by machines."""

    hour: datetime
    opened: int = 0
    clicked: int = 0
    machine: int = 0

    @property
    def query(self) -> str:
        """The words of an address that narrow a list to it."""
        return urlencode({"hour": self.hour.isoformat()})


def hours(broadcast: Broadcast, now: datetime) -> list[HourRow]:
    """The first two days, hour by hour, of a journey's email the last two; empty while nothing was asked for."""
    begins = broadcast.started_at
    if begins is None:
        return []
    if broadcast.is_of_journey:
        begins = max(begins, now - timedelta(hours=SHOWN_HOURS - 1))
    since = timezone.localtime(begins).replace(minute=0, second=0, microsecond=0)
    until = min(since + timedelta(hours=SHOWN_HOURS), now)
    found: dict[datetime, dict[str, int]] = defaultdict(dict)
    early = broadcast.hits.filter(at__gte=since, at__lt=until).exclude(label=UNKNOWN).annotate(hour=TruncHour("at"))
    rows: Any = early.order_by().values_list("hour", "kind", "label")
    for hour, kind, label, requests, copies in rows.annotate(Count("pk"), Count("delivery", distinct=True)):
        there = found[hour]
        if label == HUMAN:
            there[{OPEN: "opened", CLICK: "clicked"}[kind]] = copies
        else:
            there["machine"] = there.get("machine", 0) + requests
    if not found:
        return []
    count = int((until - since).total_seconds() // 3600) + 1
    return [HourRow(at, **found.get(at, {})) for at in _clock(since, min(count, SHOWN_HOURS))]


def _clock(since: datetime, count: int) -> list[datetime]:
    """Hours one after the other on a clock that may be put forward or back on the way."""
    zone = timezone.get_current_timezone()
    return [(since.astimezone(UTC) + timedelta(hours=step)).astimezone(zone) for step in range(count)]


@dataclass(frozen=True)
class ProgramRow:
    """What people read with: how many read or clicked with it, and requests in its name that were not a person's."""

    program: str
    device: str
    people: int
    others: int


def programs(broadcast: Broadcast) -> list[ProgramRow]:
    """Mail programs and browsers by device, the most people first; those with neither people nor name are left out."""
    people: dict[tuple[str, str], int] = defaultdict(int)
    others: dict[tuple[str, str], int] = defaultdict(int)
    rows = broadcast.hits.order_by().values_list("program", "device", "label")
    for program, device, label, requests, copies in rows.annotate(Count("pk"), Count("delivery", distinct=True)):
        if label == HUMAN:
            people[program, device] = copies
        else:
            others[program, device] += requests
    found = [ProgramRow(*key, people[key], others[key]) for key in {*people, *others} if people[key] or key[0]]
    return sorted(found, key=lambda row: (-row.people, -row.others, row.program, row.device))


@dataclass
class ProviderRow:
    """How the email fared with one receiving provider. Sent and refused are as of the last count."""

    key: str
    sent: int = 0
    refused: int = 0
    complained: int = 0
    clicked: int = 0
    unsubscribed: int = 0

    @property
    def name(self) -> str:
        return str(label_of(self.key))


def providers(broadcast: Broadcast) -> tuple[list[ProviderRow], datetime | None]:
    """Receiving providers, the most mailed first, and when the ledger was last counted by them.

    An email from before there was such a count is read from its ledger; then no time is given.
    """
    found, counted_at = _counted_providers(broadcast)
    for domain, sent, refused, complained in () if counted_at else _arrived_by_domain(broadcast):
        one = _row_of(found, domain)
        one.sent, one.refused, one.complained = one.sent + sent, one.refused + refused, one.complained + complained
    for domain, clicked, left in _acts_by_domain(broadcast):
        one = _row_of(found, domain)
        one.clicked, one.unsubscribed = one.clicked + clicked, one.unsubscribed + left
    return sorted(found.values(), key=lambda row: (-row.sent, row.key)), counted_at


def _counted_providers(broadcast: Broadcast) -> tuple[dict[str, ProviderRow], datetime | None]:
    found: dict[str, ProviderRow] = {}
    counted_at = None
    for row in ProviderCount.objects.filter(message_kind=KIND, message_id=broadcast.pk):
        counted_at = max(counted_at or row.counted_at, row.counted_at)
        one = found.setdefault(row.provider, ProviderRow(row.provider))
        one.sent, one.complained = one.sent + row.sent, one.complained + row.complained
        one.refused += sum(getattr(row, name) for name in REFUSALS)
    return found, counted_at


def _row_of(found: dict[str, ProviderRow], domain: str | None) -> ProviderRow:
    key = provider_of(domain or "")
    return found.setdefault(key, ProviderRow(key))


def _by_domain(rows: Any) -> Any:
    return rows.annotate(domain=domain_in("contact__email")).order_by().values_list("domain")


def _arrived_by_domain(broadcast: Broadcast) -> Iterable[tuple[str | None, int, int, int]]:
    rows = broadcast.message.rows().exclude(state__in=[State.QUEUED, State.CLAIMED, State.SKIPPED])
    refused, complained = Count("pk", Q(state=State.BOUNCED)), Count("pk", Q(state=State.COMPLAINED))
    return _by_domain(rows).annotate(Count("handed_at"), refused=refused, complained=complained)


def _acts_by_domain(broadcast: Broadcast) -> Iterable[tuple[str | None, int, int]]:
    did = Q(clicked_at__isnull=False) | Q(unsubscribed_at__isnull=False)
    return _by_domain(broadcast.message.rows().filter(did)).annotate(Count("clicked_at"), Count("unsubscribed_at"))
