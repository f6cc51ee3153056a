"""Double opt-in: ask the mailbox itself, by one mail with one link to one button; take the answer; let go in time.

A stranger may type anyone's address, so one address gets one such mail in 24 hours at most and one network causes only
so many (preferences/rules.py); what is over waits. What waits for confirmation never passes the gate.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import formataddr, make_msgid, parseaddr
from enum import StrEnum

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.people.consent.actions import Evidence, await_consent, give_consent, let_go
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.consent.rules import filled
from baton.people.contacts.models import Contact
from baton.people.contacts.reads import behind
from baton.people.deliveries.models import Suppression
from baton.people.deliveries.tokens import CONFIRM, address_hash, make_token
from baton.people.preferences.models import Confirmation
from baton.people.preferences.rules import APART, NETWORK_SPAN, mail_from
from baton.platform import jobs
from baton.platform.db import write_turn
from baton.platform.jobs.models import Job
from baton.platform.organisation import organisation
from baton.platform.visitor import Visitor

State = Consent.State
LET_GO_AT_ONCE = 5_000

DEFAULT_SUBJECT = gettext_lazy("Please confirm: {topic}")
DEFAULT_TEXT = gettext_lazy(
    "Hello,\n\nsomeone, we hope you, asked {organisation} to write to this address about: {topic}.\n\nIf it was you, "
    "open this page and press the button:\n\n{link}\n\nIf it was not you, do nothing: no more comes, and the request "
    "is forgotten."
)


def give_or_ask(contact: Contact, topic: ConsentTopic, *, evidence: Evidence, now: datetime) -> Consent:
    """Take a yes that came without proof of the mailbox: given, or awaited where the topic wants it confirmed.

    Who has agreed already stays so, on the basis there is; the repeat is kept as evidence.
    """
    if not topic.needs_confirmation:
        return give_consent(contact, topic, evidence=evidence, now=now)
    given = Consent.objects.filter(contact=contact, topic=topic, channel="email", state=State.GIVEN)
    stands = given.exclude(expires_at__lte=now).first()
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
            message_id=make_msgid("confirm", domain=_own_address().rpartition("@")[2] or "localhost"),
        )
        jobs.enqueue("consent.mail_confirmation", key=f"confirmation:{one.pk}", confirmation_id=one.pk)
    return Consent.objects.get(contact=contact, topic=topic, channel="email")


def _open(contact: Contact, topic: ConsentTopic, now: datetime) -> QuerySet[Confirmation]:
    return Confirmation.objects.filter(contact=contact, topic=topic, confirmed_at=None, expires_at__gt=now)


def mail_confirmation(job: Job, *, confirmation_id: int) -> None:
    """Job: send the one mail of a confirmation, or wait until another mail may go to the address.

    Marked before it is sent: a worker killed in between sends none rather than two; a fault of the server takes the
    mark away and is tried again.
    """
    now = timezone.now()
    with transaction.atomic():
        one = Confirmation.objects.filter(pk=confirmation_id).select_related("contact", "topic").first()
        if one is None or one.mailed_at or standing(one, now) != Standing.WAITS or _is_listed(one):
            return
        Contact.objects.select_for_update().get(pk=one.contact_id)
        at = _mail_from(one, now)
        if at <= now:
            Confirmation.objects.filter(pk=one.pk).update(mailed_at=now)
    if at > now:
        raise jobs.TryAgain((at - now).total_seconds())
    try:
        _mail(one).send()
    except Exception:
        Confirmation.objects.filter(pk=one.pk).update(mailed_at=None)
        raise


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


def _mail(one: Confirmation) -> EmailMessage:
    ours = organisation()
    words = {"topic": one.topic.label, "organisation": ours.name, "link": confirm_address(one)}
    subject = " ".join(filled(one.topic.confirm_subject or str(DEFAULT_SUBJECT), words).split())
    text = filled(one.topic.confirm_text.strip() or str(DEFAULT_TEXT), words)
    if words["link"] not in text:
        text = f"{text}\n\n{words['link']}"
    asked = _("Asked on %(day)s UTC. The link is good for %(days)s days.") % {
        "day": f"{one.asked_at:%Y-%m-%d %H:%M}",
        "days": one.topic.confirm_days,
    }
    name = "" if ours.postal_address.startswith(ours.name) else ours.name
    foot = "\n".join(part for part in (asked, name, ours.postal_address) if part)
    sender = formataddr((ours.name, _own_address()))
    headers = {"Message-ID": one.message_id, "Auto-Submitted": "auto-generated"}  # RFC 3834: nobody answers by machine
    return EmailMessage(subject, f"{text}\n\n-- \n{foot}\n", sender, [one.contact.email], headers=headers)


def confirm_address(one: Confirmation) -> str:
    """Where the link of its mail leads."""
    return settings.BATON_URL + reverse("confirm_consent", kwargs={"token": make_token(CONFIRM, one.pk)})


def _own_address() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


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
    mailed = {"mail": one.message_id, "mailed_at": one.mailed_at.isoformat() if one.mailed_at else None}
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
