"""What a contact is found by."""

from __future__ import annotations

from baton.people.contacts.models import Contact
from baton.platform.search import forget_thing, index_thing
from baton.platform.search.actions import Findable

KIND = "contact"


def index_contact(contact: Contact) -> None:
    """Make the contact findable as it is now; one in the bin is forgotten."""
    if contact.deleted_at:
        forget_thing(KIND, contact.pk)
    else:
        index_thing(findable(contact))


def findable(contact: Contact) -> Findable:
    company = contact.company.name if contact.company else ""
    return Findable(
        kind=KIND,
        thing_id=contact.pk,
        side="people",
        title=contact.name,
        words=f"{contact.email} {contact.phone} {company}",
        note=company or contact.email,
        url=contact.get_absolute_url(),
        owner_id=contact.owner_id,
    )
