"""The demo company's emails: a newsletter each month, two invitations, a draft; who got, read and left them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from baton.marketing.email import designs
from baton.marketing.email.mailing import Mailing
from baton.marketing.email.models import KIND, Broadcast, BroadcastLink, MailHit
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.deliveries.models import Delivery
from baton.people.returns.answers import DEAD, TEMPORARY
from baton.people.timeline.models import TimelineEntry
from baton.tracking.store import Event
from baton.web.demo import words
from baton.web.demo.events import event, show, store, visit
from baton.web.demo.people import DOMAIN
from baton.web.demo.world import World

State = Delivery.State
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SCANNER = "BarracudaCentral link check"
FATES = {"handed": 9_840, "dead": 60, "full": 40, "unknown": 3, "complained": 2}  # of ten thousand, about
OPENED, CLICKED, SCANNED, LEFT = 0.38, 0.031, 0.012, 0.0022  # shares of what arrived


def make_emails(world: World) -> None:
    """Write and send each, the oldest first, so that who left is not written to again; then a draft for next month."""
    events: list[Event] = []
    gone: set[int] = set()
    with transaction.atomic():
        for number, subject in enumerate(words.NEWSLETTERS):
            months_ago = len(words.NEWSLETTERS) - number
            broadcast = _newsletter(world, number, subject, world.morning(months_ago * 30 - 26))
            events += _Sent(world, broadcast, gone).events
        for days_ago, code, subject, fields in words.INVITATIONS:
            broadcast = _written(world, code, subject, "announcement", fields, world.morning(days_ago))
            events += _Sent(world, broadcast, gone).events
        _newsletter(world, len(words.NEWSLETTERS), words.NEXT_NEWSLETTER, None)
    store(events)
    show(events)


def _newsletter(world: World, number: int, subject: str, sent_at: datetime | None) -> Broadcast:
    pieces = [words.PIECES[(number + place) % len(words.PIECES)] for place in (0, 2, 5)]
    fields = {"headline": subject}
    for place, (title, text, path) in enumerate(pieces, 1):
        fields |= {f"title{place}": title, f"text{place}": text, f"link{place}": f"https://{DOMAIN}{path}"}
    return _written(world, "newsletter", subject, "newsletter", fields, sent_at)


def _written(
    world: World, code: str, subject: str, design: str, fields: dict[str, str], sent_at: datetime | None
) -> Broadcast:
    written_at = (sent_at or world.now) - timedelta(days=2)
    broadcast = Broadcast.objects.create(
        name=subject,
        subject=f'{{{{ contact.first_name | default: "Hello" }}}}: {subject[0].lower()}{subject[1:]}',
        campaign=world.campaigns[code],
        design=design,
        fields=designs.first_fields(design) | fields,
        sender_name="Tessera Sensors",
        sender_email=f"news@{DOMAIN}",
        topic=ConsentTopic.objects.get(key="newsletter"),
        owner=world.pick(world.users["marketer"]),
        created_at=written_at,
        changed_at=written_at,
        **({"state": Broadcast.State.SENT, "send_at": sent_at, "started_at": sent_at, "filled_at": sent_at,
            "ended_at": sent_at + timedelta(minutes=3)} if sent_at else {}),
    )  # fmt: skip
    world.emails.append(broadcast)
    return broadcast


class _Sent:
    """One email gone out: its ledger, hits and timeline lines are written; `events` is what the event store is told."""

    def __init__(self, world: World, broadcast: Broadcast, gone: set[int]) -> None:
        self.world, self.broadcast, self.gone = world, broadcast, gone
        self.links: list[BroadcastLink] = Mailing(broadcast).link_rows()
        measured = Consent.objects.filter(topic__key="tracking", state=Consent.State.GIVEN)
        self.measured = set(measured.values_list("contact_id", flat=True))
        deliveries = Delivery.objects.bulk_create(self._ledger(), batch_size=1_000)
        arrived = [one for one in deliveries if one.state in (State.HANDED, State.COMPLAINED)]
        self.hits = [hit for one in arrived for hit in self._hits(one)]
        MailHit.objects.bulk_create(self.hits, batch_size=1_000)
        Delivery.objects.bulk_update(
            {hit.delivery_id: hit.delivery for hit in self.hits}.values(), ["opened_at", "clicked_at"], batch_size=300
        )
        TimelineEntry.objects.bulk_create(map(self._line, arrived), batch_size=1_000)
        for one in arrived:
            if world.chance.random() < LEFT:
                self._leave(one)
        self.events = [told for hit in self.hits for told in self._events(hit)]

    def _ledger(self) -> Iterator[Delivery]:
        """A row for everyone who had agreed by then and has not left since; most arrive."""
        broadcast = self.broadcast
        readers = Consent.objects.filter(topic=broadcast.topic, state=Consent.State.GIVEN, since__lte=broadcast.send_at)
        if broadcast.campaign.code == "partner-at":
            readers = readers.filter(contact__country="AT")
        for pk in readers.order_by("contact_id").values_list("contact_id", flat=True):
            if pk in self.gone:
                continue
            one = Delivery(message_kind=KIND, message_id=broadcast.pk, contact_id=pk, attempts=1)
            self._decide(one, self.world.one_of(FATES))
            yield one

    def _decide(self, one: Delivery, fate: str) -> None:
        one.handed_at = self.broadcast.send_at + timedelta(seconds=self.world.chance.randrange(180))
        if fate in ("handed", "complained"):
            one.state = fate
        elif fate == "unknown":
            one.state, one.reason, one.handed_at = State.UNKNOWN, "connection_lost", None
        else:
            one.state, one.handed_at = State.BOUNCED, None
            one.reason, one.answer = (
                (DEAD, "550 5.1.1 User unknown") if fate == "dead" else (TEMPORARY, "452 4.2.2 Mailbox full")
            )
        if fate in ("dead", "complained"):
            self.gone.add(one.contact_id)

    def _hits(self, one: Delivery) -> Iterator[MailHit]:
        """A scanner looks at once; people open in the hours after, and some of them click."""
        chance = self.world.chance
        if chance.random() < SCANNED:
            yield self._hit(one, one.handed_at + timedelta(seconds=1), self.links[0], machine=True)
        at = self.world.later(one.handed_at + timedelta(minutes=1), 0.4)
        if one.contact_id in self.measured and chance.random() < OPENED:
            one.opened_at = at
            yield self._hit(one, at, None)
        if chance.random() < CLICKED:
            one.clicked_at = at + timedelta(seconds=40)
            yield self._hit(one, one.clicked_at, self.world.pick(self.links))

    def _hit(self, one: Delivery, at: datetime, link: BroadcastLink | None, *, machine: bool = False) -> MailHit:
        label, reason, agent = ("machine", "scanner", SCANNER) if machine else ("human", "", BROWSER)
        return MailHit(
            delivery=one, broadcast=self.broadcast, link=link, at=at, label=label, reason=reason, agent=agent
        )

    def _line(self, one: Delivery) -> TimelineEntry:
        return TimelineEntry(
            key=f"delivery:{one.pk}",
            at=one.handed_at,
            side="marketing",
            kind="email",
            title=f"Was sent: {self.broadcast.name}"[:300],
            contact_id=one.contact_id,
            url=self.broadcast.get_absolute_url(),
        )

    def _leave(self, one: Delivery) -> None:
        at = self.world.later(one.handed_at, 0.5)
        Delivery.objects.filter(pk=one.pk).update(unsubscribed_at=at)
        held = {"contact_id": one.contact_id, "topic": self.broadcast.topic}
        Consent.objects.filter(**held).update(state=Consent.State.WITHDRAWN, since=at)
        ConsentEvidence.objects.create(**held, state=Consent.State.WITHDRAWN, at=at, how="one click in a mail")
        self.gone.add(one.contact_id)

    def _events(self, hit: MailHit) -> Iterator[Event]:
        """What the mail side tells of a hit, and the visit a person's click leads to."""
        contact, code = hit.delivery.contact_id, self.broadcast.campaign.code
        name = "email_clicked" if hit.link else "email_opened"
        yield event(
            self.world, hit.at, name, "", host="", site="", path="", contact=contact, machine=hit.reason,
            source="email", medium="email", campaign=code,
            props=f'{{"email":{self.broadcast.pk}}}',
        )  # fmt: skip
        if hit.link and hit.label == "human":
            yield from visit(self.world, f"c{contact}", hit.at, "email", code, contact=contact)
