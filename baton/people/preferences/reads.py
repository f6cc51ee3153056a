"""Whom a link is about, and what the preference centre shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from baton.people.consent.models import Consent, ConsentTopic
from baton.people.consent.reads import standings
from baton.people.contacts.models import Contact
from baton.people.contacts.reads import behind
from baton.people.deliveries.actions import OWN_WISHES
from baton.people.deliveries.gate import listing_of
from baton.people.deliveries.models import Delivery

MARKETING, TRACKING = ConsentTopic.Purpose.MARKETING, ConsentTopic.Purpose.TRACKING
STANDS = [Consent.State.GIVEN, Consent.State.PENDING]


def followed(contact_id: int, delivery_id: int) -> list[Contact]:
    """Whom the link of a mail is about: the contact, who is in its place now, and who holds the delivery now.

    After a merge the copy lies in the bin or is gone, and its deliveries belong to the contact that was kept. Nobody
    once all of them are erased.
    """
    ids = {contact_id}
    ids |= set(Delivery.objects.filter(pk=delivery_id).exclude(contact=None).values_list("contact_id", flat=True))
    found = {one.pk: one for one in Contact.objects.filter(pk__in=ids)}
    found |= {one.pk: one for pk in ids if (one := behind(pk))}
    return [found[pk] for pk in sorted(found)]


def has_left(topic: ConsentTopic, people: list[Contact]) -> bool:
    """Whether everyone of them has withdrawn from the topic; False for nobody."""
    withdrawn = Consent.objects.filter(contact__in=people, topic=topic, channel="email", state=Consent.State.WITHDRAWN)
    return bool(people) and withdrawn.count() == len(people)


def offered_topics(contact: Contact | None) -> QuerySet[ConsentTopic]:
    """The topics that are public, and those the contact agreed to although they are not: all can be withdrawn."""
    theirs = Consent.objects.filter(contact=contact, topic=OuterRef("pk"), channel="email", state__in=STANDS)
    return ConsentTopic.objects.filter(Q(is_public=True) | Exists(theirs)).order_by("label")


def page_of(contact: Contact | None, now: datetime) -> dict[str, Any]:
    """{"marketing", "measurement": where the person stands; "listed": the entry that stops all mail; "is_own"}.

    Nobody (erased) is shown the topics as never asked.
    """
    topics = offered_topics(contact)
    found = standings(contact, topics, now) if contact else []
    listed = listing_of(contact.email) if contact else None
    return {
        "is_known": contact is not None,
        "marketing": [one for one in found if one.topic.purpose == MARKETING],
        "measurement": [one for one in found if one.topic.purpose == TRACKING],
        "listed": listed,
        "is_own": bool(listed and listed.reason in OWN_WISHES),
    }
