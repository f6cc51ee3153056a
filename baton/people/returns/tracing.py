"""Which delivery a mail that came back is about: by marks that only this house can make, else by the recipient."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from baton.people.contacts.models import Contact
from baton.people.contacts.rules import clean_email
from baton.people.deliveries import tokens
from baton.people.deliveries.models import Delivery
from baton.people.returns.rules import Letter

RETURN_PATH, MESSAGE_ID, LINK, RECIPIENT = "return_path", "message_id", "link", "recipient"
BOUNCES_COME_WITHIN = timedelta(
    days=14
)  # servers give up after 5 days, some after 7; complaints come later, with marks

_OURS = re.compile(r"<([a-z])(\d{1,18})\.(\d{1,18})\.[0-9a-f]{16}@([^<>\s@]{1,200})>")
_MESSAGE_ID = re.compile(r"[a-z]\d{1,18}\.\d{1,18}\.[0-9a-f]{16}@[\w.\-]{1,200}")
_RETURN_PATH = re.compile(r"[\w.\-]{1,64}\+b\d{1,18}-[0-9a-f]{16}@[\w.\-]{1,200}")


@dataclass(frozen=True)
class Trace:
    """The delivery and person something is about, and by what they were found; both may be unknown."""

    delivery: Delivery | None
    contact: Contact | None
    by: str = ""

    @property
    def is_proven(self) -> bool:
        """Whether a mark led here that only this house can make and only the recipient was sent."""
        return self.by in (RETURN_PATH, MESSAGE_ID, LINK)


NOWHERE = Trace(None, None)


def trace_of_letter(letter: Letter) -> Trace:
    """By the keyed return path, else by the Message-ID it returns or answers, else by the copy's unsubscribe link."""
    return _by_marks(letter.addressed_to, letter.message_ids, letter.tokens)


def trace_of_notice(told: str) -> Trace:
    """By the marks anywhere in what a provider told (JSON as text, cut by the caller)."""
    return _by_marks(_RETURN_PATH.findall(told), [f"<{one}>" for one in _MESSAGE_ID.findall(told)], [])


def trace_of_address(email: str, now: datetime, *, is_about_mail: bool) -> Trace:
    """The person of an address and, where the thing is about a mail, the newest that was sent there lately."""
    with contextlib.suppress(ValueError):
        email = clean_email(email)
    contact = Contact.objects.live().holding(email=[email]).first() if email else None
    if contact is None:
        return NOWHERE
    sent = Delivery.objects.filter(contact=contact, handed_at__gt=now - BOUNCES_COME_WITHIN) if is_about_mail else None
    delivery = sent.order_by("-handed_at").first() if sent is not None else None
    return Trace(delivery, contact, RECIPIENT)


def delivery_of_message_id(message_id: str) -> int | None:
    """Which delivery bears this Message-ID; None when it was not made here."""
    found = _OURS.fullmatch(message_id)
    if found is None:
        return None
    kind, message, delivery, domain = found.groups()
    is_ours = tokens.message_id(int(delivery), kind, int(message), domain) == message_id
    return int(delivery) if is_ours else None


def wish_of_letter(letter: Letter) -> tuple[int, int, int] | None:
    """Contact, topic and delivery of a mail that asks for the end of a topic; None where it asks for nothing."""
    return next(filter(None, map(tokens.numbers_of_leaving, letter.leaving)), None)


def _by_marks(addresses: Iterable[str], message_ids: Iterable[str], links: Iterable[str]) -> Trace:
    ways = (
        (RETURN_PATH, map(tokens.delivery_of_return_path, addresses)),
        (MESSAGE_ID, map(delivery_of_message_id, message_ids)),
        (LINK, map(_delivery_of_link, links)),
    )
    for by, found in ways:
        for pk in filter(None, found):
            delivery = Delivery.objects.select_related("contact").filter(pk=pk).first()
            if delivery is not None:
                return Trace(delivery, delivery.contact, by)
    return NOWHERE


def _delivery_of_link(token: str) -> int | None:
    try:
        numbers = tokens.read_token(tokens.UNSUBSCRIBE, token)
    except tokens.ForgedToken:
        return None
    return numbers[2] if len(numbers) == 3 else None
