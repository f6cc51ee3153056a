"""What deliverability does when something came back: withdraw, warn, pause, alert. Each bears repetition."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.marketing.deliverability.actions import alert, count_message
from baton.marketing.deliverability.models import ProviderCount
from baton.marketing.deliverability.rules import (
    COUNTED_DAYS,
    FAULTS_THAT_PAUSE,
    FINE,
    PAUSED,
    faults_that_pause,
    standing,
)
from baton.marketing.email.actions import pause_email
from baton.marketing.email.models import KIND, Broadcast
from baton.marketing.pacing.actions import hold_for_complaints
from baton.people.consent.actions import Evidence, withdraw_consent
from baton.people.consent.models import Consent
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import TRANSACTIONAL, Delivery
from baton.people.returns.models import Return
from baton.people.returns.providers import OTHERS, label_of
from baton.people.returns.words import MEND, REASONS
from baton.platform.journal.models import JournalEntry

State = Delivery.State
ENOUGH_TO_COUNT = int(FAULTS_THAT_PAUSE * 100) + 1
REST_AFTER_RESUME = timedelta(hours=24)
OLD_COUNT = timedelta(minutes=5)


def on_bounced(entry: JournalEntry) -> None:
    """Listener of delivery.bounced: refusals that are about us stop the email and alert its people."""
    broadcast = _broadcast_of(entry)
    if broadcast is None or entry.facts.get("verdict") != Return.Verdict.SENDER:
        return
    if not _is_refused(broadcast, timezone.now()):
        return
    back = Return.objects.get(pk=entry.facts["return_id"])
    because = _because_of(back)
    is_paused = pause_email(broadcast, actor=None, now=timezone.now(), because=because)
    if is_paused or broadcast.state == Broadcast.State.SENT:
        alert(broadcast, _told(broadcast, because, is_paused=is_paused), key=f"sender_refused:{entry.pk}")


def _is_refused(broadcast: Broadcast, now: datetime) -> bool:
    """Whether enough of its copies were refused for our sake since a person has seen to it.

    A journey's goes out for months: of it the last days are held against each other.
    """
    rows = broadcast.message.rows().filter(handed_at__isnull=False)
    since = _at_of(broadcast, "email.resumed", "email.live") or broadcast.created_at
    if broadcast.is_of_journey:
        lately = now - timedelta(days=COUNTED_DAYS)
        rows, since = rows.filter(handed_at__gt=lately), max(since, lately)
    faults = Return.objects.filter(
        kind=Return.Kind.BOUNCE,
        verdict=Return.Verdict.SENDER,
        delivery__message_kind=KIND,
        delivery__message_id=broadcast.pk,
        received_at__gt=since,
    )[:FAULTS_THAT_PAUSE]
    return faults.count() >= faults_that_pause(rows[:ENOUGH_TO_COUNT].count())


def _because_of(back: Return) -> str:
    why = REASONS.get(back.reason, REASONS["unclear"])
    mend = MEND.get(back.reason, "")
    where = label_of(back.provider)
    said = _("%(where)s refuses us, not the people: %(why)s") % {"where": where, "why": why}
    return " ".join(str(part) for part in (said, mend, f"({back.quote[:100]})" if back.quote else "") if part)[:300]


def _told(broadcast: Broadcast, because: str, *, is_paused: bool) -> str:
    if is_paused:
        return _("The email %(name)s was paused. %(because)s") % {"name": broadcast.name, "because": because}
    return _("Mails of %(name)s came back. %(because)s") % {"name": broadcast.name, "because": because}


def on_complained(entry: JournalEntry) -> None:
    """Listener of delivery.complained: the topic's consent ends; the provider's share warns or pauses."""
    broadcast = _broadcast_of(entry)
    if broadcast is None:
        return
    now = timezone.now()
    _withdraw(entry, broadcast, now)
    _count_if_old(broadcast, now)
    provider = entry.facts.get("provider") or OTHERS
    sent, complained = complaints_at(provider, now)
    where = standing(complained, sent)
    if where == FINE:
        return
    share = f"{complained / sent:.2%}"
    name = _("others") if provider == OTHERS else label_of(provider)
    if where == PAUSED:
        because = _("%(share)s of the mails to %(provider)s were marked as spam in a week.") % {
            "share": share, "provider": name,
        }  # fmt: skip
        _pause_all(provider, because, now)
        return
    text = _("Complaints at %(provider)s are at %(share)s: at 0.20%% sending stops.") % {
        "share": share, "provider": name,
    }  # fmt: skip
    alert(broadcast, text, key=f"complaints:{provider}:{now:%Y-%m-%d}")


def complaints_at(provider: str, now: datetime) -> tuple[int, int]:
    """Marketing mails sent to a provider, as counted last, and complaints about them, in the last days."""
    since = now - timedelta(days=COUNTED_DAYS)
    counted = ProviderCount.objects.filter(provider=provider, day__gte=since.date())
    sent = counted.exclude(message_kind=TRANSACTIONAL).aggregate(sum=Sum("sent"))["sum"]
    complaints = Return.objects.filter(kind=Return.Kind.COMPLAINT, provider=provider, received_at__gte=since)
    return sent or 0, complaints.exclude(delivery=None).exclude(delivery__message_kind=TRANSACTIONAL).count()


def _count_if_old(broadcast: Broadcast, now: datetime) -> None:
    """Count an email that was not counted lately: a million copies are not gone through for each complaint."""
    counted = ProviderCount.objects.filter(message_kind=KIND, message_id=broadcast.pk, counted_at__gt=now - OLD_COUNT)
    if not counted.exists():
        count_message(broadcast.message, now=now)


def _pause_all(provider: str, because: str, now: datetime) -> None:
    """Pause what is being sent; what a person has resumed within a day goes on, for they have seen it.

    While a domain warms up only the provider's lane is held: days of standing still would undo what the others learnt.
    """
    going = Broadcast.objects.filter(state__in=[Broadcast.State.SENDING, Broadcast.State.LIVE])
    for broadcast in going.select_related("campaign"):
        if hold_for_complaints(broadcast, provider, because, now):
            continue
        resumed = _at_of(broadcast, "email.resumed")
        if resumed is not None and resumed > now - REST_AFTER_RESUME:
            continue
        if pause_email(broadcast, actor=None, now=now, because=because):
            alert(broadcast, _told(broadcast, because, is_paused=True), key=f"complaints:{broadcast.pk}:{now:%Y-%m-%d}")


def _withdraw(entry: JournalEntry, broadcast: Broadcast, now: datetime) -> None:
    contact = Contact.objects.filter(pk=entry.facts.get("contact")).first()
    if contact is None or broadcast.topic is None:
        return
    stands = Consent.objects.filter(contact=contact, topic=broadcast.topic, channel="email").first()
    if stands is not None and stands.state == Consent.State.WITHDRAWN:
        return
    evidence = Evidence(how="spam complaint", proof={"delivery": entry.thing_id, "return": entry.facts["return_id"]})
    withdraw_consent(contact, broadcast.topic, evidence=evidence, now=now)


def _broadcast_of(entry: JournalEntry) -> Broadcast | None:
    if entry.facts.get("message_kind") != KIND:
        return None
    return Broadcast.objects.select_related("campaign", "topic").filter(pk=entry.facts["message_id"]).first()


def _at_of(broadcast: Broadcast, *verbs: str) -> datetime | None:
    """When one of these was last done with it."""
    lines = JournalEntry.objects.filter(verb__in=verbs, thing="marketing.broadcast", thing_id=broadcast.pk)
    return lines.order_by("-at").values_list("at", flat=True).first()
