"""The verbs of reading: keep a hit; settle hits: judge them again, write down who read what, tell the event store."""

from __future__ import annotations

import functools
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from baton.marketing.email.models import Broadcast, BroadcastLink
from baton.marketing.reading import relays
from baton.marketing.reading.models import MailHit
from baton.marketing.reading.rules import CLICK, HUMAN, MACHINE, OPEN, TRAP, Hit, Verdict, judge
from baton.marketing.segments.touched import touch
from baton.people.deliveries.actions import resolve_unknown
from baton.people.deliveries.models import Delivery
from baton.platform import environment, jobs
from baton.platform.db import among, write_turn
from baton.platform.jobs.models import Job
from baton.tracking.store import record_event

SETTLING = timedelta(seconds=60)  # docs/decisions/0007-reading.md
BATCH = 500
MOST_HITS = 500  # of one delivery; who asks more often is let through and not written down
Key = TypeVar("Key")
Value = TypeVar("Value")
_EVENTS = {CLICK: "email_clicked", OPEN: "email_opened"}
_MOMENTS = {CLICK: "clicked_at", OPEN: "opened_at"}


@dataclass(frozen=True)
class Asked:
    """A request as it came in. `address` is not kept."""

    method: str
    agent: str
    purpose: str
    address: str


def keep_hit(
    delivery: Delivery, broadcast: Broadcast, kind: str, link: BroadcastLink | None, asked: Asked, *, now: datetime
) -> str:
    """Write a request down; gives its label by what is known so far (human, machine or unknown).

    An open or a click also proves that a delivery arrived of which nobody knew.
    """
    program, device = relays.read_with(asked.agent[:250])
    hit = MailHit(
        delivery=delivery, broadcast=broadcast, kind=kind, link=link, at=now,
        method=asked.method[:8], agent=asked.agent[:250], purpose=asked.purpose[:80],
        source=source_of(asked.address, delivery.pk), network=relays.network_of(asked.address),
        program=program[:30], device=device,
    )  # fmt: skip
    earlier = list(MailHit.objects.filter(delivery=delivery).order_by("pk")[:MOST_HITS])
    verdicts = judge(
        [_seen(one) for one in [*earlier, hit]],
        accepted_at=_accepted(delivery.handed_at, delivery.handing_since),
        links=broadcast.links.count(),
    )
    hit.label, hit.reason = verdicts[-1].label, verdicts[-1].reason
    with transaction.atomic():
        if len(earlier) < MOST_HITS:
            hit.save()
        if delivery.state == Delivery.State.UNKNOWN:
            resolve_unknown(delivery, now=delivery.handing_since or now)
    return hit.label


def settle_hits(job: Job) -> None:
    """Job, twice a minute: settle what has waited long enough, a batch of deliveries at a time."""
    while due := _due(timezone.now()):
        settle(due, now=timezone.now())
        jobs.heartbeat(job)


def _due(now: datetime) -> set[int]:
    waiting = MailHit.objects.filter(settled_at=None, at__lte=now - SETTLING).order_by("at")
    return set(waiting.values_list("delivery_id", flat=True)[:BATCH])


def settle(deliveries: Iterable[int], *, now: datetime) -> None:
    """Judge all hits of these deliveries again, write down what persons opened and clicked, and tell of what is due.

    Told before it is marked as told: killed in between, it is told again under the same id, which changes nothing.
    What was told as a person's and is found a machine's later stays told; everything else follows.
    """
    work = _Work.of(deliveries, now)
    with write_turn(), transaction.atomic():
        work.write_labels()
        work.write_moments()
    due = [hit for hit in work.hits if hit.settled_at is None and hit.at <= now - SETTLING]
    _tell(due, {row.pk: row.contact_id for row in work.deliveries.values()})
    with write_turn(), transaction.atomic():
        for label, hits in _grouped((hit.label, hit.pk) for hit in due).items():
            MailHit.objects.filter(pk__in=among(hits)).update(settled_at=now, told_as=label)
        touch(sorted({row.contact_id for row in work.deliveries.values() if row.contact_id}), "message")


@dataclass
class _Work:
    """Deliveries with their hits, and the hits whose verdict is another one now."""

    now: datetime
    deliveries: Mapping[int, Delivery]
    hits: list[MailHit]
    changed: list[MailHit] = field(default_factory=list)

    @classmethod
    def of(cls, deliveries: Iterable[int], now: datetime) -> _Work:
        chosen = among(deliveries)
        rows = Delivery.objects.filter(pk__in=chosen).in_bulk()
        hits = list(MailHit.objects.filter(delivery__in=chosen).select_related("broadcast__campaign", "link"))
        work = cls(now, rows, hits)
        work._judge()
        return work

    def _judge(self) -> None:
        links = _links_of({hit.broadcast_id for hit in self.hits})
        for pk, hits in _grouped((hit.delivery_id, hit) for hit in self.hits).items():
            row = self.deliveries[pk]
            accepted_at = _accepted(row.handed_at, row.handing_since)
            verdicts = judge(
                [_seen(hit) for hit in hits], accepted_at=accepted_at, links=links.get(hits[0].broadcast_id, 0)
            )
            for hit, verdict in zip(hits, verdicts, strict=True):
                if (hit.label, hit.reason) != (verdict.label, verdict.reason[:60]):
                    hit.label, hit.reason = verdict.label, verdict.reason[:60]
                    self.changed.append(hit)

    def write_labels(self) -> None:
        for verdict, pks in _grouped((Verdict(hit.label, hit.reason), hit.pk) for hit in self.changed).items():
            MailHit.objects.filter(pk__in=among(pks)).update(label=verdict.label, reason=verdict.reason)

    def write_moments(self) -> None:
        """The first open and click of a person on each delivery."""
        first: dict[tuple[int, str], datetime] = {}
        for hit in self.hits:
            if hit.label == HUMAN and hit.kind != TRAP and hit.at <= self.now - SETTLING:
                place = (hit.delivery_id, _MOMENTS[hit.kind])
                first[place] = min(hit.at, first.get(place, hit.at))
        moved = []
        for pk, row in self.deliveries.items():
            found = {name: first.get((pk, name)) for name in _MOMENTS.values()}
            if any(getattr(row, name) != at for name, at in found.items()):
                row.opened_at, row.clicked_at = found["opened_at"], found["clicked_at"]
                moved.append(row)
        Delivery.objects.bulk_update(moved, ["opened_at", "clicked_at"], batch_size=200)


def _accepted(handed_at: datetime | None, handing_since: datetime | None) -> datetime | None:
    """When the receiving server took the mail: at the earliest when its batch began, where the answer was lost."""
    return handed_at or handing_since


def _seen(hit: MailHit) -> Hit:
    return Hit(
        at=hit.at, kind=hit.kind, link=hit.link_id, method=hit.method, purpose=hit.purpose, agent=hit.agent,
        source=hit.source, known=relays.known(hit.kind, hit.agent, hit.network),
    )  # fmt: skip


def _links_of(broadcasts: set[int]) -> dict[int, int]:
    links = BroadcastLink.objects.filter(broadcast__in=broadcasts).order_by().values_list("broadcast")
    return dict(links.annotate(n=Count("pk")))


def _tell(hits: Iterable[MailHit], contacts: Mapping[int, int | None]) -> None:
    for hit in hits:
        contact = contacts[hit.delivery_id]
        if hit.kind == TRAP or contact is None:
            continue
        record_event(
            _EVENTS[hit.kind],
            contact=contact,
            at=hit.at,
            id=f"mailhit:{hit.pk}",
            props={
                "email": hit.broadcast_id,
                "name": hit.broadcast.name,
                **({"url": hit.link.url} if hit.link else {}),
                **({"program": hit.program} if hit.program else {}),
            },
            source="email",
            medium="email",
            device=hit.device,
            campaign=hit.broadcast.campaign.code if hit.broadcast.campaign else "",
            machine=hit.reason if hit.label == MACHINE else "",
        )


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    groups: dict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def source_of(address: str, delivery: int) -> str:
    """The keyed hash of an address's network and a delivery; "" for what is no address. See MailHit."""
    network = relays.prefix_of(address)
    if not network:
        return ""
    return hashlib.blake2b(f"{network}|{delivery}".encode(), key=_key(), digest_size=8).hexdigest()


@functools.cache
def _key() -> bytes:
    """A key for this alone, derived from the secret of mail in BATON_HOME/keys."""
    return hashlib.sha256(f"hits:{environment.kept_secret(settings.BATON_HOME, 'mail')}".encode()).digest()
