"""Signed links: what a link in a mail carries so that the visit that follows is the contact's."""

from __future__ import annotations

from django.core import signing

from baton.people.contacts.models import Contact
from baton.tracking.errors import ForgedLink

SALT = "baton.tracking.link"
LINK_DAYS = 90
LINK_PARAMETER = "b"  # in the address of a landing page: ?b=<token>


def link_token(contact: Contact | int) -> str:
    """A token that only this installation can make; good for 90 days."""
    return signing.dumps(contact if isinstance(contact, int) else contact.pk, salt=SALT)


def read_link_token(token: str) -> int:
    """The contact's id. Raises ForgedLink for a token that is forged, cut or too old."""
    try:
        return int(signing.loads(token[:500], salt=SALT, max_age=LINK_DAYS * 24 * 3600))
    except (signing.BadSignature, ValueError, TypeError):
        raise ForgedLink("This link was not made here, or it is too old.") from None
