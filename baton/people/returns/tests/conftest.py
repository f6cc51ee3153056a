"""Mails that come back, written for these tests: the forms of the large mail servers, none of them a real mail."""

from __future__ import annotations

from datetime import datetime

from baton.people.contacts.models import Contact
from baton.people.deliveries import tokens
from baton.people.deliveries.models import Delivery
from tests.cast import NOW, a_contact

SENDER = "news@acme.example"


def a_delivery(
    contact: Contact | None = None, *, state: str = "handed", message: int = 7, **fields: object
) -> Delivery:
    values: dict[str, object] = {"handed_at": NOW, "handing_since": NOW} | fields
    return Delivery.objects.create(
        message_kind="broadcast", message_id=message, contact=contact or a_contact(), state=state, **values
    )


def message_id_of(delivery: Delivery) -> str:
    return tokens.message_id(delivery.pk, delivery.message_kind, delivery.message_id, "acme.example")


def a_report(
    answer: str,
    *,
    recipient: str = "ada@customer.example",
    to: str = SENDER,
    status: str = "5.0.0",
    action: str = "failed",
    copy: str = "",
    at: datetime = NOW,
) -> bytes:
    """A delivery status notification as RFC 3464 wants it."""
    return f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.customer.example>
To: {to}
Date: {at:%a, %d %b %Y %H:%M:%S +0000}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="line"

--line
Content-Type: text/plain

This is the mail system. Your message could not be delivered.

--line
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.customer.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {answer}

--line
Content-Type: text/rfc822-headers

From: Acme <{SENDER}>
To: {recipient}
{copy}
--line--
""".encode()


def a_complaint(*, copy: str = "", kind: str = "abuse", fields: str = "") -> bytes:
    """A feedback report as RFC 5965 wants it."""
    return f"""From: feedback@provider.example
To: fbl@acme.example
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="line"

--line
Content-Type: text/plain

This is an email abuse report.

--line
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Feedback/1.0
Version: 1
{fields}
--line
Content-Type: message/rfc822

From: Acme <{SENDER}>
{copy}

Hello
--line--
""".encode()


def a_letter(subject: str = "Re: News", words: str = "Thank you.", *, sender: str = "", **headers: str) -> bytes:
    """A plain mail of a person or of a program for one."""
    head = {"From": sender or "Ada <ada@customer.example>", "To": SENDER, "Subject": subject}
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    return ("".join(f"{name}: {value}\n" for name, value in head.items()) + f"\n{words}\n").encode()
