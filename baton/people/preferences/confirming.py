"""Double opt-in: ask the mailbox itself, by one mail with one link to one button; take the answer; let go in time.

A stranger may type anyone's address, so one address gets one such mail in 24 hours at most and one network causes only
so many (preferences/rules.py); what is over waits. What waits for confirmation never passes the gate. The mail is
written, and sent as transactional mail, by marketing/forms/confirmation.py.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from baton.people.consent.actions import Evidence, await_consent, give_consent, let_go
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.contacts.reads import behind
from baton.people.deliveries.models import Suppression
from baton.people.deliveries.tokens import CONFIRM, address_hash, make_token
from baton.people.preferences.models import Confirmation
from baton.people.preferences.rules import APART, NETWORK_SPAN, mail_from
from baton.platform import jobs
from baton.platform.db import write_turn
from baton.platform.jobs.models import Job
from baton.platform.visitor import Visitor

State = Consent.State
LET_GO_AT_ONCE = 5_000

DEFAULT_SUBJECT = gettext_lazy("Please confirm: {topic}")
DEFAULT_TEXT = gettext_lazy(
    "Hello,\n\nsomeone, we hope you, asked {organisation} to write to this address about: {topic}.\n\nIf it was you, "
    "open this page and press the button:\n\n{link}\n\nIf it was not you, do nothing: no more comes, and the request "
    "is forgotten."
)


@dataclass(frozen=True)
class Mailed:
    """The mail that asked, as evidence keeps it, and what is said, or gone on to, once its button is pressed."""

    message_id: str
    worded_by: str  # whose words, in which version: "template guide v3", "topic news v2"
    subject: str
    text: str
    thanks: str = ""
    goes_to: str = ""


def give_or_ask(
    contact: Contact, topic: ConsentTopic, *, evidence: Evidence, now: datetime, asks: bool | None = None
) -> Consent:
    """Take a yes that came without proof of the mailbox: given, or awaited where it is to be confirmed.

    `asks` decides that; where it is None the topic does. Who has agreed already stays so, on the basis there is; the
    repeat is kept as evidence.
    """
    if not (topic.needs_confirmation if asks is None else asks):
        return give_consent(contact, topic, evidence=evidence, now=now)
    stands = Consent.objects.filter(contact=contact, topic=topic, channel="email").in_force(now).first()
    if stands is None:
        return _ask(contact, topic, evidence, now)
    same = replace(evidence, basis=stands.basis)
    return give_consent(contact, topic, evidence=same, now=now, expires_at=stands.expires_at)


@transaction.atomic
def _ask(contact: Contact, topic: ConsentTopic, evidence: Evidence, now: datetime) -> Consent:
    Contact.objects.select_for_update().get(pk=contact.pk)
    asked = await_consent(contact, topic, evidence=evidence, now=now)
    mailbox = address_hash(contact.email)
    recent = Q(mailed_at=None) | Q(mailed_at__gt=now - APART)
    if not _open(contact, topic, now).filter(recent, address_hash=mailbox).exists():
        one = Confirmation.objects.create(
            contact=contact,
            topic=topic,
            asked=asked,
            address_hash=mailbox,
            ip=evidence.ip,
            asked_at=now,
            expires_at=now + timedelta(days=topic.confirm_days),
        )
        key = f"confirmation:{one.pk}"
        jobs.enqueue("consent.mail_confirmation", key=key, is_urgent=True, confirmation_id=one.pk)
    return Consent.objects.get(contact=contact, topic=topic, channel="email")


def _open(contact: Contact, topic: ConsentTopic, now: datetime) -> QuerySet[Confirmation]:
    return Confirmation.objects.filter(contact=contact, topic=topic, confirmed_at=None, expires_at__gt=now)


def next_to_mail(confirmation_id: int, now: datetime) -> Confirmation | None:
    """The confirmation whose mail may go out now, its contact locked; None where none shall (any more).

    Called in the transaction that accepts the mail. Raises TryAgain until another mail may go to the address.
    """
    one = Confirmation.objects.filter(pk=confirmation_id).select_related("contact", "topic", "asked").first()
    if one is None or one.mailed_at or standing(one, now) != Standing.WAITS or _is_listed(one):
        return None
    Contact.objects.select_for_update().get(pk=one.contact_id)
    at = _mail_from(one, now)
    if at > now:
        raise jobs.TryAgain((at - now).total_seconds())
    return one


def note_mailed(one: Confirmation, mailed: Mailed, *, now: datetime) -> None:
    """Keep which mail asks, in the transaction that accepts it."""
    Confirmation.objects.filter(pk=one.pk).update(mailed_at=now, **asdict(mailed))


def _is_listed(one: Confirmation) -> bool:
    """Dead addresses, and people who complained or objected, are not even asked."""
    return Suppression.objects.filter(address_hash=one.address_hash).exists()


def _mail_from(one: Confirmation, now: datetime) -> datetime:
    others = Confirmation.objects.exclude(pk=one.pk).exclude(mailed_at=None)
    to_address = others.filter(address_hash=one.address_hash, mailed_at__gt=now - APART).order_by("-mailed_at").first()
    of_network: list[datetime] = []
    if one.ip:
        sent = others.filter(ip=one.ip, mailed_at__gt=now - NETWORK_SPAN).order_by("mailed_at")
        of_network = [at for at in sent.values_list("mailed_at", flat=True) if at]
    return mail_from(now, to_address.mailed_at if to_address else None, of_network)


def confirm_address(one: Confirmation) -> str:
    """Where the link of its mail leads."""
    return settings.BATON_URL + reverse("confirm_consent", kwargs={"token": make_token(CONFIRM, one.pk)})


class Standing(StrEnum):
    """What a confirmation's link leads to now."""

    WAITS = "waits"
    GIVEN = "given"
    OVER = "over"  # not confirmed in time
    CHANGED = "changed"  # withdrawn since, or the address is another's by now


def standing(one: Confirmation, now: datetime) -> Standing:
    """Where a confirmation stands. An old link never brings back what was withdrawn after it."""
    contact = person_of(one)
    if contact is None:
        return Standing.CHANGED
    consent = Consent.objects.filter(contact=contact, topic=one.topic_id, channel="email").first()
    if consent and consent.state == State.GIVEN:
        return Standing.GIVEN
    if one.confirmed_at or consent is None or consent.state == State.WITHDRAWN:
        return Standing.CHANGED
    return Standing.OVER if one.is_over(now) or consent.state == State.LAPSED else Standing.WAITS


def person_of(one: Confirmation) -> Contact | None:
    """The living contact that has the mailbox which was asked."""
    contact = behind(one.contact_id)
    is_theirs = contact and contact.deleted_at is None and address_hash(contact.email) == one.address_hash
    return contact if is_theirs else None


@transaction.atomic
def confirm(one: Confirmation, *, visitor: Visitor, now: datetime) -> Standing:
    """The button: what waits is given, with both steps as evidence. A second press, or a late one, changes nothing."""
    one = Confirmation.objects.select_for_update().select_related("topic", "asked").get(pk=one.pk)
    contact = person_of(one)
    if contact is None or standing(one, now) != Standing.WAITS:
        return standing(one, now)
    mailed = {
        "mail": one.message_id,
        "mailed_at": one.mailed_at.isoformat() if one.mailed_at else None,
        "mail_worded_by": one.worded_by,
        "mail_subject": one.subject,
        "mail_text": one.text,
    }
    evidence = Evidence(
        how="button behind the mailed link",
        wording=one.asked.wording,
        ip=visitor.ip,
        proof={**one.asked.proof, "asked": one.asked_id, "asked_ip": one.asked.ip, **mailed, "agent": visitor.agent},
    )
    give_consent(contact, one.topic, evidence=evidence, now=now)
    Confirmation.objects.filter(pk=one.pk).update(confirmed_at=now)
    return Standing.GIVEN


def let_go_unconfirmed(job: Job) -> None:
    """Job, hourly: what nobody confirmed in time waits no longer; evidence says so."""
    now = timezone.now()
    alive = Confirmation.objects.filter(contact=OuterRef("contact"), topic=OuterRef("topic"), expires_at__gt=now)
    over = Consent.objects.filter(state=State.PENDING).exclude(Exists(alive)).select_related("contact", "topic")
    for consent in over.order_by("since")[:LET_GO_AT_ONCE]:
        if consent.since + timedelta(days=consent.topic.confirm_days) <= now:
            with write_turn(), transaction.atomic():
                let_go(consent, now=now)
