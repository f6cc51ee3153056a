"""The links that a mail carries for its reader: made here, read here."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404

from baton.people.deliveries.tokens import (
    PREFERENCES,
    UNSUBSCRIBE,
    ForgedToken,
    leaving_address,
    make_token,
    read_token,
)
from baton.platform.mail.splice import Encoded


def unsubscribe_token(contact: int, topic: int, delivery: int) -> str:
    """Names the person, the topic and the delivery that carried the link (0 for a test). It never runs out."""
    return make_token(UNSUBSCRIBE, contact, topic, delivery)


def unsubscribe_headers(link: str, contact: int, topic: int, delivery: int, sender: str) -> list[tuple[str, str]]:
    """List-Unsubscribe and its pair (RFC 8058): the link first, an address of the sender's second (RFC 2369).

    The address only where a mailbox or folder is read for what comes back: it must not lead into the void.
    """
    is_read = settings.RETURNS_IMAP_URL or settings.RETURNS_FOLDER
    address = leaving_address(contact, topic, delivery, sender) if is_read else ""
    by_mail = f", <mailto:{address}?subject=unsubscribe>" if address else ""
    return [
        ("List-Unsubscribe", Encoded(f"<{link}>{by_mail}")),
        ("List-Unsubscribe-Post", Encoded("List-Unsubscribe=One-Click")),
    ]


def preferences_token(contact: int) -> str:
    return make_token(PREFERENCES, contact)


def numbers_of(purpose: str, token: str, count: int) -> tuple[int, ...]:
    """The numbers in a link's token; 404 for one that was not made here for this."""
    try:
        numbers = read_token(purpose, token)
    except ForgedToken as error:
        raise Http404(str(error)) from None
    if len(numbers) != count:
        raise Http404
    return numbers
