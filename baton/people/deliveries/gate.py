"""The gate: whom may be mailed now, and why not. Asked when mail is handed over, not when the audience is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.contacts.rules import is_role_address
from baton.people.deliveries.models import TRANSACTIONAL, Delivery, MailRules, Suppression
from baton.people.deliveries.rules import moment_on_clock, quiet_end
from baton.people.deliveries.tokens import address_hash
from baton.platform.dates import known_zones
from baton.platform.db import among
from baton.platform.mail.splice import BadHeader, checked_address
from baton.platform.organisation import organisation

REASONS: dict[str, str | Promise] = {
    "gone": _("the contact is in the bin or erased"),
    "no_address": _("has no e-mail address"),
    "bad_address": _("the address cannot be mailed"),
    "no_consent": _("has not agreed to this topic"),
    "withdrawn": _("has unsubscribed from this topic"),
    "expired": _("the consent has expired"),
    "role": _("several people read this address, such as info@"),
    "dead": _("the address does not exist"),
    "unreachable": _("the address took no mail for weeks"),
    "complained": _("has complained of spam"),
    "objected": _("has objected to all marketing"),
    "by_hand": _("was put on the suppression list"),
    "cap": _("has had enough mails for now"),
    "cancelled": _("the email was cancelled"),
    "held_out": _("was held out to compare"),
    "journey_over": _("the journey ended"),
    "left_journey": _("has left the journey"),
}
BATCH = 500


def may_mail(contacts: Iterable[int], topic: ConsentTopic, now: datetime) -> dict[int, str | None]:
    """For each contact id None, or the reason (a key of REASONS) why no marketing mail may go there now."""
    answers: dict[int, str | None] = {}
    ids = list(contacts)
    rules = MailRules.objects.first() or MailRules()
    for start in range(0, len(ids), BATCH):
        answers |= _of_batch(ids[start : start + BATCH], topic, now, rules)
    return answers


def _of_batch(ids: list[int], topic: ConsentTopic, now: datetime, rules: MailRules) -> dict[int, str | None]:
    emails = dict(Contact.objects.filter(pk__in=ids, deleted_at=None).values_list("pk", "email"))
    consents = {
        contact: (state, expires)
        for contact, state, expires in Consent.objects.filter(
            contact__in=ids, topic=topic, channel="email"
        ).values_list("contact_id", "state", "expires_at")
    }
    hashes = {pk: address_hash(email) for pk, email in emails.items() if email}
    listed = dict(Suppression.objects.filter(address_hash__in=hashes.values()).values_list("address_hash", "reason"))
    full = _capped(ids, rules, now)
    return {
        pk: _reason(emails.get(pk), consents.get(pk), listed.get(hashes.get(pk, "")), now)
        or ("role" if rules.skips_role_addresses and is_role_address(emails[pk]) else None)
        or ("cap" if pk in full else None)
        for pk in ids
    }


def _reason(
    email: str | None, consent: tuple[str, datetime | None] | None, listed: str | None, now: datetime
) -> str | None:
    if email is None:
        return "gone"
    if not email:
        return "no_address"
    try:
        checked_address(email)
    except BadHeader:
        return "bad_address"
    if listed:
        return listed
    state, expires = consent or ("", None)
    if state == Consent.State.WITHDRAWN:
        return "withdrawn"
    if state != Consent.State.GIVEN:
        return "no_consent"
    return "expired" if expires and expires <= now else None


def _capped(ids: list[int], rules: MailRules, now: datetime) -> set[int]:
    if not rules.cap_messages:
        return set()
    had = Delivery.objects.filter(contact__in=ids, handed_at__gt=now - timedelta(days=rules.cap_days))
    had = had.exclude(message_kind=TRANSACTIONAL)
    counts = had.order_by().values_list("contact_id").annotate(n=Count("pk"))
    return {contact for contact, n in counts if contact is not None and n >= rules.cap_messages}


def not_before(contacts: Iterable[int], now: datetime, wall_clock: datetime | None = None) -> dict[int, datetime]:
    """Those whose mail must wait, and until when, all on the clock of their own zone.

    They wait for the hour of `wall_clock`, if there is one, and for their quiet hours to end. Whose zone is not known,
    or is none, lives in the organisation's.
    """
    rules = MailRules.objects.first() or MailRules()
    if wall_clock is None and rules.quiet_hours is None:
        return {}
    ours = organisation().zone
    zones = dict(Contact.objects.filter(pk__in=among(contacts)).values_list("pk", "zone"))
    waits = {
        zone: _wait(ZoneInfo(zone if zone in known_zones() else ours), now, wall_clock, rules)
        for zone in set(zones.values())
    }
    return {pk: until for pk, zone in zones.items() if (until := waits[zone])}


def _wait(zone: ZoneInfo, now: datetime, wall_clock: datetime | None, rules: MailRules) -> datetime | None:
    hour = moment_on_clock(wall_clock, zone) if wall_clock else now
    if hour > now:
        return hour
    return quiet_end(now, zone, *rules.quiet_hours) if rules.quiet_hours else None


def listing_of(email: str) -> Suppression | None:
    """The entry of an address on the list of those that are never mailed."""
    return Suppression.objects.filter(address_hash=address_hash(email)).first() if email else None


def objecting(contacts: Iterable[int]) -> set[int]:
    """Those whose address objected to marketing: no profile is made of them for it either (GDPR art. 21(2)-(3))."""
    listed = Suppression.objects.filter(reason=Suppression.Reason.OBJECTED)
    if not listed.exists():
        return set()
    emails = dict(Contact.objects.filter(pk__in=among(contacts)).exclude(email="").values_list("pk", "email"))
    hashes = {pk: address_hash(email) for pk, email in emails.items()}
    found = set(listed.filter(address_hash__in=among(hashes.values(), "text")).values_list("address_hash", flat=True))
    return {pk for pk, one in hashes.items() if one in found}


def may_be_measured(contacts: Iterable[int], now: datetime) -> set[int]:
    """Those who agreed to personal measurement: only their mails carry an open pixel (CNIL, 12 March 2026)."""
    found = Consent.objects.filter(contact__in=list(contacts), topic__purpose=ConsentTopic.Purpose.TRACKING)
    return set(found.in_force(now).values_list("contact_id", flat=True))
