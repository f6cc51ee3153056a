"""The demo company's emails: a newsletter each month, two invitations, a draft; who got, read and left them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from baton.marketing.email import designs
from baton.marketing.email.mailing import Mailing
from baton.marketing.email.models import KIND, Broadcast, BroadcastLink
from baton.marketing.reading.actions import source_of
from baton.marketing.reading.models import MailHit
from baton.marketing.reading.relays import read_with
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
SCANNER = "BarracudaCentral link check"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
AGENTS = {  # out of a hundred readers, what they read with and what their clicks come from
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
     "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
     "Mobile/15E148 Safari/604.1"): 31,
    ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Microsoft Outlook 16.0; ms-office; MSOffice 16)",
     CHROME): 29,
    (CHROME, CHROME): 22,
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.5.0",
     "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"): 8,
    ("Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 "
     "Mobile Safari/537.36",
     "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
     "Safari/537.36"): 10,
}  # fmt: skip
RELAYS = {"Mozilla/5.0": ("machine", "relay:apple"),
          "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)":
          ("unknown", "relay:gmail")}  # fmt: skip
FATES = {"handed": 9_840, "dead": 60, "full": 40, "unknown": 3, "complained": 2}  # of ten thousand, about
OPENED, RELAYED, CLICKED, SCANNED, LEFT = 0.38, 0.3, 0.031, 0.012, 0.0022  # shares of what arrived


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


def read_mails(world: World, broadcast: Broadcast, ledger: list[Delivery]) -> None:
    """People read what an email's ledger says they got."""
    events = _Sent(world, broadcast, set(), ledger).events
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
    """One email gone out: its hits and timeline lines are written, and its ledger where there is none yet; `events` is
    what the event store is told.
    """

    def __init__(
        self, world: World, broadcast: Broadcast, gone: set[int], ledger: list[Delivery] | None = None
    ) -> None:
        self.world, self.broadcast, self.gone = world, broadcast, gone
        self.links: list[BroadcastLink] = Mailing(broadcast).link_rows()
        measured = Consent.objects.filter(topic__key="tracking", state=Consent.State.GIVEN)
        self.measured = set(measured.values_list("contact_id", flat=True))
        deliveries = ledger or Delivery.objects.bulk_create(self._ledger(), batch_size=1_000)
        arrived = [one for one in deliveries if one.state in (State.HANDED, State.COMPLAINED)]
        self.hits = [hit for one in arrived for hit in self._hits(one)]
        MailHit.objects.bulk_create(self.hits, batch_size=1_000)
        Delivery.objects.bulk_update(
            {hit.delivery_id: hit.delivery for hit in self.hits}.values(), ["opened_at", "clicked_at"], batch_size=300
        )
        TimelineEntry.objects.bulk_create(map(self._line, arrived), batch_size=1_000)
        for one in arrived:
            if ledger is None and world.chance.random() < LEFT:
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
        one.handing_since = one.handed_at
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
        """A scanner follows every link at once; people open in the hours after, and some of them click."""
        chance = self.world.chance
        if chance.random() < SCANNED:
            for step, link in enumerate([*self.links, None]):
                reason = "mail" if link else "trap"
                yield self._hit(one, one.handed_at + timedelta(seconds=6 + step), link, SCANNER, "machine", reason)
        at = self.world.later(one.handed_at + timedelta(minutes=1), 0.4)
        mail_agent, browser = self.world.one_of(AGENTS)
        if one.contact_id in self.measured and chance.random() < OPENED:
            if chance.random() < RELAYED:
                agent = self.world.pick(list(RELAYS))
                yield self._hit(one, at, None, agent, *RELAYS[agent])
            else:
                one.opened_at = at
                yield self._hit(one, at, None, mail_agent)
        if chance.random() < CLICKED:
            one.clicked_at = at + timedelta(seconds=40)
            yield self._hit(one, one.clicked_at, self.world.pick(self.links), browser)

    def _hit(
        self,
        one: Delivery,
        at: datetime,
        link: BroadcastLink | None,
        agent: str,
        label: str = "human",
        reason: str = "",
    ) -> MailHit:
        program, device = read_with(agent)
        kind = "click" if link else "trap" if reason == "trap" else "open"
        return MailHit(
            delivery=one, broadcast=self.broadcast, kind=kind, link=link, at=at, label=label, reason=reason,
            agent=agent, program=program, device=device, settled_at=at, told_as=label,
            source=source_of("203.0.113.7" if label == "machine" else "198.51.100.7", one.pk),
        )  # fmt: skip

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
        if hit.kind == "trap":
            return
        contact, code = hit.delivery.contact_id, self.broadcast.campaign.code
        name = "email_clicked" if hit.link else "email_opened"
        yield event(
            self.world, hit.at, name, "", host="", site="", path="", contact=contact,
            machine=hit.reason if hit.label == "machine" else "",
            source="email", medium="email", campaign=code,
            props=f'{{"email":{self.broadcast.pk}}}',
        )  # fmt: skip
        if hit.link and hit.label == "human":
            yield from visit(self.world, f"c{contact}", hit.at, "email", code, contact=contact)
