"""An email ready to be sent to a small audience."""

from __future__ import annotations

from typing import Any

import dkim as dkimpy
import pytest
from django.utils import timezone

from baton.marketing.campaigns.models import Campaign
from baton.marketing.email import designs
from baton.marketing.email.models import Broadcast
from baton.marketing.journeys.models import Journey
from baton.marketing.segments.models import Segment, SegmentMember
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts.models import Contact
from baton.platform.organisation import organisation


def an_email(number: int = 3, **fields: Any) -> Broadcast:
    """A draft whose audience are `number` contacts who agreed."""
    house = organisation()
    house.name, house.postal_address, house.website = "Acme & Sons", "1 Long Way\nTown", "https://acme.example"
    house.save()
    topic, _ = ConsentTopic.objects.get_or_create(key="newsletter", defaults={"label": "Newsletter"})
    campaign = Campaign.objects.create(name="Spring", code=f"spring{Campaign.objects.count()}", objective="demand",
                                       starts_on=timezone.localdate(), currency="USD")  # fmt: skip
    segment = Segment.objects.create(name="Everyone", rule={"all": [{"attribute": "email", "op": "known"}]})
    people = Contact.objects.bulk_create(
        Contact(first_name=f"Ada{n}", last_name="Love", email=f"p{n}@them.example") for n in range(number)
    )
    now = timezone.now()
    Consent.objects.bulk_create(Consent(contact=one, topic=topic, state="given", since=now) for one in people)
    SegmentMember.objects.bulk_create(SegmentMember(segment=segment, contact=one, entered_at=now) for one in people)
    words = designs.first_fields("announcement") | {"link": "https://www.acme.example/guide?x=1&y=2"}
    values = {"name": "News", "subject": "Hi {{ contact.first_name }}", "sender_name": "Acme", "topic": topic,
              "sender_email": "news@acme.example", "fields": words, "campaign": campaign}  # fmt: skip
    broadcast = Broadcast.objects.create(**values | fields)
    broadcast.segments.add(segment)
    return broadcast


def of_a_journey(number: int = 3, *, journey: str = "running", **fields: Any) -> Broadcast:
    """An email of a journey, in that state, which begins with `number` contacts who agreed."""
    email = an_email(number, **fields)
    email.journey = Journey.objects.create(name="Welcome", segment=email.segments.get(), state=journey)
    email.save()
    email.segments.clear()
    return email


def holds(raw: bytes, records: dict[str, str]) -> bool:
    """Whether a mail's signatures are right, by DNS records made here."""

    def published(asked: bytes, timeout: int = 5) -> bytes | None:
        record = records.get(asked.decode().rstrip("."))
        return record.encode() if record else None

    return dkimpy.verify(raw, dnsfunc=published)


@pytest.fixture
def sent_to(tmp_path, settings):
    """The catcher's mails of this test: a function that gives them as parsed messages."""
    import email
    import email.policy

    settings.BATON_HOME = tmp_path
    return lambda: [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted((tmp_path / "mailbox").glob("*.eml"))
    ]
