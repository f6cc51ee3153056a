"""What a return does: to the ledger, the person, the timeline and the journal; each once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from baton.people.consent.models import ConsentTopic
from baton.people.contacts.actions import change_contact
from baton.people.deliveries import tokens
from baton.people.deliveries.gate import may_mail
from baton.people.deliveries.models import Delivery, MailRules, Suppression
from baton.people.preferences.links import unsubscribe_token
from baton.people.returns.actions import receive_mail, tidy_returns
from baton.people.returns.models import Return
from baton.people.returns.policy import Try, is_given_up
from baton.people.returns.tests.conftest import SENDER, a_complaint, a_delivery, a_letter, a_report, message_id_of
from baton.people.timeline.models import TimelineEntry
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from tests.cast import NOW, a_contact, a_user

pytestmark = pytest.mark.django_db
UNKNOWN_USER = "550 5.1.1 user unknown"
LATER = NOW + timedelta(hours=1)


def received(raw: bytes, now=LATER) -> Return:
    return receive_mail(raw, source="pipe", now=now)[0]


def to(delivery: Delivery) -> str:
    return tokens.return_path(delivery.pk, SENDER)


def _delivered(delivery: Delivery) -> bytes:
    return a_report("250 ok", to=to(delivery), action="delivered", status="2.0.0")


def verbs() -> list[str]:
    return list(JournalEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_a_dead_address_is_found_by_the_return_path_and_mailed_no_more() -> None:
    delivery = a_delivery()
    back = received(a_report(UNKNOWN_USER, to=to(delivery), recipient="elsewhere@other.example"))
    delivery.refresh_from_db()
    assert (back.traced_by, back.delivery, back.contact) == ("return_path", delivery, delivery.contact)
    assert (delivery.state, delivery.reason, delivery.returned_at) == ("bounced", "dead_address", LATER)
    topic = ConsentTopic.objects.create(key="news", label="News")
    assert may_mail([delivery.contact_id], topic, NOW) == {delivery.contact_id: "dead"}
    assert not Suppression.objects.filter(address_hash=tokens.address_hash("elsewhere@other.example")).exists()
    assert verbs() == ["delivery.bounced"]
    assert TimelineEntry.objects.get(contact=delivery.contact).title == "Mail came back: There is no such mailbox."


def test_the_same_mail_counts_once() -> None:
    delivery = a_delivery()
    raw = a_report(UNKNOWN_USER, to=to(delivery))
    first = received(raw)
    assert received(b"Received: by another way\n" + raw.replace(b"\n", b"\r\n")) == first
    assert verbs() == ["delivery.bounced"]


@pytest.mark.parametrize("state", ["handed", "delivered", "unknown", "deferred"])
def test_a_bounce_is_the_last_word_whatever_was_said_before(state: str) -> None:
    delivery = a_delivery(state=state)
    received(a_report("452 4.2.2 mailbox full", to=to(delivery), status="4.2.2"))
    assert receive_mail(_delivered(delivery), source="pipe", now=LATER) == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("bounced", "mailbox")


def test_a_bounce_that_overtakes_the_answer_is_kept() -> None:
    delivery = a_delivery(state="claimed", handed_at=None, claim="worker-1")
    received(a_report(UNKNOWN_USER, to=to(delivery)))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.claim) == ("bounced", "")


@pytest.mark.parametrize("state", ["queued", "skipped"])
def test_what_never_went_out_cannot_come_back(state: str) -> None:
    delivery = a_delivery(state=state, handed_at=None, handing_since=None)
    received(a_report("550 rejected", to=to(delivery)))
    delivery.refresh_from_db()
    assert delivery.state == state


def test_a_fault_of_ours_touches_nobody() -> None:
    delivery = a_delivery()
    received(a_report("550 5.7.26 DMARC policy", to=to(delivery)))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("bounced", "sender_refused")
    assert not Suppression.objects.exists()
    assert not TimelineEntry.objects.exists()
    assert JournalEntry.objects.get().facts["verdict"] == "sender_refused"


def test_a_forged_return_path_or_message_id_leads_nowhere() -> None:
    delivery = a_delivery(handed_at=NOW - timedelta(days=60))
    forged = to(delivery).replace("-", "-0")
    copy = f"Message-ID: {message_id_of(delivery).replace('.', '.0', 1)}"
    back = received(a_report(UNKNOWN_USER, to=forged, copy=copy, recipient=delivery.contact.email))
    assert (back.delivery, back.contact) == (None, delivery.contact)
    delivery.refresh_from_db()
    assert delivery.state == "handed"
    assert not Suppression.objects.exists()


def test_a_cut_return_is_found_by_message_id_then_link_then_recipient() -> None:
    first, second, third = a_delivery(), a_delivery(), a_delivery()
    link = unsubscribe_token(second.contact_id, 1, second.pk)
    found = [
        received(a_report(UNKNOWN_USER, copy=f"Message-ID: {message_id_of(first)}")),
        received(a_report(UNKNOWN_USER, copy=f"List-Unsubscribe: <https://baton.example/u/{link}>")),
        received(a_report(UNKNOWN_USER, recipient=third.contact.email.upper())),
    ]
    assert [(one.traced_by, one.delivery) for one in found] == [
        ("message_id", first), ("link", second), ("recipient", third),
    ]  # fmt: skip


def test_an_address_corrected_meanwhile_is_not_condemned() -> None:
    contact = a_contact(email="wrong@customer.example")
    delivery = a_delivery(contact)
    change_contact(contact, {"email": "right@customer.example"}, actor=a_user(), now=LATER)
    received(a_report(UNKNOWN_USER, to=to(delivery)))
    listed = set(Suppression.objects.values_list("address_hash", flat=True))
    assert listed == {tokens.address_hash("wrong@customer.example")}


def test_a_bounce_resolves_what_was_unknown_and_so_do_a_delay_and_a_reply() -> None:
    bounced, delayed, answered = (a_delivery(state="unknown", handed_at=None) for _ in range(3))
    received(a_report(UNKNOWN_USER, to=to(bounced)))
    received(a_report("451 later", to=to(delayed), action="delayed", status="4.0.0"))
    received(a_letter(In_Reply_To=message_id_of(answered)))
    states = list(Delivery.objects.order_by("pk").values_list("state", "reason"))
    assert states == [("bounced", "dead_address"), ("handed", "delayed"), ("delivered", "")]
    assert not Delivery.objects.filter(handed_at=None).exclude(state="bounced").exists()


def test_a_complaint_ends_all_marketing_to_the_person() -> None:
    delivery = a_delivery()
    received(a_complaint(copy=f"Message-ID: {message_id_of(delivery)}"))
    delivery.refresh_from_db()
    assert delivery.state == "complained"
    assert Suppression.objects.get().reason == "complained"
    assert JournalEntry.objects.get().verb == "delivery.complained"
    received(a_report(UNKNOWN_USER, to=to(delivery)))
    delivery.refresh_from_db()
    assert delivery.state == "complained"


def test_a_report_of_failed_authentication_is_kept_and_does_nothing() -> None:
    delivery = a_delivery()
    received(a_complaint(kind="auth-failure", copy=f"Message-ID: {message_id_of(delivery)}"))
    delivery.refresh_from_db()
    assert (delivery.state, Suppression.objects.count(), verbs()) == ("handed", 0, [])


def test_a_reply_goes_to_the_timeline_and_the_journal_and_an_automatic_one_only_to_the_first() -> None:
    delivery = a_delivery()
    mark = message_id_of(delivery)
    received(a_letter("Re: News", "Please call me.", sender=delivery.contact.email, In_Reply_To=mark))
    received(a_letter("Out of office", sender=delivery.contact.email, In_Reply_To=mark))
    entries = TimelineEntry.objects.order_by("pk").values_list("title", "body")
    assert list(entries) == [("Replied: Re: News", "Please call me."), ("Automatic reply: Out of office", "Thank you.")]
    assert verbs() == ["contact.replied"]


def test_a_strangers_mail_is_counted_and_not_kept() -> None:
    back = received(a_letter("Cheap watches", "Buy now", sender="x@spam.example"))
    assert (back.kind, back.excerpt, verbs()) == ("other", "", [])


def test_an_address_that_fails_for_weeks_is_given_up() -> None:
    contact = a_contact()
    for week in range(5):
        sent = NOW + timedelta(days=4 * week)
        delivery = a_delivery(contact, message=week, handed_at=sent)
        received(a_report("452 4.2.2 over quota", to=to(delivery), at=sent), now=sent + timedelta(hours=1))
        assert Suppression.objects.exists() == (week == 4)
    assert Suppression.objects.get().reason == "unreachable"


def test_failures_at_our_own_mail_server_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    contact = a_contact()
    for week in range(5):
        at = NOW + timedelta(days=4 * week)
        a_delivery(contact, message=week, state="bounced", reason="mailbox", handed_at=None, handing_since=at)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=17))
    tidy_returns(Job())
    assert Suppression.objects.get().reason == "unreachable"


def test_a_sign_of_life_between_starts_the_count_anew() -> None:
    failed = [Try(failed_at=NOW + timedelta(days=4 * n)) for n in range(5)]
    assert is_given_up(failed, failures=5, days=14)
    assert not is_given_up(failed, failures=5, days=17)
    assert not is_given_up(failed, failures=0, days=14)
    assert not is_given_up([*failed, Try(arrived_at=NOW + timedelta(days=9))], failures=5, days=14)


def test_a_rule_of_none_gives_up_nobody() -> None:
    MailRules.objects.create(soft_failures=0)
    contact = a_contact()
    for week in range(8):
        delivery = a_delivery(contact, message=week, handed_at=NOW + timedelta(days=7 * week))
        at = NOW + timedelta(days=7 * week)
        received(a_report("452 4.2.2 over quota", to=to(delivery), at=at), now=at)
    assert not Suppression.objects.exists()


def test_old_letters_of_strangers_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    received(a_letter("Cheap watches", sender="x@spam.example"))
    kept = received(a_report(UNKNOWN_USER, to=to(a_delivery())))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=400))
    tidy_returns(Job())
    assert [(one.pk, one.excerpt) for one in Return.objects.all()] == [(kept.pk, "")]
