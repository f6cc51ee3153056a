"""Sending: who gets the mail, what stands in it, and what a pause, a cancel or a bad server does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from baton.marketing.email import actions, sending
from baton.marketing.email.audience import audience_counts
from baton.marketing.email.models import KIND, Broadcast, BroadcastLink
from baton.marketing.email.tests.conftest import an_email
from baton.people.consent.actions import Evidence, withdraw_consent
from baton.people.consent.models import Consent
from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import cancel_rest
from baton.people.deliveries.models import Delivery, MailRules, Suppression
from baton.people.deliveries.reads import counts
from baton.people.timeline.models import TimelineEntry
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.platform.mail.tests.scripted import scripted
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db(transaction=True)


def send(broadcast: Broadcast, at=None) -> Broadcast:
    actions.send_email(broadcast, at=at, actor=a_user("marketer"), now=timezone.now())
    jobs.run_due(limit=50)
    broadcast.refresh_from_db()
    return broadcast


def test_everyone_of_the_audience_gets_one_mail_of_their_own(sent_to) -> None:
    broadcast = send(an_email(3))
    assert broadcast.state == "sent"
    mails = sent_to()
    assert sorted(mail["Subject"] for mail in mails) == ["Hi Ada0", "Hi Ada1", "Hi Ada2"]
    for mail in mails:
        html = mail.get_body(("html",)).get_content()
        assert "Hello Ada" in html
        assert "Acme &amp; Sons" in html
        assert "1 Long Way<br />" in html
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail["List-Unsubscribe"][1:-1] in html.replace("&amp;", "&")
        assert "<img" not in html
        assert "Acme & Sons" in mail.get_body(("plain",)).get_content()
    assert len({mail["Message-ID"] for mail in mails}) == 3
    assert TimelineEntry.objects.filter(kind="email").count() == 3


def test_links_lead_through_the_table_and_carry_the_campaign(sent_to) -> None:
    broadcast = send(an_email(1))
    html = sent_to()[0].get_body(("html",)).get_content()
    assert re.search(r'href="http://127.0.0.1:8000/c/[\w-]+"', html)
    assert BroadcastLink.objects.get().url == (
        f"https://www.acme.example/guide?x=1&y=2&utm_source=email&utm_medium=email&utm_campaign={broadcast.campaign.code}"
    )


def test_who_joined_the_segment_since_it_was_counted_gets_it_too(sent_to) -> None:
    broadcast = an_email(1)
    late = a_contact(email="late@them.example")
    Consent.objects.create(contact=late, topic=broadcast.topic, state="given", since=timezone.now())
    send(broadcast)
    assert {mail["To"].addresses[0].addr_spec for mail in sent_to()} == {"p0@them.example", "late@them.example"}


def test_the_gate_is_asked_at_hand_over(sent_to) -> None:
    broadcast = an_email(3)
    actions.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    sending.fill_email(None, email_id=broadcast.pk)
    withdraw_consent(Contact.objects.first(), broadcast.topic, evidence=Evidence(how="t"), now=timezone.now())
    jobs.run_due(limit=50)
    assert counts(broadcast.message)["skipped"] == 1
    assert Delivery.objects.get(state="skipped").reason == "withdrawn"
    assert len(sent_to()) == 2


def test_an_email_without_what_the_law_asks_is_refused(sent_to) -> None:
    broadcast = an_email(1, has_own_source=True, mjml="<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text>"
                         "</mj-column></mj-section></mj-body></mjml>")  # fmt: skip
    with pytest.raises(actions.CannotSend, match=r"unsubscribe link.*postal address"):
        send(broadcast)
    broadcast.refresh_from_db()
    assert broadcast.state == "draft"
    assert not Job.objects.filter(kind="email.fill").exists()


def test_a_second_click_sends_nothing_more(sent_to) -> None:
    broadcast = an_email(2)
    send(broadcast)
    actions_again = [broadcast.state]
    with pytest.raises(actions.CannotSend):
        send(broadcast)
    assert actions_again == ["sent"]
    assert len(sent_to()) == 2


def test_later_means_later_and_can_be_taken_back(sent_to) -> None:
    broadcast = send(an_email(1), at=timezone.now() + timedelta(hours=1))
    assert broadcast.state == "scheduled"
    assert sent_to() == []
    assert actions.cancel_email(broadcast, actor=a_user("marketer"), now=timezone.now())
    assert broadcast.state == "draft"


def test_a_pause_is_heeded_between_batches_and_resuming_sends_the_rest(sent_to, monkeypatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 2)
    broadcast = an_email(5)
    user = a_user("marketer")
    once = sending.send_one_batch

    def then_pause(mailing, transport, **options):
        took = once(mailing, transport, limit=2)
        actions.pause_email(broadcast, actor=user, now=timezone.now())
        return took

    monkeypatch.setattr(sending, "send_one_batch", then_pause)
    send(broadcast)
    assert broadcast.state == "paused"
    assert len(sent_to()) == 2
    monkeypatch.setattr(sending, "send_one_batch", once)
    actions.resume_email(broadcast, actor=user, now=timezone.now())
    jobs.run_due(limit=50)
    broadcast.refresh_from_db()
    assert broadcast.state == "sent"
    assert len({mail["Delivered-To"] for mail in sent_to()}) == len(sent_to()) == 5


def test_cancelling_leaves_the_rest_unsent(sent_to) -> None:
    broadcast = an_email(3)
    actions.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    sending.fill_email(None, email_id=broadcast.pk)
    assert actions.cancel_email(broadcast, actor=a_user("marketer"), now=timezone.now())
    jobs.run_due(limit=50)
    assert sent_to() == []
    assert counts(broadcast.message)["skipped"] == 3


def at_server(settings, server) -> None:
    settings.SMTP_URL = f"smtp://127.0.0.1:{server.port}?timeout=1"


def test_a_server_that_refuses_one_person_for_good(settings) -> None:
    def rule(line: str, seen: int) -> str | None:
        return "550 5.1.1 user unknown" if line == "RCPT TO:<p1@them.example>" else None

    with scripted(rule) as server:
        at_server(settings, server)
        broadcast = send(an_email(3))
    assert broadcast.state == "sent"
    assert counts(broadcast.message) | {"handed": 2, "bounced": 1} == counts(broadcast.message)
    assert Suppression.objects.count() == 1


def test_a_server_that_refuses_us_pauses_the_email_and_suppresses_nobody(settings) -> None:
    with scripted(lambda line, seen: "550 5.7.1 blocked" if line.startswith("MAIL") else None) as server:
        at_server(settings, server)
        broadcast = send(an_email(3))
    assert broadcast.state == "paused"
    assert "blocked" in broadcast.paused_because
    assert not Suppression.objects.exists()


def test_a_server_that_is_busy_puts_off(settings) -> None:
    with scripted(lambda line, seen: "451 4.3.2 busy" if line.startswith("RCPT") else None) as server:
        at_server(settings, server)
        broadcast = send(an_email(2))
    assert broadcast.state == "sending"
    assert counts(broadcast.message)["deferred"] == 2
    assert Job.objects.filter(kind="email.send_batch", state="waiting", run_at__gt=timezone.now()).exists()


def test_a_connection_lost_in_mid_message_leaves_one_unknown_and_sends_the_rest_once(settings) -> None:
    with scripted(lambda line, seen: "close" if line == "TEXT" and seen == 2 else None) as server:
        at_server(settings, server)
        broadcast = send(an_email(4))
        for _again in range(3):
            Job.objects.filter(state="waiting").update(run_at=timezone.now())
            jobs.run_due(limit=50)
    broadcast.refresh_from_db()
    assert counts(broadcast.message)["unknown"] == 1
    assert counts(broadcast.message)["handed"] == 3
    got = [recipient for _sender, recipient, _text in server.accepted]
    assert len(got) == len(set(got)) == 3
    assert broadcast.state == "sent"


def test_a_server_that_is_away_is_waited_for(settings) -> None:
    with scripted() as server:
        at_server(settings, server)
    broadcast = send(an_email(1))
    assert broadcast.state == "sending"
    assert counts(broadcast.message)["queued"] == 1
    assert Job.objects.filter(kind="email.send_batch", state="waiting").exists()


def test_a_mailing_that_lost_its_job_is_found_again(sent_to, monkeypatch) -> None:
    broadcast = an_email(2)
    actions.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    sending.fill_email(None, email_id=broadcast.pk)
    Job.objects.all().delete()
    monkeypatch.setattr(sending, "_watched", -1000.0)
    sending.watch_emails()
    jobs.run_due(limit=50)
    assert len(sent_to()) == 2


def test_in_their_quiet_hours_people_wait_and_the_others_do_not(sent_to) -> None:
    broadcast, now = an_email(3), timezone.now()
    begins = (now.astimezone(ZoneInfo("Asia/Tokyo")) - timedelta(hours=1)).time().replace(second=0, microsecond=0)
    ends = (datetime.combine(now, begins) + timedelta(hours=3)).time()
    MailRules.objects.create(quiet_from=begins, quiet_until=ends)
    Contact.objects.update(zone="America/New_York")
    Contact.objects.filter(email="p0@them.example").update(zone="Asia/Tokyo")
    assert audience_counts(broadcast, now)["quiet"] == 1
    send(broadcast)
    assert broadcast.state == "sending"
    assert len(sent_to()) == 2
    waiting = Delivery.objects.get(state="waiting")
    assert (waiting.attempts, waiting.claim, waiting.handing_since) == (0, "", None)
    assert timedelta() < waiting.next_at - now <= timedelta(hours=2)
    MailRules.objects.update(quiet_from=None, quiet_until=None)
    Delivery.objects.filter(pk=waiting.pk).update(next_at=now)
    Job.objects.filter(kind="email.send_batch").update(run_at=now)
    jobs.run_due(limit=50)
    broadcast.refresh_from_db()
    assert broadcast.state == "sent"
    assert sorted(mail["To"].addresses[0].addr_spec for mail in sent_to()) == [f"p{n}@them.example" for n in range(3)]


def test_who_waits_is_left_out_when_the_email_is_cancelled(sent_to) -> None:
    broadcast = an_email(1)
    for state in ("waiting", "queued"):
        Delivery.objects.create(
            message_kind=KIND, message_id=broadcast.pk, contact=a_contact(), state=state, next_at=timezone.now()
        )
    assert cancel_rest(broadcast.message) == 2


def test_an_email_on_each_clock_goes_to_whose_hour_has_come_and_waits_for_the_rest(sent_to) -> None:
    broadcast, now = an_email(2), timezone.now()
    Contact.objects.filter(email="p0@them.example").update(zone="Pacific/Kiritimati")
    Contact.objects.filter(email="p1@them.example").update(zone="Pacific/Pago_Pago")
    wall_clock = (now + timedelta(hours=13)).replace(tzinfo=UTC)  # it was so in Kiritimati an hour ago
    actions.send_email(broadcast, at=None, actor=a_user("marketer"), now=now, wall_clock=wall_clock)
    jobs.run_due(limit=50)
    assert [mail["To"].addresses[0].addr_spec for mail in sent_to()] == ["p0@them.example"]
    waiting = Delivery.objects.get(state="waiting")
    assert waiting.next_at == wall_clock + timedelta(hours=11)
    broadcast.refresh_from_db()
    assert broadcast.state == "sending"


def test_an_email_on_each_clock_begins_when_the_first_of_them_shows_the_hour(sent_to) -> None:
    broadcast, now = an_email(1), timezone.now()
    wall_clock = now + timedelta(days=2)
    actions.send_email(broadcast, at=wall_clock, actor=a_user("marketer"), now=now, wall_clock=wall_clock)
    jobs.run_due(limit=50)
    broadcast.refresh_from_db()
    assert (broadcast.state, broadcast.send_at) == ("scheduled", wall_clock - timedelta(hours=14))
    actions.cancel_email(broadcast, actor=a_user("marketer"), now=now)
    broadcast.refresh_from_db()
    assert (broadcast.state, broadcast.wall_clock) == ("draft", None)


def test_an_email_goes_again_to_those_who_had_it_and_did_not_click(sent_to) -> None:
    broadcast, boss, now = an_email(5), a_user("marketer"), timezone.now()
    with pytest.raises(actions.CannotSend):
        actions.copy_for_silent(broadcast, actor=boss, now=now)
    send(broadcast)
    Delivery.objects.filter(contact__email="p0@them.example").update(clicked_at=timezone.now())
    Delivery.objects.filter(contact__email="p3@them.example").update(unsubscribed_at=timezone.now())
    Delivery.objects.filter(contact__email="p4@them.example").update(state="bounced", reason="mailbox")
    again = actions.copy_for_silent(broadcast, actor=boss, now=timezone.now())
    assert actions.copy_for_silent(broadcast, actor=boss, now=timezone.now()).segments.get() == again.segments.get()
    with pytest.raises(actions.CannotSend, match="no subject"):
        send(again)
    Broadcast.objects.filter(pk=again.pk).update(subject="Again")
    send(again)
    people = sorted(mail["To"].addresses[0].addr_spec for mail in sent_to())
    assert people == [f"p{n}@them.example" for n in (0, 1, 1, 2, 2, 3, 4)]
