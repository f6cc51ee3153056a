"""The links that a mail carries for its reader: made here, read here."""

from __future__ import annotations

from django.http import Http404

from baton.people.deliveries.tokens import PREFERENCES, UNSUBSCRIBE, ForgedToken, make_token, read_token


def unsubscribe_token(contact: int, topic: int, delivery: int) -> str:
    """Names the person, the topic and the delivery that carried the link (0 for a test). It never runs out."""
    return make_token(UNSUBSCRIBE, contact, topic, delivery)


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
