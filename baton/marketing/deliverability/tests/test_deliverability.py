"""What comes back reaches the marketer: counted by provider, pausing, alerting, deciding about what is unknown."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.deliverability import reads
from baton.marketing.deliverability.actions import count_lately, count_message, decide_unknown
from baton.marketing.deliverability.models import ProviderCount
from baton.marketing.deliverability.rules import faults_that_pause, standing
from baton.marketing.email.actions import go_live, resume_email, take_back
from baton.marketing.email.models import KIND, Broadcast
from baton.marketing.email.tests.conftest import an_email, of_a_journey
from baton.people.consent.models import Consent, ConsentEvidence
from baton.people.contacts.models import Contact
from baton.people.deliveries import tokens
from baton.people.deliveries.models import Delivery
from baton.people.returns.actions import receive_mail
from baton.people.returns.models import Return
from baton.people.returns.tests.conftest import SENDER, a_complaint, a_report, message_id_of
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from baton.platform.notifications.models import Notification
from tests.cast import a_user

pytestmark = pytest.mark.django_db
OURS = "550 5.7.26 DMARC policy of the receiver"


def sent_email(number: int = 3, domain: str = "gmail.com", **fields: Any) -> Broadcast:
    """An email under way whose copies were handed over a moment ago, all to one provider."""
    email = an_email(0, state="sending", filled_at=timezone.now(), **fields)
    people = Contact.objects.bulk_create(Contact(email=f"e{email.pk}p{n}@{domain}") for n in range(number))
    Delivery.objects.bulk_create(
        Delivery(message_kind=KIND, message_id=email.pk, contact=one, state="handed", handed_at=timezone.now())
        for one in people
    )
    return email


def a_live_email(number: int, domain: str = "gmail.com") -> Broadcast:
    """The same, of a journey."""
    email = sent_email(number, domain)
    email.state, email.journey = "live", of_a_journey(0).journey
    email.save()
    Broadcast.objects.filter(journey=email.journey).exclude(pk=email.pk).delete()
    return email


def copies(email: Broadcast) -> list[Delivery]:
    return list(email.message.rows().select_related("contact").order_by("pk"))


def came(raw: bytes) -> Return:
    back = receive_mail(raw, source="pipe", now=timezone.now())[0]
    jobs.run_due()
    return back


def bounced(delivery: Delivery, answer: str) -> Return:
    return came(a_report(answer, to=tokens.return_path(delivery.pk, SENDER), recipient=delivery.contact.email))


def complained(delivery: Delivery) -> Return:
    return came(a_complaint(copy=f"Message-ID: {message_id_of(delivery)}"))


@pytest.mark.parametrize(
    ("complaints", "sent", "where"),
    [(0, 0, "fine"), (1, 0, "fine"), (1, 1251, "fine"), (1, 1250, "warn"), (1, 10, "warn"), (2, 1000, "paused"),
     (2, 1001, "warn"), (20, 10_000, "paused"), (7, 10_000, "fine"), (8, 10_000, "warn")],
)  # fmt: skip
def test_complaints_warn_at_eight_and_pause_at_twenty_of_ten_thousand(complaints: int, sent: int, where: str) -> None:
    assert standing(complaints, sent) == where


def test_a_small_mailing_stops_at_the_first_refusal_of_ours_and_a_large_one_at_twenty() -> None:
    assert [faults_that_pause(sent) for sent in (0, 100, 1000, 1_000_000)] == [1, 1, 10, 20]


def test_a_fault_of_ours_pauses_the_email_and_tells_its_people() -> None:
    owner, manager, other = a_user("marketer"), a_user("marketing_manager"), a_user("rep")
    email = sent_email(owner=owner)
    delivery = copies(email)[0]
    bounced(delivery, OURS)
    email.refresh_from_db()
    assert email.state == "paused"
    assert "authentication" not in email.paused_because
    assert "SPF, DKIM and DMARC" in email.paused_because
    told = Notification.objects.filter(kind="deliverability")
    assert set(told.values_list("user_id", flat=True)) == {owner.pk, manager.pk}
    assert other.pk not in set(told.values_list("user_id", flat=True))
    delivery.contact.refresh_from_db()
    assert not Consent.objects.filter(contact=delivery.contact, state="withdrawn").exists()


def test_a_dead_address_pauses_nothing() -> None:
    email = sent_email()
    bounced(copies(email)[0], "550 5.1.1 user unknown")
    email.refresh_from_db()
    assert (email.state, Notification.objects.count()) == ("sending", 0)


def test_refusals_before_a_person_resumed_do_not_pause_again() -> None:
    email = sent_email(200)
    first, second, third, fourth = copies(email)[:4]
    bounced(first, OURS)
    email.refresh_from_db()
    assert email.state == "sending"
    bounced(second, OURS)
    email.refresh_from_db()
    assert email.state == "paused"
    resume_email(email, actor=a_user("marketer"), now=timezone.now())
    Job.objects.filter(kind="email.send_batch").delete()  # nothing is left to send: it would end the email
    bounced(third, OURS)
    email.refresh_from_db()
    assert email.state == "sending"
    bounced(fourth, OURS)
    email.refresh_from_db()
    assert email.state == "paused"


def test_a_listener_told_twice_does_it_once() -> None:
    email = sent_email(owner=a_user("marketer"))
    bounced(copies(email)[0], OURS)
    entry = JournalEntry.objects.get(verb="delivery.bounced")
    jobs.enqueue("journal.tell", entry_id=entry.pk)
    jobs.run_due()
    assert Notification.objects.count() == 1
    assert JournalEntry.objects.filter(verb="email.paused").count() == 1


def test_a_complaint_withdraws_the_topic_once_and_warns() -> None:
    owner = a_user("marketer")
    email = sent_email(owner=owner)
    delivery = copies(email)[0]
    complained(delivery)
    consent = Consent.objects.get(contact=delivery.contact)
    assert (consent.state, consent.topic) == ("withdrawn", email.topic)
    assert ConsentEvidence.objects.get(contact=delivery.contact).how == "spam complaint"
    assert Notification.objects.get(user=owner).text.startswith("Complaints at Gmail are at 33.33%")
    email.refresh_from_db()
    assert email.state == "sending"


def test_complaints_of_two_in_a_thousand_pause_what_is_being_sent() -> None:
    owner = a_user("marketer")
    email, other = sent_email(3, owner=owner), sent_email(1, "gmx.de", owner=owner)
    scheduled = an_email(0, state="scheduled")
    for delivery in copies(email)[:2]:
        complained(delivery)
    assert list(Broadcast.objects.order_by("pk").values_list("state", flat=True)) == ["paused", "paused", "scheduled"]
    assert "Gmail" in Broadcast.objects.get(pk=other.pk).paused_because
    assert scheduled.pk


def test_complaints_pause_live_emails_of_journeys_too() -> None:
    email, live = sent_email(3), a_live_email(1, "gmx.de")
    for delivery in copies(email)[:2]:
        complained(delivery)
    assert set(Broadcast.objects.values_list("pk", "state")) == {(email.pk, "paused"), (live.pk, "paused")}


def test_a_journeys_email_is_paused_for_the_refusals_of_the_last_days_alone() -> None:
    live = a_live_email(101)
    Delivery.objects.filter(message_id=live.pk).update(handed_at=timezone.now() - timedelta(days=3))
    first, second, third, fourth = copies(live)[:4]
    bounced(first, OURS)
    Return.objects.update(received_at=timezone.now() - timedelta(days=40))
    bounced(second, OURS)
    live.refresh_from_db()
    assert live.state == "live"
    bounced(third, OURS)
    live.refresh_from_db()
    assert live.state == "paused"
    take_back(live, actor=a_user("marketer"), now=timezone.now())
    go_live(live, actor=a_user("marketer"), now=timezone.now())
    bounced(fourth, OURS)
    live.refresh_from_db()
    assert live.state == "live"


def test_a_journeys_email_is_counted_when_something_of_it_was_tried() -> None:
    live, quiet = a_live_email(1), a_live_email(1)
    old = timezone.now() - timedelta(days=60)
    Broadcast.objects.update(started_at=old, filled_at=old)
    quiet.message.rows().update(handed_at=old)
    count_lately(Job())
    assert list(ProviderCount.objects.values_list("message_id", flat=True)) == [live.pk]
    failed = {"state": "bounced", "handed_at": None, "handing_since": timezone.now()}
    quiet.message.rows().update(**failed, reason="dead_address")
    count_lately(Job())
    assert ProviderCount.objects.get(message_id=quiet.pk).dead_address == 1


def test_the_ledger_is_counted_by_provider_and_day() -> None:
    email = sent_email(4, "hotmail.fr")
    rows = copies(email)
    Delivery.objects.filter(pk=rows[0].pk).update(attempts=2)
    Delivery.objects.filter(pk=rows[1].pk).update(
        state="bounced", reason="dead_address", handed_at=None, handing_since=timezone.now()
    )
    bounced(rows[2], "452 4.2.2 over quota")
    yesterday = timezone.now() - timedelta(days=1)
    Delivery.objects.filter(pk=rows[3].pk).update(state="unknown", handed_at=None, handing_since=yesterday)
    Delivery.objects.create(message_kind=KIND, message_id=email.pk, state="queued")
    count_message(email.message, now=timezone.now())
    count_message(email.message, now=timezone.now())
    told = list(ProviderCount.objects.order_by("-day").values_list("day", "provider", *reads.COLUMNS))
    today = timezone.now().date()
    assert told == [
        (today, "outlook", 2, 1, 0, 1, 1, 0, 0, 0),
        (today - timedelta(days=1), "outlook", 0, 0, 1, 0, 0, 0, 0, 0),
    ]
    assert isinstance(told[0][0], date)


def test_the_job_counts_what_is_under_way_and_what_something_came_back_for() -> None:
    under_way, done = sent_email(1), sent_email(1, "web.de")
    old = timezone.now() - timedelta(days=30)
    Broadcast.objects.filter(pk=done.pk).update(state="sent", started_at=old, ended_at=old)
    count_lately(Job())
    assert set(ProviderCount.objects.values_list("message_id", flat=True)) == {under_way.pk, done.pk}
    ProviderCount.objects.filter(message_id=done.pk).update(sent=99)
    count_lately(Job())
    assert ProviderCount.objects.get(message_id=done.pk).sent == 99
    bounced(copies(done)[0], "550 5.1.1 user unknown")
    count_lately(Job())
    assert ProviderCount.objects.get(message_id=done.pk).sent == 1


def test_an_unknown_copy_is_sent_again_or_left_by_a_persons_decision() -> None:
    email = sent_email(2)
    again, leave = copies(email)
    Broadcast.objects.filter(pk=email.pk).update(state="sent", ended_at=timezone.now())
    email.message.rows().update(state="unknown", handed_at=None)
    marketer = a_user("marketer")
    client = Client()
    client.force_login(marketer)
    assert client.post("/deliverability/unknown/", {"ids": [again.pk], "decision": "again"}).status_code == 302
    assert client.post("/deliverability/unknown/", {"ids": [leave.pk], "decision": "leave"}).status_code == 302
    states = list(email.message.rows().order_by("pk").values_list("state", "reason"))
    assert states == [("queued", ""), ("unknown", "left")]
    email.refresh_from_db()
    assert (email.state, email.ended_at) == ("sending", None)
    assert Job.objects.filter(kind="email.send_batch", payload__email_id=email.pk).count() == 1
    assert reads.unknown_rows(marketer) == []
    entry = JournalEntry.objects.get(verb="email.unknown_sent_again")
    assert (entry.actor, entry.facts["deliveries"]) == (marketer, [again.pk])


def test_what_has_been_resolved_meanwhile_is_not_sent_again() -> None:
    email = sent_email(1)
    (delivery,) = copies(email)
    said = decide_unknown([delivery.pk], again=True, actor=a_user("marketer"), now=timezone.now())
    assert said == "0 copies are sent again."
    assert copies(email)[0].state == "handed"


def test_the_pages_say_why_and_what_to_do(django_assert_max_num_queries: Any) -> None:
    email = sent_email(6)
    first, second, third, *_rest = copies(email)
    back = bounced(first, "550 5.1.1 user unknown")
    bounced(second, OURS)
    complained(third)
    count_message(email.message, now=timezone.now())
    client = Client()
    client.force_login(a_user("marketer"))
    with django_assert_max_num_queries(20):
        page = client.get("/deliverability/").content.decode()
    assert "Gmail" in page
    assert "We are refused here." in page
    with django_assert_max_num_queries(20):
        listed = client.get("/deliverability/returns/").content.decode()
    assert "There is no such mailbox." in listed
    assert first.contact.get_absolute_url() in listed
    only = client.get("/deliverability/returns/?kind=complaint").content.decode()
    assert "There is no such mailbox." not in only
    assert "The person marked it as spam." in only
    one = client.get(f"/deliverability/returns/{back.pk}/").content.decode()
    assert "550 5.1.1 user unknown" in one
    assert "our return path" in one


def test_where_complaints_stand_is_the_last_weeks_whatever_time_is_shown() -> None:
    now = timezone.now()
    values = {"message_kind": KIND, "message_id": 1, "provider": "yahoo", "counted_at": now}
    ProviderCount.objects.create(day=now.date() - timedelta(days=20), sent=1000, complained=50, **values)
    ProviderCount.objects.create(day=now.date(), sent=1000, complained=1, **values)
    (row,) = reads.provider_rows(now, 30)
    assert (row.fared.complained, row.standing) == (51, "warn")


def test_the_list_goes_on_where_the_page_ended() -> None:
    email = sent_email(reads.PAGE + 3)
    for delivery in copies(email):
        receive_mail(
            a_report("452 4.2.2 over quota", to=tokens.return_path(delivery.pk, SENDER)),
            source="pipe",
            now=timezone.now(),
        )
    user = a_user("marketer")
    first = reads.returns_page(user, {})
    before = first["next"].rpartition("before=")[2]
    second = reads.returns_page(user, {"before": before})
    seen = [row["back"].pk for row in first["rows"] + second["rows"]]
    assert len(seen) == len(set(seen)) == reads.PAGE + 3
    assert second["next"] == ""
