"""What a return does to the ledger and to the person. Every change bears repetition and only goes forward."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import suppress
from baton.people.deliveries.models import Delivery, MailRules, Suppression
from baton.people.returns.models import Return
from baton.people.returns.policy import SILENCE_MEANS_ARRIVED, Try, is_given_up
from baton.people.returns.words import KINDS_OF_REPLY, REASONS
from baton.people.timeline import write_entry
from baton.platform import journal
from baton.platform.journal.models import JournalEntry

State = Delivery.State
Kind, Verdict = Return.Kind, Return.Verdict
LOOKED_AT = 60  # newest mails to a person that the rule of giving up looks at

# Rows of which bytes have gone out, or may have: a worker that is at it has written handing_since first.
_WENT_OUT = Q(state__in=[State.HANDED, State.DELIVERED, State.UNKNOWN, State.DEFERRED]) | Q(
    state=State.CLAIMED, handing_since__isnull=False
)
_LET_GO = {"claim": "", "leased_until": None, "next_at": None}


def settle(back: Return, now: datetime) -> None:
    """Do what a new return asks for. Called once for each, in the transaction that stores it."""
    if back.kind == Kind.BOUNCE:
        _settle_bounce(back, now)
    elif back.kind == Kind.COMPLAINT:
        _settle_complaint(back, now)
    elif back.kind == Kind.DELAY and back.delivery_id:
        settle_delay(back.delivery_id, back.quote)
    elif back.kind in (Kind.REPLY, Kind.AUTO_REPLY, Kind.CHALLENGE):
        _settle_answer(back)


def _settle_bounce(back: Return, now: datetime) -> None:
    delivery, contact = back.delivery, back.contact
    if delivery is not None:
        rows = Delivery.objects.filter(pk=delivery.pk)
        news = {"reason": back.verdict, "answer": back.quote[:300], "returned_at": now}
        moved = rows.filter(_WENT_OUT).update(state=State.BOUNCED, **news, **_LET_GO)
        if not moved and back.verdict == Verdict.DEAD:
            rows.filter(state=State.BOUNCED).exclude(reason=Verdict.DEAD).update(**news)
        delivery.refresh_from_db()
        journal.record("delivery.bounced", delivery, actor=None, **_facts(back))
    if back.verdict == Verdict.DEAD and delivery is not None:
        _give_up_dead(back, now)
    elif back.verdict == Verdict.TEMPORARY and contact is not None:
        give_up_silent(contact, now)


def _give_up_dead(back: Return, now: datetime) -> None:
    """Suppress the address that was mailed. The recipient a report names does not decide: anyone may name anyone."""
    contact, delivery = back.contact, back.delivery
    if contact is None or delivery is None:
        return
    suppress(_mailed_address(contact, delivery), Suppression.Reason.DEAD, evidence=_evidence(back), now=now)
    write_entry(
        f"return:{back.pk}",
        at=now,
        side="marketing",
        kind="email",
        title=_("Mail came back: %(reason)s") % {"reason": REASONS.get(back.reason, back.reason)},
        contact_id=contact.pk,
        body=back.quote,
    )


def _evidence(back: Return) -> str:
    return f"{back.status} {back.quote}".strip()


def _mailed_address(contact: Contact, delivery: Delivery) -> str:
    """The contact's address as it was when the mail went out: it may have been corrected since."""
    since = delivery.handed_at or delivery.handing_since
    changes = JournalEntry.objects.filter(thing="people.contact", thing_id=contact.pk, verb="contact.changed")
    for facts in changes.filter(at__gte=since).order_by("at").values_list("facts", flat=True)[:200] if since else []:
        if "email" in (facts.get("before") or {}):
            return facts["before"]["email"]
    return contact.email


def _settle_complaint(back: Return, now: datetime) -> None:
    """A person who calls our mail spam gets no marketing any more, whatever the mail was."""
    delivery, contact = back.delivery, back.contact
    address = contact.email if contact is not None else back.recipient
    if contact is None and delivery is None:
        return
    if address:
        suppress(address, Suppression.Reason.COMPLAINED, evidence=f"{back.source} {back.reason}", now=now)
    if contact is not None:
        title = _("Marked a mail as spam")
        write_entry(f"return:{back.pk}", at=now, side="marketing", kind="email", title=title, contact_id=contact.pk)
    if delivery is None:
        return
    movable = _WENT_OUT | Q(state=State.BOUNCED)
    Delivery.objects.filter(movable, pk=delivery.pk).update(
        state=State.COMPLAINED, reason=back.reason[:30], returned_at=now, **_LET_GO
    )
    delivery.refresh_from_db()
    journal.record("delivery.complained", delivery, actor=None, **_facts(back))


def settle_delay(delivery: int, quote: str) -> None:
    """The server took it and goes on trying: what was unknown was handed over."""
    Delivery.objects.filter(pk=delivery, state=State.UNKNOWN).update(
        state=State.HANDED, handed_at=Coalesce("handed_at", "handing_since")
    )
    Delivery.objects.filter(pk=delivery, state=State.HANDED).update(reason="delayed", answer=quote[:300])


def settle_delivered(delivery: int) -> None:
    """A server or provider says that it arrived. What came back before that word stays."""
    Delivery.objects.filter(pk=delivery, state__in=[State.HANDED, State.UNKNOWN]).update(
        state=State.DELIVERED, reason="", handed_at=Coalesce("handed_at", "handing_since")
    )


def _settle_answer(back: Return) -> None:
    """Someone, or a program for them, answered: it arrived; a reply is told to those who wait for one."""
    if back.delivery_id:
        settle_delivered(back.delivery_id)
    contact = back.contact
    if contact is None:
        return
    words = back.excerpt.partition("\n\n")[2].strip()
    if back.recipient and back.recipient != contact.email:
        words = f"{back.recipient}\n\n{words}"
    write_entry(
        f"return:{back.pk}",
        at=back.received_at,
        side="marketing",
        kind="email",
        title=str(KINDS_OF_REPLY[back.kind]) % {"subject": back.subject or _("no subject")},
        contact_id=contact.pk,
        body=words,
    )
    if back.kind == Kind.REPLY:
        journal.record("contact.replied", contact, actor=None, subject=back.subject, **_facts(back))


def give_up_silent(contact: Contact, now: datetime) -> bool:
    """Suppress an address that has failed for a time again and again; whether it is given up."""
    rules = MailRules.objects.first() or MailRules()
    if not contact.email or not is_given_up(_tries(contact, now), failures=rules.soft_failures, days=rules.soft_days):
        return False
    evidence = f"{rules.soft_failures} failures over {rules.soft_days} days"
    suppress(contact.email, Suppression.Reason.UNREACHABLE, evidence=evidence, now=now)
    return True


def _tries(contact: Contact, now: datetime) -> list[Try]:
    rows = Delivery.objects.filter(contact=contact).exclude(state=State.SKIPPED).order_by("-pk")[:LOOKED_AT]
    return [_try(row, now) for row in rows]


def _try(row: Delivery, now: datetime) -> Try:
    seen = max(filter(None, [row.opened_at, row.clicked_at]), default=None)
    if row.state == State.BOUNCED and row.reason == Verdict.TEMPORARY:
        return Try(failed_at=row.returned_at or row.handing_since, arrived_at=seen)
    if row.state == State.DELIVERED or (row.state == State.HANDED and row.reason != "delayed"):
        waited = row.handed_at is not None and row.handed_at <= now - SILENCE_MEANS_ARRIVED
        if row.state == State.DELIVERED or waited:
            return Try(arrived_at=seen or row.handed_at)
    return Try(arrived_at=seen)


def _facts(back: Return) -> dict[str, object]:
    delivery = back.delivery
    return {
        "return_id": back.pk,
        "verdict": back.verdict,
        "reason": back.reason,
        "provider": back.provider,
        "contact": back.contact_id,
        "message_kind": delivery.message_kind if delivery else "",
        "message_id": delivery.message_id if delivery else None,
    }


def lately_failed(since: datetime) -> Iterable[int]:
    """Contacts a mail of whom failed for a time since then, also at the mail server itself."""
    failed = Delivery.objects.filter(state=State.BOUNCED, reason=Verdict.TEMPORARY, contact__isnull=False)
    failed = failed.annotate(failed_at=Coalesce(F("returned_at"), F("handing_since"))).filter(failed_at__gte=since)
    return failed.order_by().values_list("contact_id", flat=True).distinct()
