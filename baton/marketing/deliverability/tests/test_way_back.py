"""The whole way: an email goes out, its mails come back by each mark they carry, and by the folder that is watched."""

from __future__ import annotations

import email
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from baton.marketing.email.actions import send_email
from baton.marketing.email.tests.conftest import an_email
from baton.people.deliveries.models import Suppression
from baton.people.returns.actions import receive_mail
from baton.people.returns.models import Return
from baton.people.returns.tests.conftest import a_complaint, a_letter, a_report
from baton.platform import jobs
from tests.cast import a_user

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "events"])


def test_what_was_sent_is_known_again_by_every_mark_it_carries(tmp_path: Path, settings: Any) -> None:
    settings.BATON_HOME = tmp_path
    settings.RETURNS_FOLDER = str(tmp_path / "returns")
    broadcast = an_email(4)
    send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    jobs.run_due(limit=50)
    mails = [email.message_from_bytes(path.read_bytes()) for path in sorted((tmp_path / "mailbox").glob("*.eml"))]
    first, second, third, fourth = mails

    (tmp_path / "returns").mkdir()
    raw = a_report("550 5.1.1 user unknown", to=first["Return-Path"].strip("<>"))
    (tmp_path / "returns" / "1.eml").write_bytes(raw)
    jobs.enqueue("returns.poll")
    jobs.run_due(limit=50)
    now = timezone.now()
    receive_mail(a_complaint(copy=f"Message-ID: {second['Message-ID']}"), source="pipe", now=now)
    receive_mail(a_letter(In_Reply_To=third["Message-ID"]), source="pipe", now=now)
    copy = f"List-Unsubscribe: {fourth['List-Unsubscribe']}"
    receive_mail(a_report("552 5.2.2 mailbox full", copy=copy), source="pipe", now=now)

    known = Return.objects.order_by("pk").values_list("source", "kind", "traced_by", "contact__email")
    assert list(known) == [
        ("folder", "bounce", "return_path", first["Delivered-To"].strip("<>")),
        ("pipe", "complaint", "message_id", second["Delivered-To"].strip("<>")),
        ("pipe", "reply", "message_id", third["Delivered-To"].strip("<>")),
        ("pipe", "bounce", "link", fourth["Delivered-To"].strip("<>")),
    ]
    states = sorted(broadcast.message.rows().values_list("state", flat=True))
    assert states == ["bounced", "bounced", "complained", "delivered"]
    assert sorted(Suppression.objects.values_list("reason", flat=True)) == ["complained", "dead"]
