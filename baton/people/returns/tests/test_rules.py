"""Telling apart what came back: by the bytes alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from baton.people.returns.answers import meaning_of
from baton.people.returns.rules import Returned, read_letter
from baton.people.returns.tests.conftest import a_complaint, a_letter, a_report

CORPUS = Path(__file__).parents[4].parent / "shared" / "data" / "bounces"
DEAD, TEMPORARY, MESSAGE, SENDER = "dead_address", "mailbox", "message_refused", "sender_refused"

# What servers say, and which of the four classes it is.
ANSWERS = [
    ("550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in local recipient table", DEAD),
    ("550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking", DEAD),
    ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [x.prod.protection.outlook.com]", DEAD),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", DEAD),
    ("554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0]", DEAD),
    ("Requested action not taken: mailbox unavailable", DEAD),
    ("550 5.1.2 <a@nowhere.example>... Host unknown (Name server: nowhere.example: host not found)", DEAD),
    ("556 5.1.10 Domain a.example does not accept mail (nullMX)", DEAD),
    ("550 5.1.6 recipient no longer on server", DEAD),
    ("550 Empfänger unbekannt", DEAD),
    ("550 Destinataire inconnu", DEAD),
    ("552 5.2.2 The email account that you tried to reach is over quota.", TEMPORARY),
    ("550 5.2.1 The email account that you tried to reach is disabled.", TEMPORARY),
    ("450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://postgrey.example", TEMPORARY),
    ("451 4.3.0 Temporary lookup failure", TEMPORARY),
    ("4.4.1 connect to mx.b.example[192.0.2.1]:25: Connection timed out", TEMPORARY),
    ("450 4.1.2 <a@b.example>: Recipient address rejected: Domain not found", TEMPORARY),
    ("552 5.3.4 Message size exceeds fixed maximum message size", MESSAGE),
    ("554 5.6.0 Message contained an infected attachment: virus found", MESSAGE),
    ("550 Rejected", MESSAGE),
    ("550-5.7.26 Unauthenticated email from acme.example is not accepted due to domain's DMARC policy.", SENDER),
    ("554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org", SENDER),
    ("550 5.7.515 Access denied, sending domain ACME.EXAMPLE does not meet the required authentication level", SENDER),
    ("421 4.7.0 [TSS04] Messages from 192.0.2.9 temporarily deferred due to user complaints", SENDER),
    ("550 5.7.25 [192.0.2.9] The IP address sending this message does not have a PTR record setup", SENDER),
    ("550 5.1.8 <news@acme.example>: Sender address rejected: Domain not found", SENDER),
    ("550 sender verify failed: no such user", SENDER),
    ("554 5.7.1 <a@b.example>: Relay access denied", SENDER),
    ("550 5.7.1 Message rejected as spam by Content Filtering", SENDER),
    ("550 Unfortunately, messages from [192.0.2.9] weren't sent: part of their network is on our block list", SENDER),
    ("host antispam.b.example[192.0.2.1] said: 550 5.1.1 user unknown", DEAD),
    ("550 5.1.0 acme.example does not exist (in reply to MAIL FROM command)", SENDER),
    ("5.1.0 - Unknown address error 550-'5.7.1 <a@b.example>... Access denied' (delivery attempts: 0)", SENDER),
    ("550 no access; see https://postmaster.b.example/user-unknown", MESSAGE),
]


@pytest.mark.parametrize(("answer", "verdict"), ANSWERS)
def test_an_answer_is_one_of_four_things(answer: str, verdict: str) -> None:
    assert meaning_of(answer).verdict == verdict


def the_one(raw: bytes) -> Returned:
    (found,) = read_letter(raw).returned
    return found


def test_a_delivery_report_says_who_and_why() -> None:
    found = the_one(a_report("550 5.1.1 user unknown", recipient="Bob@Customer.example"))
    assert (found.kind, found.recipient, found.verdict, found.reason) == (
        "bounce", "bob@customer.example", DEAD, "user_unknown",
    )  # fmt: skip
    assert (found.code, found.status, found.quote) == (550, "5.1.1", "550 5.1.1 user unknown")


def test_a_report_of_a_delay_is_no_bounce_and_one_of_delivery_is_neither() -> None:
    assert the_one(a_report("450 4.2.0 later", action="delayed", status="4.2.0")).kind == "delay"
    assert the_one(a_report("250 ok", action="delivered", status="2.0.0")).kind == "delivered"


def test_each_recipient_of_a_report_is_told_of_apart() -> None:
    raw = a_report("550 5.1.1 user unknown").replace(
        b"\n--line\nContent-Type: text/rfc822",
        b"\nFinal-Recipient: rfc822; bob@customer.example\nAction: failed\nStatus: 5.2.2\n\n"
        b"--line\nContent-Type: text/rfc822",
    )
    assert [(r.recipient, r.verdict) for r in read_letter(raw).returned] == [
        ("ada@customer.example", DEAD),
        ("bob@customer.example", TEMPORARY),
    ]


def test_the_words_of_old_servers_are_read() -> None:
    qmail = a_letter(
        "failure notice",
        "Hi. This is the qmail-send program at mx.b.example.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<bob@b.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 No such user here\n"
        "Giving up on 192.0.2.1.\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <news@acme.example>\n"
        "Message-ID: <1@acme.example>\nSubject: user unknown\n\nspam",
        sender="MAILER-DAEMON@mx.b.example",
    )
    assert (the_one(qmail).recipient, the_one(qmail).verdict) == ("bob@b.example", DEAD)
    assert read_letter(qmail).message_ids == ("<1@acme.example>",)
    exim = a_letter(
        "Mail delivery failed: returning message to sender",
        "A message that you sent could not be delivered to all of its recipients.\n\n  bob@b.example\n"
        "    SMTP error from remote mail server after MAIL FROM:<news@acme.example> SIZE=1:\n"
        "    host mx.b.example [192.0.2.1]: 550 acme.example does not exist",
        sender="Mailer-Daemon@acme.example",
        X_Failed_Recipients="bob@b.example",
    )
    assert (the_one(exim).recipient, the_one(exim).verdict) == ("bob@b.example", SENDER)


OLD_FORMS = [
    ("DELIVERY FAILURE: User bob (bob@b.example) not listed in Domino Directory", DEAD,
     "was not delivered to:\n\n  bob@b.example\n\nbecause:\n\n  User bob (bob@b.example) not listed in Domino"
     " Directory"),
    ("Undeliverable: News", DEAD,
     "did not reach the following recipient(s):\n\nbob@b.example on Thu, 29 Apr 2010\n    The destination server for "
     "this recipient could not be found in\n    Domain Name Service (DNS)."),
    ("Mail delivery failed: returning message to sender", TEMPORARY,
     "The following address\nfailed:\n\n<bob@b.example>:\nmailbox is full\n\n"
     "--- The header of the original message is following. ---\n\nSubject: user unknown"),
    ("Undeliverable Mail: News", DEAD,
     "Could not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected: \n     "
     "bob@b.example\n"),
    ("Returned mail: User unknown", DEAD,
     "   ----- Transcript of session follows -----\n>>> RCPT To:<bob@b.example>\n<<< 550 No such user\n"
     "550 <bob@b.example>... User unknown\n"),
    ("Returned mail: see transcript", SENDER,
     "   ----- Transcript of session follows -----\n>>> MAIL From:<news@acme.example>\n<<< 550 unknown\n"
     "554 <bob@b.example>... Service unavailable\n"),
    ("Undelivered Mail Returned to Sender", SENDER,
     "You can delete your own text from the attached returned message.\n\n<bob@b.example>: host mx.b.example[192.0.2.1]"
     " said: 550 5.7.1\n    Unauthenticated email from acme.example is not accepted due to\n    its DMARC policy."),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "verdict", "words"), OLD_FORMS)
def test_the_forms_of_many_servers_are_read(subject: str, verdict: str, words: str) -> None:
    found = the_one(a_letter(subject, words, sender="postmaster@b.example"))
    assert (found.kind, found.recipient, found.verdict) == ("bounce", "bob@b.example", verdict)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (a_letter("Re: your mailbox full of offers", "Please stop. User unknown.", sender="bob@b.example"), "reply"),
        (a_letter("Automatic reply: Undelivered mail", Auto_Submitted="auto-generated"), "auto_reply"),
        (a_letter("Warning: message delayed", "Not yet been delivered.", sender="mailer-daemon@b.example"), "delay"),
    ],
)
def test_people_who_speak_of_bounces_are_no_mail_servers(raw: bytes, kind: str) -> None:
    assert the_one(raw).kind == kind


def test_a_japanese_bounce_is_read_in_its_own_letters() -> None:
    words = "以下のメールアドレスは存在しません。\n\nbob@b.example".encode("iso-2022-jp")
    head = b"From: postmaster@b.example\nSubject: failure notice\nContent-Type: text/plain; charset=iso-2022-jp\n\n"
    assert (the_one(head + words).kind, the_one(head + words).verdict) == ("bounce", DEAD)


@pytest.mark.parametrize(
    "raw",
    [
        a_letter("Out of office", Auto_Submitted="auto-replied"),
        a_letter("Automatische Antwort: News"),
        a_letter("=?utf-8?q?R=C3=A9ponse_automatique_=3A_News?="),
        a_letter("Re: News", X_Autoreply="yes"),
        a_letter("I am away", "The mailbox is full of letters; user unknown.", Precedence="auto_reply"),
    ],
)
def test_an_automatic_answer_is_no_bounce(raw: bytes) -> None:
    assert the_one(raw).kind == "auto_reply"


def test_a_reply_a_challenge_and_a_complaint_are_told_apart() -> None:
    reply = read_letter(a_letter(In_Reply_To="<b7.1.aa@acme.example>"))
    assert (reply.returned[0].kind, reply.message_ids) == ("reply", ("<b7.1.aa@acme.example>",))
    assert the_one(a_letter("Please confirm your message")).kind == "challenge"
    told = the_one(a_complaint(fields="Original-Rcpt-To: ada@customer.example\n"))
    assert (told.kind, told.recipient) == ("complaint", "ada@customer.example")
    assert the_one(a_complaint(kind="auth-failure")).kind == "report"


def test_the_same_mail_is_the_same_by_whatever_way_it_comes() -> None:
    raw = a_report("550 5.1.1 user unknown")
    other = b"Received: by b.example\r\nDelivered-To: x@acme.example\r\n" + raw.replace(b"\n", b"\r\n")
    assert read_letter(raw).digest == read_letter(other).digest
    assert read_letter(raw).digest != read_letter(raw.replace(b"ada@", b"bob@")).digest


@pytest.mark.skipif(not CORPUS.exists(), reason="the public sample of bounces is not here")
def test_dead_addresses_are_found_and_our_own_faults_condemn_nobody() -> None:
    dead = {"userunknown", "hostunknown", "hasmoved", "notaccept"}
    ours = {"authfailure", "badreputation", "blocked", "norelaying", "notcompliantrfc", "policyviolation", "rejected",
            "requireptr", "securityerror", "spamdetected", "speeding", "toomanyconn"}  # fmt: skip
    missed, condemned, all_dead, all_ours = [], [], 0, 0
    for name, rows in json.loads((CORPUS / "expected.json").read_text()).items():
        found = read_letter((CORPUS / "mails" / f"{name}.eml").read_bytes()).returned
        assert len(found) <= 10
        for position, row in enumerate(rows):
            one = found[min(position, len(found) - 1)]
            is_dead = one.kind == "bounce" and one.verdict == DEAD
            if row["hard"] and row["reason"] in dead:
                all_dead += 1
                missed += [] if is_dead else [name]
            elif row["reason"] in ours:
                all_ours += 1
                condemned += [name] if is_dead else []
    assert (all_dead, all_ours) == (86, 80)
    assert len(missed) <= 0.05 * all_dead, missed
    assert len(condemned) < 0.02 * all_ours, condemned
