"""Transactional mail: accepted once, sent before everything else, held back by next to nothing, never doubled."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from baton.marketing.deliverability.actions import count_transactional
from baton.marketing.deliverability.listeners import complaints_at
from baton.marketing.deliverability.reads import provider_rows
from baton.marketing.email import actions as emails
from baton.marketing.email import sending as email_sending
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.transactional import actions, reads, sending
from baton.marketing.transactional.actions import Asked
from baton.marketing.transactional.letter import Content
from baton.marketing.transactional.models import MailTemplate, TransactionalMail
from baton.marketing.transactional.words import BadMail
from baton.people.deliveries import tokens
from baton.people.deliveries.actions import suppress
from baton.people.deliveries.gate import may_mail
from baton.people.deliveries.models import Delivery, MailRules, Suppression
from baton.people.returns.actions import receive_mail
from baton.people.returns.tests.conftest import a_complaint, a_report
from baton.people.timeline.models import TimelineEntry
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.platform.mail.dkim import make_key
from baton.platform.mail.tests.scripted import scripted
from baton.platform.mail.transport import CatcherFolder, mailbox
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _sender(settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Acme <shop@acme.example>"


def asked(to: str = "ada@engine.example", **more: Any) -> Asked:
    words = {} if "template" in more else {"subject": "Your order", "html": "<p>Thank you</p>"}
    return Asked(to=to, **{**words, **more})


def accept(key: str = "k1", to: str = "ada@engine.example", **more: Any) -> TransactionalMail:
    return actions.accept_mail(asked(to, **more), key=key, actor=a_user("marketer"), now=timezone.now())


def a_template(**fields: Any) -> MailTemplate:
    values = {"code": "order", "name": "Order", "subject": "Order {{ data.number }}",
              "source": "<p>Dear {{ data.name | default: 'you' }}</p>", "sample": {"number": 1}}  # fmt: skip
    return MailTemplate.objects.create(**values | fields)


def state(mail: TransactionalMail) -> tuple[str, str]:
    mail.refresh_from_db()
    return mail.delivery.state, mail.delivery.reason


def test_it_is_sent_signed_with_both_texts_and_without_what_marketing_needs(sent_to, settings) -> None:
    make_key(settings.BATON_HOME / "keys", "acme.example", "s1")
    mail = accept(to_name="Ada", reply_to="help@acme.example", metadata={"order": "1001"})
    jobs.run_due()
    (letter,) = sent_to()
    assert state(mail) == ("handed", "")
    assert letter["From"].addresses[0].addr_spec == "shop@acme.example"
    assert letter["Reply-To"] == "help@acme.example"
    assert "List-Unsubscribe" not in letter
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "d=acme.example" in letter["DKIM-Signature"]
    assert letter.get_body(("html",)).get_content().strip() == "<p>Thank you</p>"
    assert letter.get_body(("plain",)).get_content().strip() == "Thank you"


def test_attachments_come_along_under_their_names(sent_to) -> None:
    accept(attachments=[Content("Rechnung März.pdf", "application/pdf", b"%PDF-1.7")])
    jobs.run_due()
    (part,) = sent_to()[0].iter_attachments()
    assert (part.get_filename(), part.get_content_type(), part.get_content()) == (
        "Rechnung März.pdf", "application/pdf", b"%PDF-1.7",
    )  # fmt: skip


def test_a_key_sends_once_for_ever(sent_to) -> None:
    accept("k1")
    with pytest.raises(actions.KeyTaken):
        accept("k1", "other@engine.example")
    jobs.run_due()
    assert len(sent_to()) == TransactionalMail.objects.count() == Delivery.objects.count() == 1


def test_a_running_campaign_does_not_delay_it(sent_to, monkeypatch) -> None:
    """By order of work: it comes in while the first batch of many goes out, and is the very next mail that does."""
    monkeypatch.setattr(email_sending, "BATCH", 5)
    once = email_sending.send_one_batch
    came_in: list[TransactionalMail] = []

    def first_batch_then_asked(mailing: Any, transport: Any) -> int:
        took = once(mailing, transport, limit=5)
        if not came_in:
            came_in.append(accept())
        return took

    monkeypatch.setattr(email_sending, "send_one_batch", first_batch_then_asked)
    broadcast = an_email(40)
    emails.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    jobs.run_due(limit=200)
    subjects = [mail["Subject"] for mail in sent_to()]
    assert len(subjects) == 41
    assert subjects.index("Your order") == 5


def test_the_urgent_lane_sends_it_while_the_campaign_has_every_worker(sent_to) -> None:
    broadcast = an_email(3)
    emails.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    email_sending.fill_email(None, email_id=broadcast.pk)
    accept()
    jobs.run_due(only_urgent=True)
    assert [mail["Subject"] for mail in sent_to()] == ["Your order"]


def test_no_cap_quiet_hour_or_objection_holds_it_and_no_cap_counts_it(sent_to) -> None:
    contact, now = a_contact(email="ada@engine.example"), timezone.now()
    MailRules.objects.create(cap_messages=1, cap_days=7, quiet_from="00:00", quiet_until="23:59")
    suppress("ada@engine.example", Suppression.Reason.OBJECTED, evidence="a call", now=now)
    accept("k1"), accept("k2")
    jobs.run_due()
    assert len(sent_to()) == 2
    Suppression.objects.all().delete()
    topic = an_email(1).topic
    assert may_mail([contact.pk], topic, now)[contact.pk] == "no_consent"  # the cap would come after; it is not full
    assert TimelineEntry.objects.filter(contact=contact, kind="email").count() == 2


def test_a_dead_address_is_refused_and_says_so(sent_to) -> None:
    suppress("ada@engine.example", "dead", evidence="550", now=timezone.now())
    mail = accept()
    jobs.run_due()
    assert state(mail) == ("skipped", "dead")
    assert reads.told(mail)["history"][-1]["what"] == "skipped"
    assert sent_to() == []


def test_a_complaint_about_marketing_holds_nothing_back_that_a_person_waits_for(sent_to) -> None:
    suppress("ada@engine.example", "complained", evidence="arf", now=timezone.now())
    mail = accept()
    jobs.run_due()
    assert state(mail) == ("handed", "")


def test_a_complaint_about_such_a_mail_holds_further_ones_back_and_is_counted_apart(sent_to) -> None:
    a_contact(email="ada@engine.example")
    first = accept("k1")
    jobs.run_due()
    mail = sent_to()[0]
    receive_mail(a_complaint(copy=f"Message-ID: {mail['Message-ID']}"), source="fbl", now=timezone.now())
    second, other = accept("k2"), accept("k3", "bob@engine.example")
    jobs.run_due()
    assert (state(first)[0], state(second), state(other)) == ("complained", ("skipped", "complained"), ("handed", ""))
    count_transactional(timezone.now(), days=3)
    count_transactional(timezone.now(), days=3)
    (row,) = provider_rows(timezone.now(), 7, transactional=True)
    assert (row.fared.sent, row.fared.complained, row.standing) == (2, 1, "fine")
    assert provider_rows(timezone.now(), 7) == []
    assert complaints_at(row.key, timezone.now()) == (0, 0)


def test_a_hard_refusal_ends_it_and_the_address_is_mailed_no_more(settings) -> None:
    with scripted(lambda line, seen: "550 5.1.1 no such user" if line.startswith("RCPT") else None) as server:
        settings.SMTP_URL = f"smtp://127.0.0.1:{server.port}"
        mail = accept()
        jobs.run_due()
    assert state(mail)[0] == "bounced"
    assert Suppression.objects.get().reason == "dead"
    assert state(accept("k2")) == ("skipped", "dead")


def test_a_bounce_comes_back_to_the_row_also_of_an_address_that_is_nobodys(sent_to) -> None:
    mail = accept()
    jobs.run_due()
    back = tokens.return_path(mail.delivery_id, mail.sender_email)
    receive_mail(
        a_report("550 5.1.1 no such user", status="5.1.1", to=back, recipient="ada@engine.example"),
        source="test",
        now=timezone.now(),
    )
    jobs.run_due()
    assert state(mail)[0] == "bounced"
    assert Suppression.objects.get().reason == "dead"


def test_a_lost_answer_is_unknown_and_goes_again_only_by_a_decision(sent_to) -> None:
    mail, user = accept(), a_user("marketing_manager")
    Delivery.objects.update(state="unknown", reason="connection_lost", handing_since=timezone.now())
    jobs.run_due()
    assert sent_to() == []
    actions.decide_unknown(mail, again=True, actor=user)
    with pytest.raises(actions.NotUnknown):
        actions.decide_unknown(mail, again=True, actor=user)
    jobs.run_due()
    assert len(sent_to()) == 1
    assert state(mail)[0] == "handed"


def test_what_a_dead_worker_had_in_hand_goes_out_once(sent_to, monkeypatch) -> None:
    mail = accept()

    def killed(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    folder = CatcherFolder(mailbox())
    folder.connect()
    monkeypatch.setattr(sending.ledger, "settle", killed)
    with pytest.raises(KeyboardInterrupt):
        sending.send_one_batch(folder)
    monkeypatch.undo()
    sending.ledger.recover(timezone.now())
    jobs.run_due()
    assert len(sent_to()) == 1
    assert state(mail)[0] == "handed"


def test_the_watch_sends_what_no_job_is_left_for(sent_to, monkeypatch) -> None:
    accept()
    Job.objects.all().delete()
    monkeypatch.setattr(sending, "_watched", -100.0)
    sending.watch_mails()
    jobs.run_due()
    assert len(sent_to()) == 1


def test_a_template_is_filled_with_its_data_and_says_what_is_missing(sent_to) -> None:
    a_template()
    accept(template="order", data={"number": 7, "name": "<b>Ada</b>"})
    jobs.run_due()
    (letter,) = sent_to()
    assert letter["Subject"] == "Order 7"
    assert "&lt;b&gt;Ada&lt;/b&gt;" in letter.get_body(("html",)).get_content()
    with pytest.raises(BadMail, match=r"data\.number is undefined"):
        accept("k2", template="order", data={})
    with pytest.raises(BadMail, match="no template"):
        accept("k3", template="other")
    assert TransactionalMail.objects.count() == 1


@pytest.mark.parametrize(
    "source",
    ["{% for i in (1..10000000) %}x{% endfor %}", "{{ contact.email }}", "{% include 'x' %}", "{{ data.__class__ }}"],
)
def test_a_template_reads_nothing_but_its_data_and_cannot_run_long(source: str) -> None:
    a_template(source=source)
    with pytest.raises(BadMail):
        accept(template="order", data={"number": 1})


@pytest.mark.parametrize(
    "wrong",
    [{"to": "nobody"}, {"to": "a@b.example\r\nBcc: x@y.example"}, {"subject": ""}, {"html": ""}, {"html": "a\0b"},
     {"reply_to": "x"}, {"attachments": [Content("a", "application/pdf", b"x" * 1_500_001)]},
     {"attachments": [Content("a/b", "application/pdf", b"x")]}, {"attachments": [Content("a", "pdf", b"x")]}],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_and_nothing_is_kept(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadMail):
        accept(**wrong)
    assert not TransactionalMail.objects.exists()
    assert not Job.objects.exists()


def test_words_are_let_go_of_after_a_month(sent_to) -> None:
    mail = accept()
    jobs.run_due()
    actions.tidy_mails(None)
    mail.refresh_from_db()
    assert mail.html
    TransactionalMail.objects.update(created_at=timezone.now() - actions.KEEP_WORDS * 2)
    actions.tidy_mails(None)
    mail.refresh_from_db()
    assert (mail.html, mail.text, mail.is_emptied) == ("", "", True)
