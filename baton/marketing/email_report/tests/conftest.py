"""Emails that went out, with who did what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.deliverability.actions import count_message
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import sent_to
from baton.marketing.reading.actions import settle
from baton.marketing.reading.models import MailHit
from baton.marketing.reading.tests.conftest import a_mailing
from baton.people.deliveries.models import Delivery
from tests.cast import NOW, a_user

__all__ = ["a_mailing", "sent_to"]

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user("marketer"))
    return client


@pytest.fixture
def told(a_mailing: Callable[..., Broadcast]) -> Broadcast:
    """Ten copies: 0 and 1 clicked the first link, 1 the second too, 2 opened; 3's filter followed all; 4 unsubscribed,
    5 complained, 6 has no mailbox, 7 had enough, 8 is not known.
    """
    broadcast = a_mailing(10)
    rows = list(Delivery.objects.order_by("pk"))
    first, second, third = broadcast.links.all()
    hit(rows[0], first, 600)
    hit(rows[1], first, 600)
    hit(rows[1], second, 5000)
    hit(rows[2], None, 4000, agent=PHONE, program="Apple Mail", device="phone")
    for step, link in enumerate([first, second, third]):
        hit(rows[3], link, 30 + step, agent="scanner", source="s", program="", device="")
    hit(rows[3], None, 34, kind="trap", agent="scanner", source="s", program="", device="")
    Delivery.objects.filter(pk=rows[4].pk).update(unsubscribed_at=NOW)
    for row, state, reason, handed in [
        (rows[5], "complained", "abuse", NOW), (rows[6], "bounced", "dead_address", None),
        (rows[7], "skipped", "cap", None), (rows[8], "unknown", "connection_lost", None),
    ]:  # fmt: skip
        Delivery.objects.filter(pk=row.pk).update(state=state, reason=reason, handed_at=handed, handing_since=NOW)
    settle([row.pk for row in rows], now=timezone.now())
    count_message(broadcast.message, now=timezone.now())
    return broadcast


def hit(delivery: Delivery, link, seconds: float, **fields) -> MailHit:
    plain = {"kind": "click" if link else "open", "agent": "Firefox", "program": "Firefox", "device": "desktop",
             "source": str(delivery.pk), "label": "human"}  # fmt: skip
    return MailHit.objects.create(
        delivery=delivery, broadcast_id=delivery.message_id, link=link, at=NOW + timedelta(seconds=seconds),
        **{**plain, **fields},
    )  # fmt: skip
