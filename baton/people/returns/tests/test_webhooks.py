"""Providers' webhooks: only with their secret, each notice once, told like a mail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client

from baton.people.deliveries.models import Delivery, Suppression
from baton.people.returns.models import Return
from baton.people.returns.tests.conftest import a_delivery, message_id_of
from baton.people.returns.webhooks import PROVIDERS

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:django-anymail has dropped")]
SECRET = "baton:hook-secret"


@pytest.fixture(autouse=True)
def _set_up(settings: Any) -> None:
    settings.RETURNS_WEBHOOKS = {"postmark": SECRET, "sendgrid": SECRET, "mailgun": "signing-key"}


def sent(provider: str, body: Any, secret: str = SECRET) -> int:
    head = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(secret.encode()).decode()}
    answer = Client().post(f"/returns/{provider}/", json.dumps(body), content_type="application/json", **head)
    return answer.status_code


def postmark(delivery: Delivery, kind: str = "Bounce", **fields: Any) -> dict[str, Any]:
    return {
        "RecordType": kind,
        "ID": 7,
        "Type": "HardBounce",
        "TypeCode": 1,
        "MessageID": "00000000-0000-0000-0000-000000000001",
        "Email": delivery.contact.email,
        "BouncedAt": "2026-03-10T10:00:00Z",
        "Details": "smtp;550 5.1.1 user unknown",
        "Metadata": {"original": message_id_of(delivery)},
    } | fields


def test_a_providers_bounce_is_taken_once() -> None:
    delivery = a_delivery()
    body = postmark(delivery)
    assert (sent("postmark", body), sent("postmark", body)) == (200, 200)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("bounced", "dead_address")
    assert Suppression.objects.get().reason == "dead"
    back = Return.objects.get()
    assert (back.source, back.kind, back.traced_by) == ("postmark", "bounce", "message_id")


def test_without_the_secret_nothing_is_read() -> None:
    delivery = a_delivery()
    assert sent("postmark", postmark(delivery), "baton:wrong") == 403
    assert sent("sparkpost", postmark(delivery)) == 404
    assert sent("nobody", {}) == 404
    assert Client().post("/returns/mailgun/", "{}", content_type="application/json").status_code in (400, 403)
    assert not Return.objects.exists()


def test_a_complaint_and_a_delivery_are_told_apart() -> None:
    complained, delivered = a_delivery(), a_delivery(state="unknown", handed_at=None)
    assert sent("postmark", postmark(complained, Type="SpamComplaint", TypeCode=100001)) == 200
    event = {
        "event": "delivered",
        "email": delivered.contact.email,
        "timestamp": 1,
        "sg_event_id": "x1",
        "smtp-id": message_id_of(delivered),
        "response": "250 OK",
    }
    assert sent("sendgrid", [event]) == 200
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["complained", "delivered"]
    assert Return.objects.get().kind == "complaint"


def test_a_refusal_of_ours_told_by_a_provider_condemns_nobody() -> None:
    delivery = a_delivery()
    event = {"event": "bounce", "email": delivery.contact.email, "timestamp": 1, "sg_event_id": "x2", "type": "blocked",
             "smtp-id": message_id_of(delivery), "reason": "550 5.7.1 blocked using zen.spamhaus.org"}  # fmt: skip
    assert sent("sendgrid", [event]) == 200
    delivery.refresh_from_db()
    assert (delivery.reason, Suppression.objects.count()) == ("sender_refused", 0)


def test_a_signature_is_checked_where_the_provider_signs() -> None:
    delivery = a_delivery()
    told = {"event": "failed", "severity": "permanent", "reason": "bounce", "id": "e1", "timestamp": 1773136800,
            "recipient": delivery.contact.email, "message": {"headers": {"message-id": message_id_of(delivery)[1:-1]}},
            "delivery-status": {"code": 550, "message": "5.1.1 no such user"}}  # fmt: skip
    token, stamp = "t" * 50, "1773136800"
    mark = hmac.new(b"signing-key", f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    body = {"signature": {"token": token, "timestamp": stamp, "signature": mark}, "event-data": told}
    forged = body | {"signature": {"token": token, "timestamp": stamp, "signature": "0" * 64}}
    assert sent("mailgun", forged) == 403
    assert not Return.objects.exists()
    assert sent("mailgun", body) == 200
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("bounced", "dead_address")


def test_every_provider_that_can_be_named_can_be_read() -> None:
    for provider in PROVIDERS.values():
        assert provider.reader("user:password").esp_name
