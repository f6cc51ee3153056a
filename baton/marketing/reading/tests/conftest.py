"""One mail that was handed over a while ago, and hits settled without waiting for it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from baton.marketing.email import actions
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email, sent_to
from baton.marketing.reading.actions import settle
from baton.marketing.reading.models import MailHit
from baton.marketing.segments.models import Segment
from baton.people.consent.actions import Evidence, give_consent
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from baton.platform import jobs
from tests.cast import NOW, a_user

__all__ = ["sent_to"]

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"}


def arrived(sent_to: Any, *, is_measured: bool = False) -> str:
    """The HTML of one mail that was handed over a while ago."""
    broadcast = an_email(1)
    if is_measured:
        tracking, _ = ConsentTopic.objects.get_or_create(key="tracking", defaults={"label": "M", "purpose": "tracking"})
        give_consent(Contact.objects.get(), tracking, evidence=Evidence(how="t"), now=timezone.now())
    actions.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    jobs.run_due(limit=50)
    Delivery.objects.update(handed_at=NOW)
    return sent_to()[0].get_body(("html",)).get_content()


def path(html: str, kind: str) -> str:
    """Where the first link of a kind leads: c a click, o the pixel."""
    return re.search(rf'http://127.0.0.1:8000(/{kind}/[^"]+)"', html)[1]


def trap(html: str) -> str:
    """Where the hidden link leads."""
    return re.search(r'<a href="http://127.0.0.1:8000(/c/[^"]+)" aria-hidden="true" tabindex="-1"', html)[1]


def settled(**later: float) -> None:
    """As the job does once a minute has passed, or `later`."""
    settle(
        set(MailHit.objects.values_list("delivery_id", flat=True)),
        now=timezone.now() + timedelta(**(later or {"minutes": 2})),
    )


@pytest.fixture
def a_mailing() -> Any:
    """A function: an email sent to so many, with its links; handed over at NOW."""

    def made(number: int, links: int = 3) -> Broadcast:
        broadcast = an_email(number, state="sent", started_at=NOW, filled_at=NOW, ended_at=NOW)
        for place in range(links):
            broadcast.links.create(position=place, url=f"https://www.acme.example/{place}")
        people = Segment.objects.get().members.order_by("contact_id").values_list("contact_id", flat=True)
        Delivery.objects.bulk_create(
            Delivery(message_kind="broadcast", message_id=broadcast.pk, contact_id=pk, state="handed", handed_at=NOW)
            for pk in people
        )
        return broadcast

    return made
